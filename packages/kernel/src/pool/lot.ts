/**
 * Owns a lot: the credits of one grant, and the one series that says how much of its cost is recognised.
 *
 * K2 granted = available + held + consumed + expired + revoked + moved, each >= 0.
 * K8 posted money = R1(cost * gone / granted) where gone = consumed + expired + revoked + moved; deferred = cost - posted.
 */
import { assert } from "../bug.ts";
import { type Credits, type Money, credits, money, noCredits, noMoney } from "../amount.ts";
import type { Instant } from "../instant.ts";
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
  /** Money recognised so far, by the exit that it was recognised with. */
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
}

/** A lot with all that it was granted. Restricted to nothing; pending until it is effective. */
export function newLot(
  lot: Pick<
    Lot,
    "id" | "source" | "priority" | "granted" | "cost" | "grantedAt" | "effectiveAt" | "expiresAt"
  > &
    Partial<Pick<Lot, "appliesTo" | "reference">>,
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

/** A movement of credits inside one lot, with the money that moves with them: out of `from`'s account, into `to`'s. */
export interface Transfer {
  readonly lot: string;
  readonly from: LotPart;
  readonly to: LotPart;
  readonly credits: Credits;
  readonly money: Money;
  /** The settlement whose debt these credits pay, where they do (RULES 12). */
  readonly debt?: string;
}

/** Whether a part is an exit. */
export const isExit = (part: LotPart): part is Exit => part !== "available" && part !== "held";

/** Credits that have left the lot. */
export const gone = (lot: Lot): bigint => lot.consumed + lot.moved + lot.revoked + lot.expired;

/** R1(cost * gone / granted): what is recognised when that much is gone. */
export const recognisedAt = (lot: Lot, goneCredits: bigint): bigint =>
  half(lot.cost * goneCredits, lot.granted);

/** Money not yet recognised: the contract liability that this lot still is. */
export const deferred = (lot: Lot): bigint => lot.cost - recognised(lot);

/** Money recognised so far. */
export const recognised = (lot: Lot): bigint =>
  lot.posted.consumed + lot.posted.moved + lot.posted.revoked + lot.posted.expired;

/** A lot that its holder alone sees, and may change until it gives it away. */
export type LotDraft = { -readonly [Field in keyof Lot]: Lot[Field] };

/** Carries a transfer out on a lot; throws `Bug` when a part would fall below zero. */
export function carryOut(
  lot: LotDraft,
  { from, to, credits: amount, money: moved }: Transfer,
): void {
  lot[from] = credits(lot[from] - amount);
  lot[to] = credits(lot[to] + amount);
  if (moved === 0n) return;
  const posted = { ...lot.posted };
  if (isExit(from)) posted[from] = money(posted[from] - moved);
  if (isExit(to)) posted[to] = money(posted[to] + moved);
  lot.posted = posted;
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
  if (lot.cost === 0n && recognised(lot) === 0n) return;
  const isRightlyPosted = recognised(lot) === recognisedAt(lot, gone(lot));
  assert(isRightlyPosted, `K8 lot ${lot.id} has recognised its cost by what is gone`);
}
