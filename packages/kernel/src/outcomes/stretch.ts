import type { Instant } from "../instant.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { OutcomePeriod } from "./period.ts";
import type { OutcomeSlice } from "./slice.ts";

/** Notes that a subscription ended before its period did: what happens from now on is of none of its terms. */
export function leavePeriod(
  { periods, byTime }: Pick<OutcomeSlice, "periods" | "byTime">,
  { id, status }: Subscription,
  at: Instant,
): void {
  const last = byTime.rows.at(-1);
  if (status !== "ended" || last?.subscription !== id) return;
  if (last.until === undefined && at < last.end) periods.set(last.id, { ...last, until: at });
}

/** When a stretch's terms are over at the latest; the next stretch may begin before. */
export const endOf = ({ until, end }: OutcomePeriod): Instant => until ?? end;

/** The stretch that an instant lies in: before a subscription began, past its end and while it is paused there is none. */
export function stretchAt(
  { byTime }: Pick<OutcomeSlice, "byTime">,
  at: Instant,
): OutcomePeriod | undefined {
  const found = byTime.rows.findLast(({ from }) => from <= at);
  return found !== undefined && at < endOf(found) ? found : undefined;
}
