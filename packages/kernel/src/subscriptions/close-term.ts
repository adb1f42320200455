/**
 * Owns what a commitment adds at the end of a period: what usage stayed below the minimum (FINANCE, E15, E15b), or, where shortfalls roll
 * over, what of usage above it was charged as a shortfall before (docs/decisions/0036). Applied once. What is
 * heard of the period afterwards corrects it (`billed/commitment.ts`).
 */
import { money } from "../amount.ts";
import {
  drawnKey,
  drawnOf,
  groundsOf,
  isPeriodClosed,
  runningTerm,
  shortfallKey,
  usageOf,
} from "../billed/commitment.ts";
import type { CommittedPeriod, CommittedTerm } from "../billed/committed-term.ts";
import type { CommitmentTruedUp } from "../billed/events.ts";
import type { Booking } from "../invoices/booking.ts";
import { type Instant, instant } from "../instant.ts";
import { numbered } from "../invoices/gather.ts";
import { type Minimum, type PeriodClose, closePeriod, termStart } from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import { booking } from "./change.ts";
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
  const { id, period, term: before } = subscription;
  const about = committedTo(subscription);
  const usage = usageOf(state, subscription);
  const from = before ?? termStart;
  const close = closePeriod(minimum, from, usage);
  const term = close.standing.closed === minimum.minimums.length ? null : close.standing;
  const known = termOf(state, subscription, minimum);
  const closed: CommittedPeriod = {
    start: period.start,
    end: period.end,
    usage: money(usage),
    shortfall: money(close.shortfall),
    ...drawnOf(close),
  };
  const committed = { ...known, periods: [...known.periods, closed] };
  const lines = linesOf(close, {
    about,
    from: period.start,
    to: period.end,
    fraction: null,
    committed: groundsOf(close, close.shortfall > 0n ? null : from),
    account: "Unbilled",
    subscription: id,
  });
  return { lines, booked: bookedOf(close), term, committed };
}

/** The term that a period goes on with, also after a pause, so that usage told later of before it counts in the same term; or a new one. */
export function termOf(state: State, subscription: Subscription, minimum: Minimum): CommittedTerm {
  const { id, plan, period, term } = subscription;
  return (
    runningTerm(state.billed, subscription) ?? {
      id: idOf(id, period.start),
      subscription: id,
      about: committedTo(subscription),
      minimum,
      currency: plan.currency,
      from: term ?? termStart,
      periods: [],
    }
  );
}

/** What usage lacks, and what earlier shortfalls cover of it: never both. */
function linesOf(
  { shortfall, drawn }: PeriodClose,
  {
    subscription,
    ...line
  }: Omit<LineDraft, "kind" | "quantity" | "unitPrice" | "amount" | "key"> & {
    readonly subscription: string;
  },
): readonly LineDraft[] {
  if (shortfall > 0n) {
    const amount = money(shortfall);
    const key = shortfallKey(subscription, line.from);
    return [{ ...line, kind: "shortfall", quantity: 1n, unitPrice: amount, amount, key }];
  }
  if (drawn === 0n) return [];
  const key = drawnKey(subscription, line.from);
  const unitPrice = money(drawn);
  const amount = money(-drawn);
  return [{ ...line, kind: "shortfall_used", quantity: -1n, unitPrice, amount, key }];
}

/** What later usage may still use up is a liability until it does, or until it may no longer (606-10-55-48). */
const bookedOf = ({ shortfall, drawn, kept, lapsed }: PeriodClose): readonly Booking[] => [
  ...booking("Unbilled", shortfall - drawn),
  ...booking("Deferred:Shortfall", drawn + lapsed - kept),
  ...booking("Shortfall", kept - lapsed - shortfall),
];

/** Sorts by time. */
const idOf = (subscription: string, start: Instant): string =>
  `${subscription} ${String(start).padStart(15, "0")}`;
