/**
 * Owns what is left of a commitment's term that is left (docs/decisions/0020).
 *
 * L1 a pause does not end a term: periods count on when it is resumed. L2 who ends the subscription in a term, or goes on to a plan
 * that commits to less, owes what is left of it. What usage of the period that ends with it lacked is closed before (`close-term.ts`).
 * L3 what later periods of the term might have used up of shortfalls lapses with it, however it ends.
 */
import { money } from "../amount.ts";
import { isPeriodClosed, leftKey, usageOf } from "../billed/commitment.ts";
import type { CommittedTerm } from "../billed/committed-term.ts";
import type { Booking } from "../invoices/booking.ts";
import type { Instant } from "../instant.ts";
import {
  carriedOn,
  isSameMinimum,
  leaveTerm,
  leftOfTerm,
  termStart,
} from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import { booking } from "./change.ts";
import type { LineDraft } from "./charge.ts";
import { termOf } from "./close-term.ts";
import { committedTo, leavesMinimum, minimumOf } from "./committed.ts";
import type { Plan } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

/** What leaving adds to what the next event says. */
export interface CommitmentLeft {
  readonly lines: readonly LineDraft[];
  readonly booked: readonly Booking[];
  /** What was due of its rest, for what is heard of it afterwards; left out where nothing of a term was left. */
  readonly leftTerm?: CommittedTerm;
}

/** Leaves the commitment at an instant, with the period or in it: what is left of the term is due, unless the plan waives it. */
export function leaveCommitment(
  state: State,
  subscription: Subscription,
  at: Instant,
): CommitmentLeft {
  const { booked, ...due } = leftDue(state, subscription, at);
  return { ...due, booked: [...booked, ...lapsing(subscription)] };
}

/** L3. */
function lapsing({ term }: Subscription): readonly Booking[] {
  const carried = carriedOn(term);
  return [...booking("Deferred:Shortfall", carried), ...booking("Shortfall", -carried)];
}

function leftDue(state: State, subscription: Subscription, at: Instant): CommitmentLeft {
  const { period, status, term } = subscription;
  const minimum = minimumOf(subscription);
  if (minimum === null || minimum.onCancel === "waive" || status === "trialing") return nothingLeft;
  const isRunning = status === "active" && !isPeriodClosed(state.billed, subscription);
  // A term whose last period is closed is over.
  if (!isRunning && term === null) return nothingLeft;
  const usage = isRunning ? usageOf(state, subscription) : null;
  const due = leaveTerm(minimum, term ?? termStart, usage);
  const { target, reached } = leftOfTerm(minimum, term ?? termStart, usage);
  const amount = money(due);
  const { start, end } = period;
  const left = { start, end, at, usage: usage === null ? null : money(usage), shortfall: amount };
  const leftTerm = { ...termOf(state, subscription, minimum), left };
  if (due === 0n) return { ...nothingLeft, leftTerm };
  const line: LineDraft = {
    kind: "shortfall",
    about: committedTo(subscription),
    from: period.start,
    to: at,
    quantity: 1n,
    unitPrice: amount,
    fraction: null,
    committed: { minimum: money(target), reached: money(reached) },
    amount,
    account: "Unbilled",
    key: leftKey(subscription.id, start),
  };
  return {
    lines: [line],
    leftTerm,
    booked: [
      { account: "Unbilled", amount },
      { account: "Shortfall", amount: money(-due) },
    ],
  };
}

/** What a period that begins leaves of the commitment of the one before; where the plan itself goes on with another one, nothing. */
export function leaveFor(
  state: State,
  before: Subscription,
  { plan, at }: { readonly plan: Plan; readonly at: Instant },
): CommitmentLeft {
  const isAsked = before.next !== null || before.committed !== undefined;
  if (isAsked && leavesMinimum(state, before, plan)) return leaveCommitment(state, before, at);
  if (isSameMinimum(minimumOf(before), plan.minimum)) return nothingLeft;
  return { lines: [], booked: lapsing(before) };
}

/** Nothing is left of a term, or none is left. */
export const nothingLeft: CommitmentLeft = { lines: [], booked: [] };
