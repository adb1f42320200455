/**
 * Owns what a change of plan does to what a customer has committed to.
 *
 * C1 a commitment is to one version of a plan as it is listed; what is negotiated over it changes none. C2 what is prepaid begins and
 * ends with a period, and a minimum is left with one: changes that do so wait for its end.
 */
import { listed } from "./negotiated.ts";
import type { Plan } from "./plan.ts";

/** Whether a term of one plan goes on under the other (C1). */
export const isSameCommitment = (a: Plan, b: Plan): boolean =>
  listed(a).version === listed(b).version;

/** Whether going from one plan to the other waits for the end of a period (C2). */
export const isAtPeriodEnd = (from: Plan, to: Plan): boolean =>
  !isSameCommitment(from, to) &&
  (from.drawdown !== undefined || to.drawdown !== undefined || leavesMinimum(from, to));

/** Whether a plan has a minimum, and the other commits to nothing: another commitment takes its place. */
export const leavesMinimum = (from: Plan, to: Plan): boolean =>
  from.minimum !== null && to.minimum === null && to.drawdown === undefined;
