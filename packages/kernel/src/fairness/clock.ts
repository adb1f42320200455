/** Owns the ticks of a sharing period: 0 to N - 1, each as long as the others but for rounding (FAIRNESS 1.1, RULES 30). */
import { type Instant, instant } from "../instant.ts";

/** When a period begins and ends, and how many ticks it has. */
export interface Span {
  readonly start: Instant;
  readonly end: Instant;
  readonly ticks: number;
}

/** Ticks of a period: hours of a month. */
export const ticksOfPeriod = 720;

/** The tick that holds `at`; the last one when the period is over. */
export function tickAt({ start, end, ticks }: Span, at: number): number {
  const elapsed = at - start;
  if (elapsed <= 0) return 0;
  return Math.min(ticks - 1, Math.floor((ticks * elapsed) / (end - start)));
}

/** The first instant of a tick. */
export const startOfTick = ({ start, end, ticks }: Span, tick: number): Instant =>
  instant(start + Math.ceil((tick * (end - start)) / ticks));
