/**
 * Owns caps: how much a window has left, when it frees, and what an approval counts.
 *
 * C1 a cap counts at authorization, in the window of that instant (RULES 4). C2 a rolling window has 60 buckets.
 * C3 intervals are half-open: at === end is the next window.
 */
import { type Credits, beyond, credits, noCredits, plus } from "../amount.ts";
import { type Calendar, type Instant, type Interval, instant } from "../instant.ts";
import { type LimitSlice, limitKeyOf } from "./slice.ts";
import type { Count, Counter, LimitRule, PercentRule, Window } from "./limit.ts";
import { type Summed, newBasis, percentOf } from "./pool-share.ts";
import { lentTo, raisedCap } from "./raise.ts";

/** Buckets of a rolling window. */
const rollingBuckets = 60;

/** A cap with a number, or in percent: `credits: null` never refuses and is not counted. */
export type CapRule =
  | (Extract<LimitRule, { readonly kind: "cap"; readonly credits: unknown }> & {
      readonly credits: Credits;
    })
  | PercentRule;

/** Whether a rule is a cap that counts. */
export const isCounting = (rule: LimitRule): rule is CapRule =>
  rule.kind === "cap" && ("percentBps" in rule || rule.credits !== null);

/** A rule as the cap that it is; undefined: it is none, or never refuses. */
export const asCap = (rule: LimitRule): CapRule | undefined =>
  isCounting(rule) ? rule : undefined;

/** A ceiling on overage as a cap, of what is taken past the pool. */
export const asCeiling = (rule: LimitRule): CapRule | undefined =>
  rule.kind === "overage" && rule.credits !== null
    ? { kind: "cap", credits: rule.credits, window: rule.window }
    : undefined;

/** One cap at one instant. */
export interface CapView {
  /** The counter's key: the very text that the table has, so that many holds share one. */
  readonly key: string;
  readonly used: Credits;
  /** With what was raised for this window or for good. */
  readonly cap: Credits;
  /** What raises for once lend on top. */
  readonly lent: Credits;
  /** Below the cap, and lent. */
  readonly left: Credits;
  /** The window that counts now; of a rolling one, the bucket. */
  readonly window: Interval;
  /** Calendar and rolling windows always are; one by first use only once that use was approved. */
  readonly isOpened: boolean;
  readonly resetsAt: Instant | null;
}

/** Zones and the workspace's own. */
export interface Zone {
  readonly calendar: Calendar;
  readonly timeZone: string;
}

/** What a cap needs beside its own use. */
export interface Ground extends Zone {
  readonly pool: Summed;
}

/** Use of a cap now. */
export function viewCap(
  slice: LimitSlice,
  key: string,
  rule: CapRule,
  at: Instant,
  zone: Ground,
): CapView {
  const counter = slice.counters.get(key);
  const window = windowAt(rule.window, counter, at, zone);
  const used = usedAt(counter, rule.window, window, at);
  const resetsAt = resetOf(rule.window, counter, window, at);
  const isOpened = rule.window.kind !== "onFirstUse" || window === counter;
  const base = capOf(slice, key, rule, zone.pool, at);
  const { cap, lent } = raisedCap(slice.raised.get(key), base, rule.window, window, at);
  return {
    key: counter?.key ?? key,
    used,
    cap,
    lent,
    left: plus(beyond(cap, used), lent),
    window,
    isOpened,
    resetsAt,
  };
}

/** When `requested` more would fit if nobody else spends; null when it never does. */
export function capFreesAt(
  slice: LimitSlice,
  key: string,
  rule: CapRule,
  at: Instant,
  requested: Credits,
  zone: Ground,
): Instant | null {
  const view = viewCap(slice, key, rule, at, zone);
  if (rule.window.kind !== "rolling") {
    const { end } = view.window;
    const base = capOf(slice, key, rule, zone.pool, end);
    const next = raisedCap(slice.raised.get(key), base, rule.window, { start: end }, end);
    return requested <= next.cap + next.lent ? end : null;
  }
  let used: bigint = view.used;
  const base = capOf(slice, key, rule, zone.pool, at);
  for (const bucket of slice.counters.get(key)?.buckets ?? []) {
    const freesAt = bucket.start + spanOf(rule.window.durationMs);
    if (freesAt <= at) continue;
    used -= bucket.used;
    const raises = slice.raised.get(key);
    const then = raisedCap(raises, base, rule.window, view.window, instant(freesAt));
    if (requested <= beyond(then.cap, credits(used)) + then.lent) return instant(freesAt);
  }
  return null;
}

/** What usage of `amount` counts at this node, and where the pool of a percent begins with it. */
export function countFor(
  { bases }: LimitSlice,
  { id, rule }: CountedCap,
  { key, window }: CapView,
  { amount, now, pool }: { readonly amount: bigint; readonly now: Instant; readonly pool: Summed },
): Count {
  const { start, end } = window;
  const count = { counter: key, limit: id, start, end, credits: amount };
  if (!("percentBps" in rule)) return count;
  const basis = newBasis(pool, bases.get(limitKeyOf(key)), now);
  return basis === undefined ? count : { ...count, basis };
}

interface CountedCap {
  readonly id: string;
  readonly rule: CapRule;
}

interface Approved {
  readonly credits: Credits;
  readonly at: Instant;
  readonly zone: Ground;
}

/** What an approval of `amount` counts there, and what it is lent beyond the cap (Y2). */
export function countApproved(
  slice: LimitSlice,
  limit: CountedCap,
  view: CapView,
  { credits: amount, at, zone: { pool } }: Approved,
): Count {
  const count = countFor(slice, limit, view, { amount, now: at, pool });
  const below = beyond(view.cap, view.used);
  if (amount <= below) return count;
  const raises = slice.raised.get(view.key) ?? [];
  const lent = lentTo(raises, amount, below, {
    window: limit.rule.window,
    open: view.window,
    at,
  });
  return { ...count, lent };
}

/** What a cap lets through in its window, before anything is raised. */
export function capOf(
  { bases }: LimitSlice,
  key: string,
  rule: CapRule,
  pool: Summed,
  at: Instant,
): Credits {
  if (!("percentBps" in rule)) return rule.credits;
  return percentOf(rule, pool, bases.get(limitKeyOf(key)), at);
}

/** Whether a window that an earlier approval counted in is still open, so that it can be corrected (RULES 4). */
export function isOpen(
  slice: LimitSlice,
  counted: { counter: string; start: Instant; end: Instant },
  at: Instant,
): boolean {
  const counter = slice.counters.get(counted.counter);
  if (counter === undefined || at >= counted.end) return false;
  if (counter.buckets.length > 0) return counter.buckets.some((one) => one.start === counted.start);
  return counter.start === counted.start;
}

/** The counter after a count (K14: used is the sum of the counts of its window). */
export function afterCount(
  counter: Counter | undefined,
  count: Count,
  isRolling: boolean,
): Counter {
  if (isRolling) return afterBucket(counter, count);
  const isSame = counter !== undefined && counter.start === count.start;
  const used = credits((isSame ? counter.used : 0n) + count.credits);
  const { counter: key, limit, start, end } = count;
  return { key, limit, start, end, used, buckets: noBuckets };
}

const noBuckets: Counter["buckets"] = [];

/** The window of `window` at an instant: the counter's own where first use opened it. */
function windowAt(window: Window, counter: Counter | undefined, at: Instant, zone: Zone): Interval {
  switch (window.kind) {
    case "calendar": {
      if (counter !== undefined && at >= counter.start && at < counter.end) return counter;
      const found = zone.calendar.window(window.unit, at, zone.timeZone);
      // In another zone than before the new window may begin inside the last one.
      if (counter === undefined || at < counter.end || found.start >= counter.end) return found;
      return { start: counter.end, end: found.end };
    }
    case "onFirstUse":
      if (counter !== undefined && at >= counter.start && at < counter.end) return counter;
      return { start: at, end: instant(at + window.durationMs) };
    case "rolling": {
      const width = widthOf(window.durationMs);
      const start = at - (at % width);
      return { start: instant(start), end: instant(start + spanOf(window.durationMs)) };
    }
  }
}

function afterBucket(counter: Counter | undefined, count: Count): Counter {
  const span = count.end - count.start;
  const kept = (counter?.buckets ?? []).filter((one) => one.start + span > count.start);
  const same = kept.find((one) => one.start === count.start);
  const used = credits((same?.used ?? 0n) + count.credits);
  const others = kept.filter((one) => one !== same);
  const buckets = [...others, { start: count.start, used }].toSorted((a, b) => a.start - b.start);
  const sum = buckets.reduce((total, one) => total + one.used, 0n);
  const newest = buckets.at(-1)?.start ?? count.start;
  return {
    key: count.counter,
    limit: count.limit,
    start: buckets[0]?.start ?? count.start,
    end: instant(newest + span),
    used: credits(sum),
    buckets,
  };
}

/** Use that counts in `window` at an instant. */
export function usedAt(
  counter: Counter | undefined,
  window: Window,
  open: Pick<Interval, "start">,
  at: Instant,
): Credits {
  if (counter === undefined) return noCredits;
  if (window.kind !== "rolling") return counter.start === open.start ? counter.used : noCredits;
  const span = spanOf(window.durationMs);
  const counting = counter.buckets.filter((one) => one.start + span > at);
  return credits(counting.reduce((total, one) => total + one.used, 0n));
}

function resetOf(
  window: Window,
  counter: Counter | undefined,
  open: Interval,
  at: Instant,
): Instant | null {
  switch (window.kind) {
    case "calendar":
      return open.end;
    case "onFirstUse":
      return counter !== undefined && counter.start === open.start ? open.end : null;
    case "rolling": {
      const span = spanOf(window.durationMs);
      const oldest = counter?.buckets.find((one) => one.used > 0n && one.start + span > at);
      return oldest === undefined ? null : instant(oldest.start + span);
    }
  }
}

const widthOf = (durationMs: number): number => Math.ceil(durationMs / rollingBuckets);
const spanOf = (durationMs: number): number => widthOf(durationMs) * rollingBuckets;
