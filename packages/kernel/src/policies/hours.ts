/**
 * Owns when hours of a week are: by what the clock on the wall of the workspace's zone shows.
 *
 * H1 an instant is inside when the clock shows a time inside, both times that it shows it where the clocks are set back; a time
 * that is skipped never comes. H2 half-open: at `to` it is over.
 */
import { type Instant, after, instant } from "../instant.ts";
import type { Zone } from "../limits/cap.ts";
import type { WeeklyHours } from "./policy.ts";

/** Minutes that a day of the clock has. */
export const minutesOfDay: number = 24 * 60;
const minuteMs = 60_000;
const dayMs = minutesOfDay * minuteMs;
const weekMs = 7 * dayMs;

/** Every span of hours of a week comes within this, but for one that a change of the clocks skips; then a week later. */
const searchMs = 2 * weekMs + dayMs;

/** Whether the hours allow an instant. */
export function isWithin(hours: readonly WeeklyHours[], at: Instant, zone: Zone): boolean {
  return waitOf(hours, zone.calendar.sinceMonday(at, zone.timeZone)) === 0;
}

/** The first instant from `at` on that all of them allow; null where none comes. */
export function nextWithin(
  all: readonly (readonly WeeklyHours[])[],
  at: Instant,
  zone: Zone,
): Instant | null {
  const until = at + searchMs;
  let next: number = at;
  while (next < until) {
    const from = instant(next);
    let latest: number = from;
    for (const hours of all) latest = Math.max(latest, nextOf(hours, from, zone) ?? until);
    if (latest === next) return from;
    next = latest;
  }
  return null;
}

/** The first instant from `at` on that these hours allow: from one change of the clocks to the next they run evenly. */
function nextOf(hours: readonly WeeklyHours[], at: Instant, zone: Zone): Instant | null {
  const until = at + searchMs;
  let from = at;
  while (from < until) {
    const wait = waitOf(hours, zone.calendar.sinceMonday(from, zone.timeZone));
    if (wait === null) return null;
    const changesAt = zone.calendar.clockChange(from, zone.timeZone);
    if (changesAt === null || from + wait < changesAt) return after(from, wait);
    from = changesAt;
  }
  return null;
}

/** Milliseconds of an even clock until the hours allow; 0 inside, null where they never do. */
function waitOf(hours: readonly WeeklyHours[], sinceMonday: number): number | null {
  let shortest: number | null = null;
  for (const { days, fromMinute, toMinute } of hours) {
    const length = (toMinute > fromMinute ? 0 : dayMs) + (toMinute - fromMinute) * minuteMs;
    for (const day of days) {
      const start = (day - 1) * dayMs + fromMinute * minuteMs;
      // A span that begins late on Sunday goes on into the next week.
      const into = (sinceMonday - start + weekMs) % weekMs;
      if (into < length) return 0;
      const wait = weekMs - into;
      if (shortest === null || wait < shortest) shortest = wait;
    }
  }
  return shortest;
}
