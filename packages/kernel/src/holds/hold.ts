import type { AllowancePart } from "../allowances/terms.ts";
import type { Credits, Money } from "../amount.ts";
import type { PinnedLine } from "../billed/terms.ts";
import type { Drawn } from "../fairness/events.ts";
import type { Instant, Interval } from "../instant.ts";
import type { Count } from "../limits/limit.ts";
import type { Path } from "../members/member.ts";
import type { RunRef } from "../runs/run.ts";
import type { Price, Usage } from "../rating/tariff.ts";

/** Credits that a hold keeps on one lot. */
export interface Leg {
  readonly lot: string;
  /** Still set aside; of an expired hold: what it returned. */
  readonly credits: Credits;
}

/** Credits that a settlement took from one lot, in the order in which they were taken. */
export interface Charge {
  readonly lot: string;
  readonly credits: Credits;
  /** Money recognised with them. */
  readonly money: Money;
  readonly refunded: Credits;
}

/** Credits counted in windows at one authorization: at the opening, then one for each extension. */
export interface Counted {
  readonly credits: Credits;
  /** As they were counted then; `credits` above says what has become of it. */
  readonly windows: readonly Count[];
}

/** What a hold takes past the pool, where ceilings on overage count it. */
export interface Past {
  /** Owed and billed, less what refunds took off that. */
  readonly charged: Credits;
  readonly counted: readonly Counted[];
}

/** The purse of a prepaid run. What it has was pinned since `openedAt`. */
export interface PurseRef {
  readonly id: string;
  readonly openedAt: Instant;
}

/** What goes from a purse to a call, or back to it; what it counts in windows goes with it. */
export interface PurseMove {
  readonly purse: PurseRef;
  readonly legs: readonly Leg[];
  /** Permission to go past the pool, and the line that it would be billed on. */
  readonly overage: Credits;
  readonly billing?: PinnedLine;
  /** Parcels of what it counts: caps neither count it again nor give it back. */
  readonly counted: readonly Counted[];
  /** The same of ceilings on overage; left out where none counts it. */
  readonly past?: readonly Counted[];
  /** What the call and its purse have drawn of shares, after it; left out where the pool was not shared. */
  readonly drawn?: { readonly call?: Drawn; readonly purse?: Drawn };
}

/** Where an event stands in its workspace's journal. */
export interface Position {
  readonly seq: number;
  readonly index: number;
}

/** A place in the journal and the request that led to it, kept where a default key needs no row of its own (RULES 20). */
export interface Closing {
  readonly verb: "settle" | "release";
  readonly position: Position;
  /** The request's fingerprint when it came under its default key; null when it had a key of its own. */
  readonly fingerprint: string | null;
}

/**
 * Credits set aside for one call, or (`kind: "debit"`) usage that was reported after the fact and is settled from the
 * start, or (`kind: "purse"`) what is left of a prepaid run. K13 charged - refunded = lots, less what went back to them, + owed + billed, less what was taken off the bill.
 */
export interface Hold {
  readonly id: string;
  readonly kind: "hold" | "debit" | "purse";
  readonly status: "open" | "settled" | "released" | "expired";
  /** Fixed at authorization (RULES 3). */
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  /** Fixed at authorization (RULES 19); null when the call asked for credits. */
  readonly price: Price | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  /** Authorized in total, with extensions and the overage leg. */
  readonly authorized: Credits;
  /** The runs that it counts in, near ones first; left out where it is in none. */
  readonly runs?: readonly RunRef[];
  /** Of a call that was taken from what its run prepaid: where that comes from, and returns to. Left out of all else. */
  readonly purse?: PurseRef;
  /** In burn order of the moment at which they were pinned. */
  readonly legs: readonly Leg[];
  /** Permission to go past the pool that is not used yet. */
  readonly overage: Credits;
  /** Where that would be billed: on which line. Left out where it would be owed, and where there is none. */
  readonly billing?: PinnedLine;
  readonly charged: Credits;
  readonly charges: readonly Charge[];
  readonly refunded: Credits;
  /** Of what was charged, still owed: it stays in memory until that is paid or cancelled. */
  readonly owed: Credits;
  /** Of what was charged, billed in money; left out where nothing was. `refunded` is part of the refunds above. */
  readonly billed?: { readonly key: string; readonly credits: Credits; readonly refunded: Credits };
  /** Of a level: for which times it was charged. Left out of all else. */
  readonly times?: readonly Interval[];
  /** What it has of allowances; left out where it takes part in none. */
  readonly units?: readonly AllowancePart[];
  /** What it drew of shares of the pool, and in which period it counts; left out where the pool was not shared. */
  readonly drawn?: Drawn;
  /** Vendor's loss under `cap_at_hold`. */
  readonly loss: Credits;
  /** Usage reported by partial settles so far, where any was. */
  readonly usage: Usage | null;
  readonly counted: readonly Counted[];
  /** Left out where no ceiling counts it. */
  readonly past?: Past;
  readonly openedAt: Instant;
  readonly expiresAt: Instant;
  /** When it left `open`. */
  readonly endedAt: Instant | null;
  /** When it was last touched, which is what its stay in memory counts from. */
  readonly touchedAt: Instant;
  readonly closing: Closing | null;
}
