import { assert } from "./bug.ts";

declare const instantBrand: unique symbol;

/** Milliseconds since 1970-01-01T00:00Z, an integer. */
export type Instant = number & { readonly [instantBrand]: true };

/** The last instant that RFC 3339 can write: 9999-12-31T23:59:59.999Z. */
export const instantMax = 253_402_300_799_999;

const isInstant = (value: number): value is Instant =>
  Number.isSafeInteger(value) && value >= 0 && value <= instantMax;

/** The one constructor of instants. Throws `Bug` for anything but an integer of 1970 to 9999. */
export function instant(value: number): Instant {
  assert(isInstant(value), "T1 an instant is an integer of milliseconds, 1970 to 9999");
  return value;
}

/** `at` moved by a duration in milliseconds. */
export const after = (at: Instant, durationMs: number): Instant => instant(at + durationMs);

/** A half-open interval: `at === end` is outside. */
export interface Interval {
  readonly start: Instant;
  readonly end: Instant;
}

/** Calendar units of caps. */
export type CalendarUnit = "hour" | "day" | "week" | "month";

/** How often a period begins: every `count` units. */
export interface Cadence {
  readonly unit: "day" | "week" | "month" | "year";
  readonly count: number;
}

/**
 * Zones, handed in by the host: the kernel has none. Weeks begin on Monday. Every boundary that it gives is written into
 * an event, so that replay needs no zone database.
 */
export interface Calendar {
  /** The calendar window of `unit` that holds `at` in `timeZone`. */
  window(unit: CalendarUnit, at: Instant, timeZone: string): Interval;
  /**
   * Where the period of this index begins; that of index 0 at the anchor. Each is found from the anchor and not from the one
   * before: of 31 January the 28 or 29 February and then 31 March (FINANCE, P4 to P7).
   */
  boundary(anchor: Instant, cadence: Cadence, index: number, timeZone: string): Instant;
  /** The number of the calendar day that holds `at`: differences count days. */
  dayNumber(at: Instant, timeZone: string): number;
  /** What the clock on the wall shows at `at`: milliseconds since Monday, 00:00. Where the clocks are set back it shows an hour twice. */
  sinceMonday(at: Instant, timeZone: string): number;
  /** When the clocks of the zone are next set, after `at`: until then they run evenly. null: they are not. */
  clockChange(at: Instant, timeZone: string): Instant | null;
}
