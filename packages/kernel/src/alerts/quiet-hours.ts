import { type Calendar, type Instant, instant } from "../instant.ts";
import type { QuietHours } from "./alert-rule.ts";

export const minutesOfDay: number = 24 * 60;
const minuteMs = 60_000;

/**
 * When quiet hours that hold `at` are over; null where none do. Minutes count from the day's midnight, so that on the two days
 * of a year on which clocks move they are an hour off.
 */
export function quietUntil(
  quiet: QuietHours | null,
  at: Instant,
  zone: { readonly calendar: Calendar; readonly timeZone: string },
): Instant | null {
  if (quiet === null || quiet.from === quiet.until) return null;
  const today = zone.calendar.window("day", at, zone.timeZone);
  const minute = Math.floor((at - today.start) / minuteMs);
  const isOverMidnight = quiet.from > quiet.until;
  const isQuiet = isOverMidnight
    ? minute >= quiet.from || minute < quiet.until
    : minute >= quiet.from && minute < quiet.until;
  if (!isQuiet) return null;
  const midnight = isOverMidnight && minute >= quiet.from ? today.end : today.start;
  return instant(midnight + quiet.until * minuteMs);
}
