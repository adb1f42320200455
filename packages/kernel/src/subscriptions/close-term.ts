/**
 * Owns what a commitment adds at the end of a period: what usage stayed below the minimum (FINANCE, E15, E15b), and what is left of a
 * term that is left. Applied once.
 *
 * L1 a pause does not end a term: periods count on when it is resumed. L2 who ends the subscription in a term, or goes on to a plan
 * without a commitment, owes what is left of it.
 */
import { money } from "../amount.ts";
import type { Booking } from "../events.ts";
import type { Instant } from "../instant.ts";
import { closePeriod, leaveTerm, termStart } from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import type { LineDraft } from "./charge.ts";
import type { Subscription } from "./subscription.ts";

/** What ending a period adds to what the next event says. */
export interface TermClosed {
  readonly lines: readonly LineDraft[];
  readonly booked: readonly Booking[];
  readonly term: Subscription["term"];
}

/** Closes the period of the term that ends with the period. */
export function closeTerm(state: State, subscription: Subscription): TermClosed {
  const { plan, period, status } = subscription;
  const { minimum } = plan;
  if (minimum === null || status !== "active") return nothing;
  const usage = usageOf(state, period.end);
  const { shortfall, standing } = closePeriod(minimum, subscription.term ?? termStart, usage);
  const term = standing.closed === minimum.minimums.length ? null : standing;
  return { ...shortfallOf(subscription, shortfall, period.end), term };
}

/** Leaves the commitment at an instant, with the period or in it: what is left of the term is due, unless the plan waives it. */
export function leaveCommitment(state: State, subscription: Subscription, at: Instant): TermClosed {
  const { plan, period, status, term } = subscription;
  const { minimum } = plan;
  if (minimum === null || minimum.onCancel === "waive")
    return at >= period.end ? closeTerm(state, subscription) : nothing;
  // Before its first period a term binds nobody; in a pause one may be open.
  if (status !== "active" && term === null) return nothing;
  const usage = status === "active" ? usageOf(state, period.end) : null;
  const due = leaveTerm(minimum, term ?? termStart, usage);
  return { ...shortfallOf(subscription, due, at), term: null };
}

const nothing: TermClosed = { lines: [], booked: [], term: null };

/** Money billed for the usage of a period. */
const usageOf = ({ billed }: State, end: Instant): bigint =>
  [...billed.totals.values()]
    .filter(({ to }) => to === end)
    .reduce((sum, { amount }) => sum + amount, 0n);

function shortfallOf(
  { plan, period }: Subscription,
  shortfall: bigint,
  to: Instant,
): Pick<TermClosed, "lines" | "booked"> {
  if (shortfall === 0n) return { lines: [], booked: [] };
  const amount = money(shortfall);
  const line: LineDraft = {
    kind: "shortfall",
    about: plan.name,
    from: period.start,
    to,
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
      { account: "Shortfall", amount: money(-shortfall) },
    ],
  };
}
