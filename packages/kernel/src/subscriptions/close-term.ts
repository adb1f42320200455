/** Owns what a commitment adds at the end of a period: what usage stayed below the minimum (FINANCE, E15, E15b). Applied once. */
import { money } from "../amount.ts";
import type { Booking } from "../events.ts";
import { closePeriod, termStart } from "../pricing/commitment.ts";
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
  if (minimum === null || status !== "active") return { lines: [], booked: [], term: null };
  const usage = [...state.billed.totals.values()]
    .filter(({ to }) => to === period.end)
    .reduce((sum, { amount }) => sum + amount, 0n);
  const { shortfall, standing } = closePeriod(minimum, subscription.term ?? termStart, usage);
  const term = standing.closed === minimum.minimums.length ? null : standing;
  if (shortfall === 0n) return { lines: [], booked: [], term };
  const amount = money(shortfall);
  const line: LineDraft = {
    kind: "shortfall",
    about: plan.name,
    from: period.start,
    to: period.end,
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
    term,
  };
}
