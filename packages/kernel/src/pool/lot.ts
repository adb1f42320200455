/**
 * Owns a lot: the credits of one grant, and how much of its cost has left it.
 *
 * K2 granted = available + held + consumed + expired + revoked + moved, each >= 0.
 * K8 posted money is the series of the lot (`finance.ts`) at what is gone = consumed + expired + revoked + moved; deferred =
 * cost - posted, 0 when nothing is left. So recognised + deferred + repaid + moved + escheated + charged back (+ what a
 * modification took) = cost.
 */
import { assert } from "../bug.ts";
import { type Credits, type Money, credits, money, noCredits, noMoney } from "../amount.ts";
import type { Instant } from "../instant.ts";
import {
  type AwayAccount,
  type LotBase,
  type LotFinance,
  givenBack,
  plainFinance,
  recognisedAt,
} from "./finance.ts";
import { half } from "../rounding.ts";

/** Where a lot's credits can be. */
export type LotPart = "available" | "held" | "consumed" | "moved" | "revoked" | "expired";

/** Parts that credits do not come back from by themselves. The order is the one in which R3 splits (RULES 14). */
export const exits = ["consumed", "moved", "revoked", "expired"] as const;
/** A part that credits leave the lot by. */
export type Exit = (typeof exits)[number];

/** Why a lot exists. */
export type GrantSource = "purchase" | "plan" | "promotion" | "adjustment" | "rollover";

/** Usage that a restricted grant may pay; all that are given must match (RULES 33). */
export interface Restriction {
  readonly meters?: readonly string[];
  readonly groups?: readonly string[];
  readonly members?: readonly string[];
}

/** The credits of one grant. */
export interface Lot {
  readonly id: string;
  readonly source: GrantSource;
  /** Lower burns first. */
  readonly priority: number;
  readonly granted: Credits;
  readonly available: Credits;
  readonly held: Credits;
  readonly consumed: Credits;
  readonly expired: Credits;
  readonly revoked: Credits;
  readonly moved: Credits;
  /** Total cost of all that was granted, never a unit price. */
  readonly cost: Money;
  /** Of a plan's credits that carry no money of their own (ratable), or took such ones over: what of the price of the plan is for them, should time be given back (RULES 15). Left out: their cost. */
  readonly worth?: Money;
  /** Money that has left it so far, by the exit that it left with. */
  readonly posted: Readonly<Record<Exit, Money>>;
  readonly grantedAt: Instant;
  readonly effectiveAt: Instant;
  /** First instant at which the lot is over; null for never. */
  readonly expiresAt: Instant | null;
  readonly appliesTo: Restriction | null;
  /** `ended` lots keep their fate: what returns to them meets it (RULES 9). */
  readonly phase: "pending" | "live" | "expired" | "revoked";
  /** Credits of a partial revoke that were held at that time: the next returns pay it. */
  readonly owedRevoke: Credits;
  /** The vendor's own words, such as an order number. */
  readonly reference: string | null;
  /** Left out where nothing is particular about its money. */
  readonly finance?: LotFinance;
  /** Sold on an invoice: one of ours (its id, which is known before it is drafted), or (null) one that somebody else wrote. Left out: paid when it was sold, or never. */
  readonly invoiced?: { readonly invoice: string | null };
  /** What of its held credits goes on into the next period when it returns (RULES 9); left out where nothing does. */
  readonly rollover?: LotRollover;
}

/** What a lot still owes to a rollover. */
export interface LotRollover {
  readonly quota: Credits;
  /** Of the credits that go on. */
  readonly expiresAt: Instant;
  /** Lots that were made of such returns so far. */
  readonly made: number;
}

/** A lot with all that it was granted. Restricted to nothing; pending until it is effective. */
export function newLot(
  lot: Pick<
    Lot,
    "id" | "source" | "priority" | "granted" | "cost" | "grantedAt" | "effectiveAt" | "expiresAt"
  > &
    Partial<Pick<Lot, "appliesTo" | "reference" | "finance" | "invoiced" | "worth">>,
): Lot {
  return {
    appliesTo: null,
    reference: null,
    ...lot,
    available: lot.granted,
    held: noCredits,
    consumed: noCredits,
    expired: noCredits,
    revoked: noCredits,
    moved: noCredits,
    posted: { consumed: noMoney, moved: noMoney, revoked: noMoney, expired: noMoney },
    phase: lot.effectiveAt > lot.grantedAt ? "pending" : "live",
    owedRevoke: noCredits,
  };
}

/** What all of its credits are worth to who gives time back that was paid for with them (RULES 15). */
export const worthOf = ({ cost, worth }: Pick<Lot, "cost" | "worth">): Money => worth ?? cost;

/** Of that, what went along with credits that were moved to another lot. */
export const movedWorth = ({ worth, moved, granted, posted }: Lot): bigint =>
  worth === undefined ? posted.moved : half(worth * moved, granted);

/** As a lot says it. */
export const worthOn = (worth: Money): Pick<Lot, "worth"> => (worth === 0n ? {} : { worth });

/** How another lot was sold, for one that takes its credits over. */
export const invoicedAs = (lot: Pick<Lot, "invoiced"> | undefined): Pick<Lot, "invoiced"> =>
  lot?.invoiced === undefined ? {} : { invoiced: lot.invoiced };

/** A movement of credits inside one lot, with the money that moves with them: out of `from`'s account, into `to`'s. */
export interface Transfer {
  readonly lot: string;
  readonly from: LotPart;
  readonly to: LotPart;
  readonly credits: Credits;
  readonly money: Money;
  /** The settlement whose debt these credits pay, where they do (RULES 12). */
  readonly debt?: string;
  /** The account that the money goes to, where it is not that of `to`. */
  readonly into?: AwayAccount;
  /** The account that the money comes back from, where it is not that of `from`. */
  readonly outOf?: AwayAccount;
  /** Of the money of consumed credits, what is breakage rather than usage. */
  readonly breakage?: Money;
  /** The lot's series runs anew from here, over what this leaves of credits and money (RULES 14). */
  readonly rebases?: true;
}

/** Whether a part is an exit. */
export const isExit = (part: LotPart): part is Exit => part !== "available" && part !== "held";

/** Credits that have left the lot. */
export const gone = (lot: Lot): bigint => lot.consumed + lot.moved + lot.revoked + lot.expired;

/** Money that has left a lot so far, by whichever exit. */
export const postedOf = ({ posted }: Lot): bigint =>
  posted.consumed + posted.moved + posted.revoked + posted.expired;

/** Money that has not left the lot: the contract liability that it still is. */
export const deferred = (lot: Lot): bigint => lot.cost - postedOf(lot);

/** Revenue of a lot so far: what has left it neither for another lot nor for who else may have its money. */
export function recognised(lot: Lot): bigint {
  const { Cash, Chargebacks, UnclaimedProperty, CustomerBalance } = financeOf(lot).away;
  return (
    postedOf(lot) - lot.posted.moved - Cash - Chargebacks - UnclaimedProperty - CustomerBalance
  );
}

/** A lot that its holder alone sees, and may change until it gives it away. */
export type LotDraft = { -readonly [Field in keyof Lot]: Lot[Field] };

/** Carries a transfer out on a lot; throws `Bug` when a part would fall below zero. */
export function carryOut(lot: LotDraft, transfer: Transfer): void {
  const { from, to, credits: amount, money: moved } = transfer;
  lot[from] = credits(lot[from] - amount);
  lot[to] = credits(lot[to] + amount);
  if (moved !== 0n) {
    const posted = { ...lot.posted };
    if (isExit(from)) posted[from] = money(posted[from] - moved);
    if (isExit(to)) posted[to] = money(posted[to] + moved);
    lot.posted = posted;
  }
  if (transfer.into !== undefined) lot.finance = takenAway(lot, transfer.into, moved);
  if (transfer.outOf !== undefined) lot.finance = takenAway(lot, transfer.outOf, -moved);
  if (transfer.rebases === true) lot.finance = { ...financeOf(lot), base: baseOf(lot) };
}

/** What is particular about a lot's money. */
export const financeOf = ({ finance }: Lot): LotFinance => finance ?? plainFinance;

function takenAway(lot: Lot, account: AwayAccount, amount: bigint): LotFinance {
  const finance = financeOf(lot);
  return {
    ...finance,
    away: { ...finance.away, [account]: money(finance.away[account] + amount) },
  };
}

/** With nothing left there is nothing to run anew. */
function baseOf(lot: Lot): LotBase | null {
  const left = lot.available + lot.held;
  if (left === 0n) return financeOf(lot).base;
  return {
    credits: credits(left),
    money: money(deferred(lot)),
    gone: credits(gone(lot)),
    consumed: lot.consumed,
    posted: money(postedOf(lot)),
    used: lot.posted.consumed,
  };
}

/** The lot after a transfer. */
export function afterTransfer(lot: Lot, transfer: Transfer): Lot {
  const after: LotDraft = { ...lot };
  carryOut(after, transfer);
  return after;
}

/** Asserts K2 and K8 on one lot. */
export function checkLot(lot: Lot): void {
  assert(
    lot.granted === lot.available + lot.held + gone(lot),
    `K2 lot ${lot.id} adds up to what was granted`,
  );
  const posted = postedOf(lot);
  if (lot.cost === 0n && posted === 0n) return;
  // Credits that change their exit carry their money: with expected breakage the series meets it at the next exit.
  const isRightlyPosted =
    (lot.finance?.breakage ?? null) === null
      ? posted === recognisedAt(lot, gone(lot), lot.consumed)
      : posted <= lot.cost;
  assert(isRightlyPosted, `K8 lot ${lot.id} has posted its cost by what is gone`);
  if (lot.finance === undefined) return;
  const isEmpty = lot.available === 0n && lot.held === 0n;
  assert(!isEmpty || posted === lot.cost, `K8 lot ${lot.id} with nothing left defers nothing`);
  // A change of plan may have given it money that was paid for access. Goodwill was measured when it was given (`repay.ts`): a
  // later change may take that money out again, and owes all the time that is left, goodwill or not (RULES 15).
  const { away, goodwill, taxReturned, tax } = lot.finance;
  const paid = away.CustomerBalance < 0n ? lot.cost - away.CustomerBalance : lot.cost;
  assert(
    givenBack(lot.finance) - goodwill <= paid && taxReturned <= tax,
    `K8 no more of lot ${lot.id} is given back than was paid`,
  );
}
