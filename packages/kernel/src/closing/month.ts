/** Owns the names of months, `YYYY-MM`, by integer arithmetic alone: zones are the calendar's, which is handed in. */
import { type Calendar, type Instant, type Interval, instant } from "../instant.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const pattern = /^(?:19[7-9][0-9]|[2-9][0-9]{3})-(?:0[1-9]|1[0-2])$/;

/** Whether a text names a month of 1970 to 9999. */
export const isMonth = (text: string): boolean => pattern.test(text);

/** The month that follows. */
export function monthAfter(month: string): string {
  const { year, number } = partsOf(month);
  return number === 12 ? named(year + 1, 1) : named(year, number + 1);
}

/** A month in a zone: from its first instant to that of the next. */
export function monthIn(calendar: Calendar, month: string, timeZone: string): Interval {
  const { year, number } = partsOf(month);
  // Its middle lies within it in every zone.
  const middle = instant((daysBefore(year, number) + 14) * dayMs);
  return calendar.window("month", middle, timeZone);
}

/** The month that an instant lies in. */
export function monthAt(calendar: Calendar, at: Instant, timeZone: string): string {
  const { start, end } = calendar.window("month", at, timeZone);
  const days = Math.floor((start + end) / 2 / dayMs);
  let year = Math.floor(days / 365.2425) + 1970;
  while (daysBefore(year + 1, 1) <= days) year += 1;
  while (daysBefore(year, 1) > days) year -= 1;
  let number = 12;
  while (daysBefore(year, number) > days) number -= 1;
  return named(year, number);
}

const named = (year: number, number: number): string =>
  `${year}-${String(number).padStart(2, "0")}`;

const partsOf = (month: string): { year: number; number: number } => ({
  year: Number(month.slice(0, 4)),
  number: Number(month.slice(5)),
});

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days from 1970-01-01 to the first of a month, in the Gregorian calendar. */
function daysBefore(year: number, number: number): number {
  const years = year - 1;
  const leaps = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) - 477;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  let days = (year - 1970) * 365 + leaps;
  for (const length of monthDays.slice(0, number - 1)) days += length;
  return number > 2 && isLeap ? days + 1 : days;
}
