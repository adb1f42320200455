/**
 * Owns what a change of plan does to what a customer has committed to (docs/decisions/0020, 0026).
 *
 * C1 a commitment is known by its terms: under a plan, or a version, that has equal ones it goes on with the same count. C2 it begins
 * and ends with a period: in the middle of one a change of what is prepaid waits, and a period keeps the minimum that it began with.
 * C3 a minimum is exchanged for what is at least as large for the rest of its term; all else leaves it, and what is left is due.
 */
import { isPeriodClosed, usageOf } from "../billed/commitment.ts";
import {
  type Minimum,
  type TermRest,
  firstOf,
  isSameMinimum,
  restAfter,
  restOf,
  termStart,
} from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import { isSameCadence } from "./period.ts";
import type { Drawdown, DrawdownTerm, Plan, Rollover } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

/** The minimum of the period that runs (C2), or ran last. */
export const minimumOf = ({ committed, plan }: Subscription): Minimum | null =>
  committed === undefined ? plan.minimum : committed.minimum;

/** Name of the plan that it is of. */
export const committedTo = ({ committed, plan }: Subscription): string =>
  committed?.plan ?? plan.name;

/** A subscription that goes on to a plan in the middle of a period (C2). */
export function keepingMinimum(before: Subscription, to: Plan): Subscription {
  const { committed: _before, ...rest } = before;
  const minimum = minimumOf(before);
  return isSameMinimum(minimum, to.minimum)
    ? rest
    : { ...rest, committed: { plan: committedTo(before), minimum } };
}

/** Whether what is committed to is the same under another plan. */
export const isSameCommitment = (before: Subscription, to: Plan): boolean =>
  isSameMinimum(minimumOf(before), to.minimum) && isSameDrawdown(before.plan, to);

/** Whether a change to another plan waits for the end of a period (C2, C3). */
export const isAtPeriodEnd = (state: State, before: Subscription, to: Plan): boolean =>
  !isSameDrawdown(before.plan, to) || leavesMinimum(state, before, to);

/** C3. */
export function leavesMinimum(state: State, before: Subscription, to: Plan): boolean {
  const minimum = minimumOf(before);
  if (minimum === null || isSameMinimum(minimum, to.minimum)) return false;
  const { periods, owed } = restWith(state, before, minimum);
  const other = to.minimum;
  // Periods of another length are not counted against those that are left.
  const count = isSameCadence(before.plan, to) ? periods : null;
  const promised = other === null ? 0n : firstOf(other, count);
  const prepaid = isSameDrawdown(before.plan, to) ? 0n : (to.drawdown?.terms[0]?.price ?? 0n);
  return promised + prepaid < owed;
}

/** What is left of a term once the period that runs is over. */
function restWith(state: State, before: Subscription, minimum: Minimum): TermRest {
  const isRunning = before.status === "active" && !isPeriodClosed(state.billed, before);
  const standing = before.term ?? termStart;
  if (isRunning) return restAfter(minimum, standing, usageOf(state, before));
  return restOf(minimum, before.term);
}

/** Whether a term of what is prepaid goes on (C1). */
export function isSameDrawdown({ drawdown: a }: Plan, { drawdown: b }: Plan): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.periods === b.periods &&
    a.priority === b.priority &&
    isSameRollover(a.rollover, b.rollover) &&
    areSameTerms(a, b)
  );
}

const areSameTerms = ({ terms: a }: Drawdown, { terms: b }: Drawdown): boolean =>
  a.length === b.length && a.every((one, index) => isSameTerm(one, b[index]));

const isSameTerm = (a: DrawdownTerm, b: DrawdownTerm | undefined): boolean =>
  b !== undefined && a.price === b.price && a.list === b.list && a.credits === b.credits;

const isSameRollover = (a: Rollover | null, b: Rollover | null): boolean =>
  a === null || b === null
    ? a === b
    : a.shareBps === b.shareBps &&
      a.amountMax === b.amountMax &&
      a.balanceMax === b.balanceMax &&
      a.periods === b.periods;
