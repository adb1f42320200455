/**
 * Owns what a commitment adds at the end of a period: what usage stayed below the minimum (FINANCE, E15, E15b). Applied once. What is
 * heard of the period afterwards corrects it (`billed/commitment.ts`).
 */
import { money } from "../amount.ts";
import { isPeriodClosed, runningTerm, shortfallKey, usageOf } from "../billed/commitment.ts";
import type { CommittedTerm } from "../billed/committed-term.ts";
import type { CommitmentTruedUp } from "../billed/events.ts";
import type { Booking } from "../invoices/booking.ts";
import { type Instant, instant } from "../instant.ts";
import { numbered } from "../invoices/gather.ts";
import { type Minimum, closePeriod, termStart } from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import type { LineDraft } from "./charge.ts";
import { committedTo, minimumOf } from "./committed.ts";
import type { Subscription } from "./subscription.ts";

/** What ending a period adds. */
interface TermClosed {
  readonly lines: readonly LineDraft[];
  readonly booked: readonly Booking[];
  readonly term: Subscription["term"];
  /** The term with this period. */
  readonly committed: CommittedTerm;
}

/** The commitment whose period ends with the period of the subscription, and is not closed yet; null where there is none. */
export function openCommitment(
  { billed }: State,
  subscription: Subscription | undefined,
): { readonly subscription: Subscription; readonly minimum: Minimum } | null {
  if (subscription?.status !== "active") return null;
  const minimum = minimumOf(subscription);
  if (minimum === null || isPeriodClosed(billed, subscription)) return null;
  return { subscription, minimum };
}

/** Closes the period of the term: revenue of the period's last instant, whatever begins after it (RULES 16). */
export function trueUp(
  state: State,
  { subscription, minimum }: { subscription: Subscription; minimum: Minimum },
  at: Instant,
): CommitmentTruedUp {
  const { lines, booked, term, committed } = closeTerm(state, subscription, minimum);
  return {
    kind: "commitment.trued_up",
    at,
    postedAt: instant(subscription.period.end - 1),
    subscription: { ...subscription, term },
    committed,
    lines: numbered(state.invoices, lines),
    booked,
  };
}

/** Closes the period of the term that ends with the period. */
function closeTerm(state: State, subscription: Subscription, minimum: Minimum): TermClosed {
  const { id, plan, period, term: before } = subscription;
  const about = committedTo(subscription);
  const usage = usageOf(state, subscription);
  const { shortfall, standing, target, reached } = closePeriod(minimum, before ?? termStart, usage);
  const term = standing.closed === minimum.minimums.length ? null : standing;
  const amount = money(shortfall);
  const running = runningTerm(state.billed, subscription);
  const from = before ?? termStart;
  const fresh: CommittedTerm = {
    id: idOf(id, period.start),
    subscription: id,
    about,
    minimum,
    currency: plan.currency,
    from,
    periods: [],
  };
  // Also after a pause, so that usage told later of before it counts in the same term.
  const known = running ?? fresh;
  const closed = { start: period.start, end: period.end, usage: money(usage), shortfall: amount };
  const committed = { ...known, periods: [...known.periods, closed] };
  if (shortfall === 0n) return { lines: [], booked: [], term, committed };
  const line: LineDraft = {
    kind: "shortfall",
    about,
    from: period.start,
    to: period.end,
    quantity: 1n,
    unitPrice: amount,
    fraction: null,
    committed: { minimum: money(target), reached: money(reached) },
    amount,
    account: "Unbilled",
    key: shortfallKey(id, period.start),
  };
  const booked: readonly Booking[] = [
    { account: "Unbilled", amount },
    { account: "Shortfall", amount: money(-shortfall) },
  ];
  return { lines: [line], booked, term, committed };
}

/** Sorts by time. */
const idOf = (subscription: string, start: Instant): string =>
  `${subscription} ${String(start).padStart(15, "0")}`;
