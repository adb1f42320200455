/**
 * Owns what a customer has committed to use: a minimum that is trued up. What is prepaid is a lot (`subscriptions/drawdown.ts`).
 *
 * C1 a commitment is applied once: usage counts against one cumulative total, whatever line and moment it came from, and a
 * period is closed once, since closing gives the standing that the next one starts from. C3 what is billed over a term is at
 * least its minimum, and usage is never billed twice: usage - drawn + shortfall.
 */
import { assert } from "../bug.ts";

/** A minimum for each period of a term, in minor units. */
export interface Minimum {
  /** One for each period of the term, in order; a ramp has different ones. */
  readonly minimums: readonly bigint[];
  /** When what is missing is billed: at the end of each period, or once at the end of the term. */
  readonly trueUp: "period" | "term";
  /** For how many later periods of the term a billed shortfall may still be used up; none when left out. */
  readonly rolloverPeriods?: number;
  /** `waive`: who leaves in the middle of a term owes nothing of what is left of it. Left out: it is charged. */
  readonly onCancel?: "waive";
}

/** A billed shortfall that later usage above its own minimum may still use up. */
interface Carried {
  readonly amount: bigint;
  /** The last period that may use it, counted from 0. */
  readonly until: number;
}

/** Where a term stands between two periods. */
export interface TermStanding {
  /** Periods that are closed. */
  readonly closed: number;
  /** Usage of these, in minor units. */
  readonly used: bigint;
  readonly carried: readonly Carried[];
}

/** Before the first period. */
export const termStart: TermStanding = { closed: 0, used: 0n, carried: [] };

/** Shortfalls that were billed and that later usage may still use up, together. */
export const carriedOn = (standing: TermStanding | null): bigint =>
  sum((standing?.carried ?? []).map((one) => one.amount));

/** What closing a period bills and books, in minor units. */
export interface PeriodClose {
  /** Usage, as it was accrued. */
  readonly usage: bigint;
  /** Of it, covered by shortfalls that were billed before: not billed again. */
  readonly drawn: bigint;
  /** What was to be reached by now, and what was: of the period, or of the term. */
  readonly target: bigint;
  readonly reached: bigint;
  /** Billed on top of usage. */
  readonly shortfall: bigint;
  /** Of `shortfall`, kept as a liability since later usage may use it up. */
  readonly kept: bigint;
  /** Of shortfalls kept before, no longer usable: revenue now. */
  readonly lapsed: bigint;
  readonly standing: TermStanding;
}

/**
 * Closes the next period of a term, with its usage in minor units (below zero where more was taken back than used, which reaches
 * nothing). Billed are `usage - drawn + shortfall`; revenue is `usage + (shortfall - kept) + lapsed`. Throws `Bug` past the last period of the term.
 *
 * @example closePeriod({ minimums: [100_000n], trueUp: "period" }, termStart, 64_000n).shortfall // 36_000n
 */
export function closePeriod(
  commitment: Minimum,
  standing: TermStanding,
  usage: bigint,
): PeriodClose {
  const { minimums, trueUp, rolloverPeriods = 0 } = commitment;
  const index = standing.closed;
  const minimum = minimums[index];
  assert(minimum !== undefined, "C1 a period of a term is closed once");
  const used = standing.used + usage;
  const isLast = index === minimums.length - 1;
  const target = trueUp === "period" ? minimum : isLast ? sum(minimums) : 0n;
  const reached = atLeastNothing(trueUp === "period" ? usage : used);
  const shortfall = reached < target ? target - reached : 0n;
  const { drawn, rest } = use(standing.carried, reached > target ? reached - target : 0n);
  const until = index + rolloverPeriods;
  const lasting = rest.filter((one) => one.until > index && !isLast);
  const kept = trueUp === "period" && rolloverPeriods > 0 && !isLast ? shortfall : 0n;
  return {
    usage,
    drawn,
    target,
    reached,
    shortfall,
    kept,
    lapsed: sum(rest.map((one) => one.amount)) - sum(lasting.map((one) => one.amount)),
    standing: {
      closed: index + 1,
      used,
      carried: kept === 0n ? lasting : [...lasting, { amount: kept, until }],
    },
  };
}

/**
 * What of a commitment is still to be paid by who leaves it in a term (C3): all of its minimums that usage did not reach. `usage` is
 * that of the period which is running; null where none is.
 *
 * @example leaveTerm({ minimums: [500n, 500n, 1_000n], trueUp: "period" }, termStart, 200n) // 1_800n
 */
export function leaveTerm(minimum: Minimum, standing: TermStanding, usage: bigint | null): bigint {
  const { target, reached } = leftOfTerm(minimum, standing, usage);
  return target > reached ? target - reached : 0n;
}

/** What of a commitment that is left was to be reached, and what was of that; the rest is still to be paid. */
export function leftOfTerm(
  { minimums, trueUp }: Minimum,
  { closed, used }: TermStanding,
  usage: bigint | null,
): { readonly target: bigint; readonly reached: bigint } {
  if (closed === minimums.length) return { target: 0n, reached: 0n };
  if (trueUp === "term")
    return { target: sum(minimums), reached: atLeastNothing(used + (usage ?? 0n)) };
  // What goes beyond the minimum of a period counts for no later one.
  const running = usage === null ? 0n : (minimums[closed] ?? 0n);
  const reached = usage === null || usage < running ? atLeastNothing(usage ?? 0n) : running;
  const later = sum(minimums.slice(usage === null ? closed : closed + 1));
  return { target: running + later, reached };
}

/** What of a term is still to come. */
export interface TermRest {
  readonly periods: number;
  /** What they are committed to, in minor units. */
  readonly owed: bigint;
}

/** What is left of a term between two of its periods; null: none runs. */
export const restOf = (minimum: Minimum, standing: TermStanding | null): TermRest =>
  standing === null
    ? { periods: 0, owed: 0n }
    : {
        periods: minimum.minimums.length - standing.closed,
        owed: leaveTerm(minimum, standing, null),
      };

/** What is left of it after the period that runs, by its usage so far. */
export function restAfter(
  { minimums, trueUp }: Minimum,
  { closed, used }: TermStanding,
  usage: bigint,
): TermRest {
  const periods = minimums.length - closed - 1;
  if (periods === 0) return { periods, owed: 0n };
  const owed =
    trueUp === "term"
      ? atLeastNothing(sum(minimums) - atLeastNothing(used + usage))
      : sum(minimums.slice(closed + 1));
  return { periods, owed };
}

/** What so many periods of a term are committed to, from its first on; null: all of them. */
export const firstOf = ({ minimums }: Minimum, periods: number | null): bigint =>
  sum(minimums.slice(0, periods ?? minimums.length));

/** Whether two are one commitment. */
export function isSameMinimum(a: Minimum | null, b: Minimum | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.trueUp === b.trueUp &&
    a.onCancel === b.onCancel &&
    (a.rolloverPeriods ?? 0) === (b.rolloverPeriods ?? 0) &&
    a.minimums.length === b.minimums.length &&
    a.minimums.every((one, index) => one === b.minimums[index])
  );
}

const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** Uses kept shortfalls up, oldest first. */
function use(
  carried: readonly Carried[],
  wanted: bigint,
): { readonly drawn: bigint; readonly rest: readonly Carried[] } {
  let left = wanted;
  const rest = carried.flatMap((one) => {
    const part = one.amount < left ? one.amount : left;
    left -= part;
    return part === one.amount ? [] : [{ ...one, amount: one.amount - part }];
  });
  return { drawn: wanted - left, rest };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
