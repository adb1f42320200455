import {
  type Cadence,
  type Calendar,
  type CalendarUnit,
  type Instant,
  type Interval,
  instant,
} from "@cistern/kernel";
import { Temporal } from "temporal-polyfill";

/** Windows that are remembered: few zones and four units are in use at a time. */
const windowsMax = 4_096;

/** The kernel's calendar on the zone database of this machine. Weeks begin on Monday; days may have 23 or 25 hours. */
export function createCalendar(): Calendar {
  const latest = new Map<string, Interval>();
  const clocks = new Map<string, Clock>();
  return {
    window(unit, at, timeZone) {
      const key = `${unit} ${timeZone}`;
      const known = latest.get(key);
      if (known !== undefined && known.start <= at && at < known.end) return known;
      const found = windowOf(unit, at, timeZone);
      if (latest.size >= windowsMax) latest.clear();
      latest.set(key, found);
      return found;
    },
    boundary(anchor, cadence, index, timeZone) {
      const start = zoned(anchor, timeZone);
      const next = start.toPlainDateTime().add(lengthOf(cadence, index));
      return instant(next.toZonedDateTime(timeZone).epochMilliseconds);
    },
    dayNumber(at, timeZone) {
      return zoned(at, timeZone).toPlainDate().since(firstDayOfAll).days;
    },
    sinceMonday: (at, timeZone) =>
      (at + clockOf(clocks, at, timeZone).aheadMs + thursdayMs) % weekMs,
    clockChange: (at, timeZone) => clockOf(clocks, at, timeZone).until,
  };
}

const weekMs = 7 * 24 * 3_600_000;
/** 1970 began on a Thursday. */
const thursdayMs = 3 * 24 * 3_600_000;

/** A clock on the wall that runs evenly for a while: so far ahead of UTC. */
interface Clock {
  readonly from: number;
  /** null: for ever. */
  readonly until: Instant | null;
  readonly aheadMs: number;
}

function clockOf(clocks: Map<string, Clock>, at: Instant, timeZone: string): Clock {
  const known = clocks.get(timeZone);
  if (known !== undefined && known.from <= at && (known.until === null || at < known.until))
    return known;
  const now = zoned(at, timeZone);
  const next = now.getTimeZoneTransition("next");
  const until = next === null ? null : instant(next.epochMilliseconds);
  const found = { from: at, until, aheadMs: now.offsetNanoseconds / 1_000_000 };
  if (clocks.size >= windowsMax) clocks.clear();
  clocks.set(timeZone, found);
  return found;
}

const firstDayOfAll = new Temporal.PlainDate(1970, 1, 1);

const zoned = (at: Instant, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);

/** Of a local time that does not exist the later one is taken, of one that comes twice the first. */
function lengthOf({ unit, count }: Cadence, index: number): Temporal.DurationLike {
  switch (unit) {
    case "day":
      return { days: count * index };
    case "week":
      return { weeks: count * index };
    case "month":
      return { months: count * index };
    case "year":
      return { years: count * index };
  }
}

/** Whether this machine's zone database knows a zone by this name. */
export function isTimeZone(name: string): boolean {
  // An offset such as +02:00 is none: its name would not say when summer begins.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function windowOf(unit: CalendarUnit, at: number, timeZone: string): Interval {
  const now = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  if (unit === "hour") return hourOf(now);
  const day = now.toPlainDate();
  const first = firstDay(unit, day);
  const next = first.add(unit === "month" ? { months: 1 } : { days: unit === "week" ? 7 : 1 });
  return { start: startOf(first, timeZone), end: startOf(next, timeZone) };
}

function firstDay(
  unit: Exclude<CalendarUnit, "hour">,
  day: Temporal.PlainDate,
): Temporal.PlainDate {
  switch (unit) {
    case "day":
      return day;
    case "week":
      return day.subtract({ days: day.dayOfWeek - 1 });
    case "month":
      return day.with({ day: 1 });
  }
}

/** The first instant of a day, which is not midnight where the clocks change at midnight. */
function startOf(day: Temporal.PlainDate, timeZone: string): Interval["start"] {
  return instant(day.toZonedDateTime(timeZone).epochMilliseconds);
}

/**
 * The clock's hour. One that the clocks repeat counts twice, each for itself, since every window is one piece of time; where
 * they move by half an hour the two halves are one window.
 */
function hourOf(now: Temporal.ZonedDateTime): Interval {
  const start = onTheHour(now);
  let end = start;
  for (let hours = 1; end.epochMilliseconds <= start.epochMilliseconds; hours += 1)
    end = onTheHour(start.add({ hours }));
  return { start: instant(start.epochMilliseconds), end: instant(end.epochMilliseconds) };
}

function onTheHour(at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return at.round({ smallestUnit: "hour", roundingMode: "floor" });
}
