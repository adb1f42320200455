/**
 * Owns what is kept of commitments whose periods are over, and what usage that is heard of late (or taken back) makes of them.
 *
 * M1 the shortfall of a period is a function of the usage of its term, whenever that was heard of: so usage that comes late is charged
 * in the place of shortfall, never on top of it, and a refund of it brings the shortfall back (FINANCE, E15; pricing/commitment.ts C1).
 * M2 what is changed stands on the shortfall's own line while its invoice is a draft; after that on a line of the open period, which
 * says of which period it is. An issued invoice never changes.
 * M3 outcomes count as usage does: in the period in which they are billed, and what is taken back lessens what counts in the period in
 * which it is taken back, never below nothing.
 * M4 where a shortfall may still be used up, so does what of later usage it covers, and what may still be used up is a liability: the
 * standing's ("Deferred:Shortfall").
 */
import { money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { accrualsOf } from "../invoices/gather.ts";
import type { Accrual } from "../invoices/line.ts";
import {
  type PeriodClose,
  type TermStanding,
  carriedOn,
  closePeriod,
} from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { CommittedPeriod, CommittedTerm, TrueUp } from "./committed-term.ts";
import { type BilledSlice, countedKey } from "./slice.ts";

/** The line of a period's shortfall, however often it is corrected. */
export const shortfallKey = (subscription: string, start: Instant): string =>
  `shortfall ${subscription} ${start}`;

/** The line of what earlier shortfalls cover of a period's usage. */
export const drawnKey = (subscription: string, start: Instant): string =>
  `shortfall_used ${subscription} ${start}`;

/** The term that a subscription's period goes on with; undefined where it begins one. */
export function runningTerm(
  { terms }: BilledSlice,
  { id, term }: Pick<Subscription, "id" | "term">,
): CommittedTerm | undefined {
  if (term === null) return undefined;
  let last: CommittedTerm | undefined;
  for (const one of terms.values())
    if (one.subscription === id && (last === undefined || one.id > last.id)) last = one;
  return last;
}

/** Whether the period that ends then is closed already. */
export const isPeriodClosed = (
  { terms }: BilledSlice,
  { id, period: { end } }: Pick<Subscription, "id" | "period">,
): boolean => closedTermOf(terms.values(), id, end) !== undefined;

const closedTermOf = (
  terms: Iterable<CommittedTerm>,
  subscription: string,
  end: Instant,
): CommittedTerm | undefined =>
  [...terms].find(
    (one) => one.subscription === subscription && one.periods.some((period) => period.end === end),
  );

/** What usage of the period has come to by now, and outcomes in it: below zero where more of these was taken back. */
export const usageOf = ({ billed }: State, { id, period }: Subscription): bigint =>
  [...billed.totals.values()]
    .filter(({ key, to }) => to === period.end && key.startsWith(`${id} `))
    .reduce(
      (sum, { amount }) => sum + amount,
      billed.outcomes.get(countedKey(id, period.end))?.amount ?? 0n,
    );

/** What usage of a period that is over changes, by `accrual`; undefined where no commitment is concerned. */
export function trueUpBy(state: State, subscription: string, accrual: Accrual): TrueUp | undefined {
  if (accrual.amount === 0n) return undefined;
  const before = closedTermOf(state.billed.terms.values(), subscription, accrual.to);
  if (before === undefined) return undefined;
  const { periods, standing, committed } = closedAnew(before, accrual);
  const added = periods.flatMap((period, index) =>
    correctionsOf(before, period, { was: before.periods[index], grounds: committed[index] }),
  );
  const [, ...accruals] = accrualsOf(state, [accrual, ...added]);
  const live = state.subscriptions.subscriptions.get(subscription);
  const isRunning =
    live !== undefined && runningTerm(state.billed, live)?.id === before.id && live.term !== null;
  // What a term that is over had kept, lapsed with it.
  const kept = isRunning ? carriedOn(standing) - carriedOn(live.term) : 0n;
  return {
    term: { ...before, periods },
    accruals,
    ...(kept === 0n ? {} : { kept: money(kept) }),
    standing: isRunning ? standing : null,
  };
}

/** Closes the periods of a term one after the other, as they would have been closed with this usage. */
function closedAnew(
  { minimum, from, periods }: CommittedTerm,
  { to, amount }: Pick<Accrual, "to" | "amount">,
): {
  readonly periods: readonly CommittedPeriod[];
  readonly standing: TermStanding;
  /** Of each period, what was to be reached and what was. */
  readonly committed: readonly Committed[];
} {
  let standing = from;
  const committed: Committed[] = [];
  const closed = periods.map((period): CommittedPeriod => {
    const usage = money(period.end === to ? period.usage + amount : period.usage);
    const close = closePeriod(minimum, standing, usage);
    committed.push(groundsOf(close, standing));
    ({ standing } = close);
    const { drawn: _before, ...rest } = period;
    return { ...rest, usage, shortfall: money(close.shortfall), ...drawnOf(close) };
  });
  return { periods: closed, standing, committed };
}

type Committed = NonNullable<Accrual["committed"]>;

/** What a close comes of, for its lines; of what is used up (`before`: where the term stood) with what there was to use. */
export const groundsOf = (
  { target, reached }: Pick<PeriodClose, "target" | "reached">,
  before: TermStanding | null,
): Committed => ({
  minimum: money(target),
  reached: money(reached),
  ...(carriedOn(before) === 0n ? {} : { carried: money(carriedOn(before)) }),
});

const plain = ({ minimum, reached }: Committed): Committed => ({ minimum, reached });

/** As a period says it. */
export const drawnOf = ({ drawn }: PeriodClose): Pick<CommittedPeriod, "drawn"> =>
  drawn === 0n ? {} : { drawn: money(drawn) };

/** What is charged or taken back of a period, on the lines of its shortfall and of what earlier ones cover. */
function correctionsOf(
  { subscription, about }: CommittedTerm,
  period: CommittedPeriod,
  { was, grounds }: { was: CommittedPeriod | undefined; grounds: Committed | undefined },
): readonly Omit<Accrual, "line">[] {
  const { start, end, shortfall, drawn = 0n } = period;
  const changes = [
    ["shortfall", shortfallKey(subscription, start), shortfall - (was?.shortfall ?? 0n)],
    ["shortfall_used", drawnKey(subscription, start), (was?.drawn ?? 0n) - drawn],
  ] as const;
  return changes
    .filter(([, , amount]) => amount !== 0n)
    .map(([kind, key, amount]) => ({
      key,
      kind,
      about,
      from: start,
      to: end,
      unitPrice: null,
      quantity: amount < 0n ? -1n : 1n,
      ...(grounds === undefined
        ? {}
        : { committed: kind === "shortfall" ? plain(grounds) : grounds }),
      amount: money(amount),
    }));
}
