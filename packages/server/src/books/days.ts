/** Owns days and months of the books: plain text that sorts as time does, and zones on the platform's own database. */
import type { Cadence } from "@cistern/kernel";
import { Temporal } from "temporal-polyfill";

/** Gives the day (`YYYY-MM-DD`) of an instant in a zone. Remembers the last one, since events come in order. */
export type DayIn = (at: number, timeZone: string) => string;

interface Day {
  readonly timeZone: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A clock face for one reader of a journal. */
export function createDayIn(): DayIn {
  let last: Day | undefined;
  return (at, timeZone) => {
    const isSame =
      last?.timeZone === timeZone && last.start <= at && at < last.end ? last : undefined;
    last = isSame ?? dayOf(at, timeZone);
    return last.text;
  };
}

function dayOf(at: number, timeZone: string): Day {
  const date = Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const startOf = (day: Temporal.PlainDate): number =>
    day.toZonedDateTime(timeZone).epochMilliseconds;
  return {
    timeZone,
    start: startOf(date),
    end: startOf(date.add({ days: 1 })),
    text: date.toString(),
  };
}

/** The month (`YYYY-MM`) of a day. */
export const monthOf = (date: string): string => date.slice(0, 7);

/** The first day of a month. */
export const firstDayOf = (month: string): string => `${month}-01`;

/** The first and the last day of a month. */
export function spanOfMonth(month: string): { readonly from: string; readonly to: string } {
  const { daysInMonth } = Temporal.PlainYearMonth.from(month);
  return { from: firstDayOf(month), to: `${month}-${String(daysInMonth).padStart(2, "0")}` };
}

/** Whether a month has begun somewhere on earth. */
export const hasBegun = (month: string, now: number): boolean =>
  startOfDay(firstDayOf(month), "Etc/GMT-14") <= now;

/** The month that many months later, or earlier. */
export const monthAfter = (month: string, months = 1): string =>
  Temporal.PlainYearMonth.from(month).add({ months }).toString();

/** Days from one day to another. */
export const daysBetween = (from: string, to: string): number =>
  Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to)).days;

/** The first instant of a day in a zone. */
export const startOfDay = (day: string, timeZone: string): number =>
  Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds;

/** The first instant of the day after it. */
export const startOfNextDay = (day: string, timeZone: string): number =>
  Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;

/** The days of a span, both included, each half-open in a zone. */
export function daysOfSpan(
  from: string,
  to: string,
  timeZone: string,
): { readonly day: string; readonly start: number; readonly end: number }[] {
  const first = Temporal.PlainDate.from(from);
  return Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => {
    const day = first.add({ days: index }).toString();
    return { day, start: startOfDay(day, timeZone), end: startOfNextDay(day, timeZone) };
  });
}

/** Milliseconds of a period that begins at an instant. */
export function lengthOf({ unit, count }: Cadence, start: number, timeZone: string): number {
  const from = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone);
  return from.add({ [`${unit}s`]: count }).epochMilliseconds - start;
}

/** Whether a text is a day that there is. */
export function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString() === text;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
