/**
 * Owns what is kept of commitments whose periods are over, and what usage that is heard of late (or taken back) makes of them.
 *
 * M1 the shortfall of a period is a function of the usage of its term, whenever that was heard of: so usage that comes late is charged
 * in the place of shortfall, never on top of it, and a refund of it brings the shortfall back (FINANCE, E15; pricing/commitment.ts C1).
 * M2 what is changed stands on the shortfall's own line while its invoice is a draft; after that on a line of the open period, which
 * says of which period it is. An issued invoice never changes.
 * M3 outcomes count as usage does: each in the period in which it was billed, and one that is taken back no longer counts there, whenever
 * that is (`outcomes/counting.ts`).
 * M4 where a shortfall may still be used up, so does what of later usage it covers, and what may still be used up is a liability: the
 * standing's ("Deferred:Shortfall").
 */
import { money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { accrualsOf, isNewLine } from "../invoices/gather.ts";
import type { Accrual } from "../invoices/line.ts";
import {
  type PeriodClose,
  type TermStanding,
  carriedOn,
  closePeriod,
  leaveTerm,
  leftOfTerm,
} from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { CommittedPeriod, CommittedTerm, TermLeft, TrueUp } from "./committed-term.ts";
import { type BilledSlice, countedIn } from "./slice.ts";

/** The line of a period's shortfall, however often it is corrected. */
export const shortfallKey = (subscription: string, start: Instant): string =>
  `shortfall ${subscription} ${start}`;

/** The line of what earlier shortfalls cover of a period's usage. */
export const drawnKey = (subscription: string, start: Instant): string =>
  `shortfall_used ${subscription} ${start}`;

/** The line of what was due of a term that was left in a period, or after it. */
export const leftKey = (subscription: string, start: Instant): string =>
  `shortfall_left ${subscription} ${start}`;

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
): boolean => [...terms.values()].some((one) => one.subscription === id && hasClosed(one, end));

const hasClosed = ({ periods }: CommittedTerm, end: Instant): boolean =>
  periods.some((period) => period.end === end);

/** The term that a period stands in which is closed, or was cut short when it was left. */
export const closedTermOf = (
  { terms }: BilledSlice,
  subscription: string,
  end: Instant,
): CommittedTerm | undefined =>
  [...terms.values()].find(
    (one) => one.subscription === subscription && (hasClosed(one, end) || isCutShort(one, end)),
  );

const isCutShort = ({ left }: CommittedTerm, end: Instant): boolean =>
  left !== undefined && left.usage !== null && left.end === end;

/** What usage of the period has come to by now, and outcomes in it. */
export const usageOf = ({ billed }: State, { id, period }: Subscription): bigint =>
  [...billed.totals.values()]
    .filter(({ key, to }) => to === period.end && key.startsWith(`${id} `))
    .reduce((sum, { amount }) => sum + amount, countedIn(billed, id, period.end));

/** What usage of a period that is over changes, by `accrual`; undefined where no commitment is concerned. */
export function trueUpBy(state: State, subscription: string, accrual: Accrual): TrueUp | undefined {
  const { to, amount } = accrual;
  if (amount === 0n) return undefined;
  const before = closedTermOf(state.billed, subscription, to);
  if (before === undefined) return undefined;
  const made = isNewLine(state.invoices, accrual) ? 1 : 0;
  return trueUpOf(state, before, { changes: new Map([[to, amount]]), made });
}

/** What usage and outcomes of periods of a term, by their ends, change of it; `made`: lines that the same event makes before. */
export function trueUpOf(
  state: State,
  before: CommittedTerm,
  { changes, made }: { readonly changes: ReadonlyMap<Instant, bigint>; readonly made: number },
): TrueUp {
  const { term, standing, committed, rest } = closedAnew(before, changes);
  const added = [
    ...term.periods.flatMap((period, index) =>
      correctionsOf(before, period, { was: before.periods[index], grounds: committed[index] }),
    ),
    ...correctionOfRest(before, term.left, rest),
  ];
  const live = state.subscriptions.subscriptions.get(before.subscription);
  const isRunning =
    live !== undefined && runningTerm(state.billed, live)?.id === before.id && live.term !== null;
  // What a term that is over had kept, lapsed with it.
  const kept = isRunning ? carriedOn(standing) - carriedOn(live.term) : 0n;
  return {
    term,
    accruals: accrualsOf(state, added, made),
    ...(kept === 0n ? {} : { kept: money(kept) }),
    standing: isRunning ? standing : null,
  };
}

/** Closes the periods of a term one after the other, as they would have been closed with these changes of usage. */
function closedAnew(
  before: CommittedTerm,
  changes: ReadonlyMap<Instant, bigint>,
): {
  readonly term: CommittedTerm;
  readonly standing: TermStanding;
  /** Of each period, what was to be reached and what was. */
  readonly committed: readonly Committed[];
  /** The same of what was left of it. */
  readonly rest: Committed | null;
} {
  const { minimum, from, left } = before;
  let standing = from;
  const committed: Committed[] = [];
  const periods = before.periods.map((period): CommittedPeriod => {
    const usage = money(period.usage + (changes.get(period.end) ?? 0n));
    const close = closePeriod(minimum, standing, usage);
    committed.push(groundsOf(close, standing));
    ({ standing } = close);
    const { drawn: _before, ...rest } = period;
    return { ...rest, usage, shortfall: money(close.shortfall), ...drawnOf(close) };
  });
  if (left === undefined) return { term: { ...before, periods }, standing, committed, rest: null };
  const usage = left.usage === null ? null : money(left.usage + (changes.get(left.end) ?? 0n));
  const shortfall = money(leaveTerm(minimum, standing, usage));
  const { target, reached } = leftOfTerm(minimum, standing, usage);
  return {
    term: { ...before, periods, left: { ...left, usage, shortfall } },
    standing,
    committed,
    rest: { minimum: money(target), reached: money(reached) },
  };
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

/** The same of what was due of a term that was left. */
function correctionOfRest(
  { subscription, about, left: was }: CommittedTerm,
  left: TermLeft | undefined,
  committed: Committed | null,
): readonly Omit<Accrual, "line">[] {
  if (was === undefined || left === undefined || committed === null) return [];
  const amount = money(left.shortfall - was.shortfall);
  if (amount === 0n) return [];
  const { start, at } = left;
  return [
    {
      key: leftKey(subscription, start),
      kind: "shortfall",
      about,
      from: start,
      to: at,
      unitPrice: null,
      quantity: amount < 0n ? -1n : 1n,
      committed,
      amount,
    },
  ];
}
