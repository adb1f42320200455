/** Owns sums and differences of times: lists of half-open intervals, in order and apart from each other. */
import type { Interval } from "../instant.ts";

/** What of an interval lies in none of these. */
export function without(over: Interval, spans: readonly Interval[]): readonly Interval[] {
  let { start } = over;
  const parts: Interval[] = [];
  for (const span of spans) {
    if (span.end <= start) continue;
    if (span.start >= over.end) break;
    if (span.start > start) parts.push({ start, end: span.start });
    start = span.end;
    if (start >= over.end) return parts;
  }
  return [...parts, { start, end: over.end }];
}

/** These times with more: what touches is one. */
export function joined(spans: readonly Interval[], more: readonly Interval[]): readonly Interval[] {
  const all = [...spans, ...more].toSorted((a, b) => a.start - b.start);
  const sum: Interval[] = [];
  for (const one of all) {
    const last = sum.at(-1);
    if (last === undefined || last.end < one.start) sum.push(one);
    else if (one.end > last.end) sum[sum.length - 1] = { start: last.start, end: one.end };
  }
  return sum;
}

/** These times without some. */
export const lessened = (
  spans: readonly Interval[],
  some: readonly Interval[],
): readonly Interval[] => spans.flatMap((span) => without(span, some));

/** How long they are together, in milliseconds. */
export const lengthOf = (spans: readonly Interval[]): number =>
  spans.reduce((sum, { start, end }) => sum + end - start, 0);
