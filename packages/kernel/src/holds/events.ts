/** Owns the facts of calls: holds from their opening to their end, usage reported after the fact, and what was refunded. */
import type { AllowanceMove } from "../allowances/terms.ts";
import type { Credits } from "../amount.ts";
import type { BilledUsage, PinnedLine } from "../billed/terms.ts";
import type { PoolFact } from "../fact.ts";
import type { Drawn } from "../fairness/events.ts";
import type { Charge, Counted, Hold, Leg, PurseMove } from "./hold.ts";
import type { PastSaid } from "./past.ts";
import type { Instant, Interval } from "../instant.ts";
import type { Line } from "../invoices/line.ts";
import type { Count, RateCharge } from "../limits/limit.ts";
import type { Member, Path } from "../members/member.ts";
import type { Clawed } from "../pool/clawing.ts";
import type { Lot } from "../pool/lot.ts";
import type { ActionCount, Run, RunCount, RunRef } from "../runs/run.ts";
import type { Outcome } from "../rating/outcome.ts";
import type { Provenance } from "../rating/provenance.ts";
import type { Price, Usage } from "../rating/tariff.ts";
import type { VendorCost } from "../rating/vendor-cost.ts";

/** A hold, with its legs; the counts and rates that its approval charged. */
export interface HoldOpened extends PoolFact<"hold.opened">, PastSaid {
  readonly hold: string;
  /** The run that opens with it, whose purse it is; left out of calls. */
  readonly opens?: Run;
  /** What of it was prepaid: no lot, cap or share gave it now. Left out where the pool was asked. */
  readonly fromPurse?: PurseMove;
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly price: Price | null;
  readonly estimate: Usage | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly credits: Credits;
  readonly legs: readonly Leg[];
  readonly overage: Credits;
  /** The line that `overage` would be billed on; left out where it would be owed, and where there is none. */
  readonly billing?: PinnedLine;
  readonly expiresAt: Instant;
  readonly counts: readonly Count[];
  /** Counted in its runs; left out where it is in none, or none that memory still has. */
  readonly runCounts?: readonly RunCount[];
  readonly rates: readonly RateCharge[];
  /** Set aside of allowances; left out where none is for it. */
  readonly units?: readonly AllowanceMove[];
  /** The runs that it counts in, near ones first; left out where it is in none. */
  readonly runs?: readonly RunRef[];
  /** What it does, and how often its run has done so; left out where nobody counts that. */
  readonly action?: ActionCount;
  /** What it drew of shares of the pool; left out where it is not shared. */
  readonly drawn?: Drawn;
  /** Set when the member was seen for the first time. */
  readonly guest: Member | null;
}

/** More credits, more time, or both. */
export interface HoldExtended extends PoolFact<"hold.extended">, PastSaid {
  readonly hold: string;
  /** The run that is raised with it, whose purse it is; left out of calls. */
  readonly raises?: { readonly run: Run; readonly restarts: boolean };
  /** What of this was prepaid; left out where the pool was asked. */
  readonly fromPurse?: PurseMove;
  readonly path: Path;
  readonly credits: Credits;
  readonly legs: readonly Leg[];
  readonly overage: Credits;
  /** The line that `overage` would be billed on; left out where it would be owed, and where there is none. */
  readonly billing?: PinnedLine;
  readonly expiresAt: Instant;
  readonly counts: readonly Count[];
  /** Counted in its runs; left out where it is in none, or none that memory still has. */
  readonly runCounts?: readonly RunCount[];
  readonly rates: readonly RateCharge[];
  /** What this drew of shares of the pool; left out where it is not shared. */
  readonly drawn?: Drawn;
  /** All that the hold has set aside, with this. */
  readonly whole: {
    readonly credits: Credits;
    readonly legs: readonly Leg[];
    readonly overage: Credits;
  };
}

/** What every settlement, by hold or debit, says. */
interface Settling extends PastSaid, Provenance {
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly price: Price | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly usage: Usage | null;
  /** Charged by this event: lots + debt + billed. */
  readonly charged: Credits;
  /** By lot, in the order taken. */
  readonly charges: readonly Charge[];
  readonly debt: Credits;
  /** What no lot paid, in money; left out where there is none. */
  readonly billed?: BilledUsage;
  readonly counts: readonly Count[];
  /** Counted in its runs; left out where it is in none, or none that memory still has. */
  readonly runCounts?: readonly RunCount[];
  /** The runs that it counts in, near ones first; left out where it is in none. */
  readonly runs?: readonly RunRef[];
  /** What it used of allowances, and gave back to them; left out where there is nothing of either. */
  readonly units?: readonly AllowanceMove[];
  /** What it drew of shares of the pool beyond what was held; left out where it drew nothing, and where the pool is not shared. */
  readonly drawn?: Drawn;
  /** What the usage cost the vendor, where that is known; it has no part in `charged`. Left out in events that are older than it. */
  readonly cost?: VendorCost | null;
  /** The usage could not be rated, so what the hold had left was charged (RULES 19). In events of before that said so of a model without a row, the hold's own price was taken. */
  readonly isUnrated: boolean;
}

/** Usage of a hold, in part (`isFinal: false`) or whole. */
export interface HoldSettled extends PoolFact<"hold.settled">, Settling, Returning {
  readonly hold: string;
  /** Where the call was re-routed: the model that was held for; `model` is the one that answered. Left out in all others. */
  readonly heldModel?: string | null;
  readonly isFinal: boolean;
  /** As the caller said it. Left out in events that are older than outcomes. */
  readonly outcome?: Outcome | null;
  /** The hold had expired. */
  readonly isLate: boolean;
  /** Of what its run prepaid, what was used beyond the hold; left out where nothing was. */
  readonly fromPurse?: PurseMove;
  /** Of `returned`, what is prepaid still; left out where it returned to the pool. */
  readonly toPurse?: PurseMove;
  /** Credits of the hold that this settlement gave back, overage permission included. */
  readonly returned: Credits;
  /** Beyond the hold and not charged, by the workspace's choice (`cap_at_hold`). */
  readonly loss: Credits;
  /** Legs and overage permission that are still set aside after this. */
  readonly legs: readonly Leg[];
  readonly overage: Credits;
  readonly authorizedAt: Instant;
  /** All that the hold was charged, with this. */
  readonly chargedInTotal: Credits;
  readonly fingerprint: string | null;
  /** The hold as it was, where it had to be read from the journal again. */
  readonly recalled: Hold | null;
}

/** The caller gave the hold up. */
export interface HoldReleased extends PoolFact<"hold.released">, Returning, PastSaid {
  readonly hold: string;
  readonly path: Path;
  readonly returned: Credits;
  /** Of that, what is prepaid still; left out where it returned to the pool. */
  readonly toPurse?: PurseMove;
  readonly counts: readonly Count[];
  /** Counted in its runs; left out where it is in none, or none that memory still has. */
  readonly runCounts?: readonly RunCount[];
  /** Given back to allowances; left out where nothing was. */
  readonly units?: readonly AllowanceMove[];
  readonly fingerprint: string | null;
}

/** One hold that ran out of time; only what was not consumed returns. */
export interface ExpiredHold extends PastSaid {
  readonly hold: string;
  readonly member: string;
  readonly expiredAt: Instant;
  readonly returned: Credits;
  /** Of that, what is prepaid still; left out where it returned to the pool. */
  readonly toPurse?: PurseMove;
  readonly counts: readonly Count[];
  /** Counted in its runs; left out where it is in none, or none that memory still has. */
  readonly runCounts?: readonly RunCount[];
  /** Given back to allowances; left out where nothing was. */
  readonly units?: readonly AllowanceMove[];
}

/** Holds that ran out of time, at most 512 in one event (RULES 11). */
export interface HoldsExpired extends PoolFact<"hold.expired">, Returning {
  readonly holds: readonly ExpiredHold[];
}

/** Usage that was reported after the fact. */
export interface UsageDebited extends PoolFact<"usage.debited">, Settling {
  readonly debit: string;
  readonly occurredAt: Instant;
  /** Of a level: while it was there. Left out of all else. */
  readonly over?: Interval;
  /** Of a level that was told before for a part of that time: the rest, which alone is charged. Left out where all of it is. */
  readonly fresh?: readonly Interval[];
  /** It is priced by the card that was in force when it happened, and another one is in force now. Left out of all else. */
  readonly isPricedThen?: true;
  /** Of usage of a trial: what no lot of that time paid, and nobody will. Left out where there is none. */
  readonly loss?: Credits;
  readonly counted: readonly Counted[];
  readonly guest: Member | null;
}

/** Credits of a settlement returned to where they came from (RULES 13). */
export interface UsageRefunded extends PoolFact<"usage.refunded">, Returning, PastSaid {
  readonly refund: string;
  readonly of: string;
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly credits: Credits;
  readonly reason: string | null;
  /** Outstanding debt that the refund cancelled. */
  readonly debt: Credits;
  /** Taken off the bill; left out where nothing was billed. */
  readonly billed?: BilledUsage;
  /** Credits that went back, last consumed first; `index` is the charge's place in the settlement. */
  readonly charges: readonly {
    readonly index: number;
    readonly lot: string;
    readonly credits: Credits;
  }[];
  /** Lots made for credits whose own lot is over. */
  readonly lots: readonly Lot[];
  readonly counts: readonly Count[];
  /** Counted in its runs; left out where it is in none, or none that memory still has. */
  readonly runCounts?: readonly RunCount[];
  /** Given back to allowances: it was refunded whole. Left out where nothing was. */
  readonly units?: readonly AllowanceMove[];
  readonly refundedInTotal: Credits;
  readonly recalled: Hold | null;
}

/** Facts by which held credits return. */
interface Returning {
  /** Left out where nothing is. */
  readonly clawedBack?: ClawedBack;
}

/** What is taken, and credited, of credits that returned and that a change of plan would have taken had they not been held (RULES 15). */
export interface ClawedBack extends Clawed {
  readonly lines: readonly Line[];
}
