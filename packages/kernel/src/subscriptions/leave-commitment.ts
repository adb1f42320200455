/**
 * Owns what is left of a commitment's term that is left (docs/decisions/0020).
 *
 * L1 a pause does not end a term: periods count on when it is resumed. L2 who ends the subscription in a term, or goes on to a plan
 * without a commitment, owes what is left of it. What usage of the period that ends with it lacked is closed before (`close-term.ts`).
 */
import { money } from "../amount.ts";
import { isPeriodClosed } from "../billed/commitment.ts";
import type { Booking } from "../invoices/booking.ts";
import type { Instant } from "../instant.ts";
import { leaveTerm, termStart } from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import type { LineDraft } from "./charge.ts";
import { usageOf } from "./close-term.ts";
import { leavesMinimum } from "./committed.ts";
import type { Plan } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

/** What leaving adds to what the next event says. */
export interface CommitmentLeft {
  readonly lines: readonly LineDraft[];
  readonly booked: readonly Booking[];
}

/** Leaves the commitment at an instant, with the period or in it: what is left of the term is due, unless the plan waives it. */
export function leaveCommitment(
  state: State,
  subscription: Subscription,
  at: Instant,
): CommitmentLeft {
  const { plan, period, status, term } = subscription;
  const { minimum } = plan;
  if (minimum === null || minimum.onCancel === "waive" || status === "trialing") return nothingLeft;
  const isRunning = status === "active" && !isPeriodClosed(state.billed, subscription);
  // A term whose last period is closed is over.
  if (!isRunning && term === null) return nothingLeft;
  const usage = isRunning ? usageOf(state, subscription) : null;
  const due = leaveTerm(minimum, term ?? termStart, usage);
  if (due === 0n) return nothingLeft;
  const amount = money(due);
  const line: LineDraft = {
    kind: "shortfall",
    about: plan.name,
    from: period.start,
    to: at,
    quantity: 1n,
    unitPrice: amount,
    fraction: null,
    amount,
    account: "Unbilled",
    key: null,
  };
  return {
    lines: [line],
    booked: [
      { account: "Unbilled", amount },
      { account: "Shortfall", amount: money(-due) },
    ],
  };
}

/** The same, where a plan was put for the period to come; where a plan itself goes on with another one, nobody leaves it. */
export const leaveFor = (
  state: State,
  before: Subscription,
  plan: Plan,
  at: Instant,
): CommitmentLeft =>
  before.next !== null && leavesMinimum(before.plan, plan)
    ? leaveCommitment(state, before, at)
    : nothingLeft;

/** Nothing is left of a term, or none is left. */
export const nothingLeft: CommitmentLeft = { lines: [], booked: [] };
