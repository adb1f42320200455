/**
 * Owns who needs more: members whom limits, the sharing of the pool and the pool refused, and what raise would have done.
 *
 * P1 a day is active when it has use or a refusal. P2 what a day was short is what limits of the member's path refused on it (RULES 32:
 * how a pool is shared is no limit, and no raise answers what it refused); the raise is the least that covers 95 of 100 active days: of so many days in order of what they were short, the one at 95 % (the next one up).
 * P3 amounts are exact sums. A call that was refused and asked again counts again, so a raise is a hint and at most too high.
 */

/** What a member was refused on a day, by code. */
export interface RefusedOnDay {
  readonly member: string;
  readonly day: string;
  readonly code: string;
  readonly times: bigint;
  /** Asked for in vain: micro-credits. 0 of what counts no credits. */
  readonly credits: bigint;
}

/** What a member used on a day, less refunds. */
export interface UsedOnDay {
  readonly member: string;
  readonly day: string;
  readonly credits: bigint;
}

/** A member that needs more. */
export interface PowerUser {
  readonly member: string;
  readonly times: bigint;
  readonly credits: bigint;
  /** Of `credits`, what limits refused. */
  readonly byLimits: bigint;
  /** Of `credits`, what the sharing of the pool refused. */
  readonly byShares: bigint;
  readonly used: bigint;
  readonly activeDays: number;
  readonly refusedDays: number;
  /** Days on which a limit refused. */
  readonly daysAtLimit: number;
  /** A day. 0: on 95 % of active days no limit refused anything. */
  readonly raise: bigint;
  /** Active days that the raise covers. */
  readonly coveredDays: number;
  readonly codes: readonly {
    readonly code: string;
    readonly times: bigint;
    readonly credits: bigint;
  }[];
}

/** Refusals that more credits for the member, or for the pool, would have let through. */
export const shortageCodes = [
  "limit_reached",
  "never_this_period",
  "reserved_for_others",
  "borrow_limit",
  "rate_limited",
  "credits_held",
  "pool_exhausted",
  "spend_cap_reached",
] as const;

/** The one that a raise for the member answers. */
const limitCode = "limit_reached";

/** Those of the sharing of the pool. */
const shareCodes: ReadonlySet<string> = new Set([
  "never_this_period",
  "reserved_for_others",
  "borrow_limit",
]);

/** Of a hundred active days, how many a raise shall cover. */
const coveredPercent = 95;

/** Members that were refused, in the order of what they were refused. */
export function powerUsers(
  refused: readonly RefusedOnDay[],
  used: readonly UsedOnDay[],
): readonly PowerUser[] {
  const uses = Map.groupBy(used, ({ member }) => member);
  return [...Map.groupBy(refused, ({ member }) => member)]
    .map(([member, rows]) => powerUser(member, rows, uses.get(member) ?? []))
    .toSorted((a, b) => descending(a.credits, b.credits) || (a.member < b.member ? -1 : 1));
}

function powerUser(
  member: string,
  refused: readonly RefusedOnDay[],
  used: readonly UsedOnDay[],
): PowerUser {
  const limited = refused.filter(({ code }) => code === limitCode);
  const short = [...Map.groupBy(limited, ({ day }) => day).values()].map(creditsOf);
  const active = new Set([...refused, ...used].map(({ day }) => day)).size;
  const shorts = [...Array.from({ length: active - short.length }, () => 0n), ...short].toSorted(
    (a, b) => descending(b, a),
  );
  const raise = shorts[Math.ceil((active * coveredPercent) / 100) - 1] ?? 0n;
  return {
    member,
    times: timesOf(refused),
    credits: creditsOf(refused),
    byLimits: creditsOf(limited),
    byShares: creditsOf(refused.filter(({ code }) => shareCodes.has(code))),
    used: creditsOf(used),
    activeDays: active,
    refusedDays: new Set(refused.map(({ day }) => day)).size,
    daysAtLimit: short.length,
    raise,
    coveredDays: shorts.filter((one) => one <= raise).length,
    codes: [...Map.groupBy(refused, ({ code }) => code)]
      .map(([code, rows]) => ({ code, times: timesOf(rows), credits: creditsOf(rows) }))
      .toSorted((a, b) => (a.code < b.code ? -1 : 1)),
  };
}

const creditsOf = (rows: readonly { readonly credits: bigint }[]): bigint =>
  rows.reduce((sum, { credits }) => sum + credits, 0n);

const timesOf = (rows: readonly { readonly times: bigint }[]): bigint =>
  rows.reduce((sum, { times }) => sum + times, 0n);

const descending = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? 1 : -1);
