/**
 * Owns what a change of plan would have taken, had it not been held (RULES 15): it is taken when it returns, and credited then.
 *
 * C1 the credit of a return is the difference of one series over all that has returned: the prorated price less
 * R1(cost * what is still missing / granted), never below 0. So what is credited in all depends on how much returned, and not on
 * the order. C2 a return is of a hold that was open at the change, to one of the plan's lots of then. C3 no more returns than
 * was held, nor than the change lacked.
 */
import { type Credits, type Money, beyond, credits, least, money, noCredits } from "../amount.ts";
import type { Hold } from "../holds/hold.ts";
import type { Instant } from "../instant.ts";
import { half } from "../rounding.ts";
import type { Lot } from "./lot.ts";

/** A claim on credits that calls in flight held when a plan was changed. */
export interface Clawback {
  readonly id: string;
  readonly subscription: string;
  /** The plan whose credits they are. */
  readonly plan: string;
  /** When its period began, and when it was changed. */
  readonly since: Instant;
  readonly at: Instant;
  /** What the change was worth, prorated, before anything was missing; 0 where it gave no money back. */
  readonly price: Money;
  /** Of all lots of the plan then; what they are worth, where they carry no money of their own. */
  readonly cost: Money;
  readonly granted: Credits;
  /** These lots. */
  readonly lots: readonly string[];
  /** Credits that the change should have taken and could not. */
  readonly missing: Credits;
  /** Of these, what was held: taken when it returns. */
  readonly owed: Credits;
  /** Of these, what has returned. */
  readonly returned: Credits;
}

/** What one event takes for a claim. */
export interface ClawbackTaken {
  readonly clawback: string;
  readonly credits: Credits;
  /** Credited for it. */
  readonly money: Money;
  /** The claim as this leaves it. */
  readonly left: Clawback;
}

/** What a change credits in all when so much of what was held has returned (C1). */
export function creditedAt(
  { price, cost, granted, missing }: Omit<Clawback, "returned">,
  returned: bigint,
): Money {
  const worth = half(cost * (missing - returned), granted);
  return money(price > worth ? price - worth : 0n);
}

/** Claims on what returns of a hold to a lot, oldest first (C2). */
export function claimsOn(
  clawbacks: Iterable<Clawback>,
  lot: string,
  { openedAt, endedAt }: Pick<Hold, "openedAt" | "endedAt">,
): readonly Clawback[] {
  const found: Clawback[] = [];
  for (const one of clawbacks)
    if (one.lots.includes(lot) && openedAt <= one.at && (endedAt === null || endedAt > one.at))
      found.push(one);
  return found.length < 2 ? found : found.toSorted(oldestFirst);
}

const oldestFirst = (a: Clawback, b: Clawback): number => a.at - b.at || (a.id < b.id ? -1 : 1);

/** What a claim still waits for. */
export const claimed = ({ owed, returned }: Clawback): Credits => beyond(owed, returned);

/** A claim after more has returned. */
export const afterReturn = (clawback: Clawback, more: Credits): Clawback => ({
  ...clawback,
  returned: credits(clawback.returned + more),
});

/** Of what is held on these lots, what comes back to nobody since it is claimed. */
export function claimedOf(
  clawbacks: Iterable<Clawback>,
  lots: (id: string) => Pick<Lot, "held"> | undefined,
): Credits {
  let sum = 0n;
  for (const one of clawbacks) {
    const held = one.lots.reduce((total, id) => total + (lots(id)?.held ?? 0n), 0n);
    sum += least(claimed(one), credits(held));
  }
  return credits(sum);
}

/** Of what is held on one lot, what is claimed at most. */
export const claimedOn = (clawbacks: Iterable<Clawback>, lot: Lot): Credits => {
  if (lot.held === noCredits) return noCredits;
  const mine = [...clawbacks].filter((one) => one.lots.includes(lot.id));
  return claimedOf(mine, (id) => (id === lot.id ? lot : undefined));
};
