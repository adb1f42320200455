// Owns: how instants are written outside (RFC 3339, UTC, "Z"). Inside they are integer milliseconds since 1970.
// I1: parse(print(at)) is at. I2: what is finer than a millisecond is cut off, so an instant never moves into the future.
import { FormatFault } from "./format-fault.ts";

/** RFC 3339 in UTC from 1970 on; at most nine digits of a second. Whether the day exists in its month is the parser's to say. */
export const instantPattern =
  "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z$";

const instantExpression = new RegExp(instantPattern);
const millisecondsPerDay = 86_400_000;

/**
 * Reads an instant into milliseconds since 1970-01-01T00:00:00Z.
 *
 * @example parseInstant("2026-03-29T01:00:00.250Z") // 1774746000250
 * @throws FormatFault where the text is no instant in UTC, or its day does not exist.
 */
export function parseInstant(text: string): number {
  if (!instantExpression.test(text))
    throw new FormatFault(text, "an instant as RFC 3339 in UTC, such as 2026-01-31T12:00:00Z");
  const day = dayFromCivil(field(text, 0, 4), field(text, 5, 7), field(text, 8, 10));
  if (printDay(day) !== text.slice(0, 10)) throw new FormatFault(text, "a day of the calendar");
  const seconds = field(text, 11, 13) * 3600 + field(text, 14, 16) * 60 + field(text, 17, 19);
  const milliseconds = text.length > 20 ? Number(text.slice(20, -1).padEnd(3, "0").slice(0, 3)) : 0;
  return day * millisecondsPerDay + seconds * 1000 + milliseconds;
}

/**
 * Writes an instant with milliseconds where it has some.
 *
 * @example printInstant(1774746000000) // "2026-03-29T01:00:00Z"
 */
export function printInstant(at: number): string {
  const day = Math.floor(at / millisecondsPerDay);
  const rest = at - day * millisecondsPerDay;
  const seconds = Math.floor(rest / 1000);
  const milliseconds = rest % 1000;
  const fraction = milliseconds === 0 ? "" : `.${digits(milliseconds, 3)}`;
  const hour = pair(Math.floor(seconds / 3600));
  return `${printDay(day)}T${hour}:${pair(Math.floor(seconds / 60) % 60)}:${pair(seconds % 60)}${fraction}Z`;
}

function field(text: string, from: number, to: number): number {
  return Number(text.slice(from, to));
}

/** Every answer prints instants: two digits are looked up, and the last day is kept. */
const pairs: readonly string[] = Array.from({ length: 100 }, (_, value) => digits(value, 2));

function pair(value: number): string {
  return pairs[value] ?? "";
}

function digits(value: number, width: number): string {
  return value.toString().padStart(width, "0");
}

/** Days since 1970-01-01 in the Gregorian calendar; years run from March, so that a leap day is a year's last (H. Hinnant, days_from_civil). */
function dayFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

let lastDay = 0;
let lastDayText = "1970-01-01";

function printDay(days: number): string {
  if (days === lastDay) return lastDayText;
  lastDayText = writeDay(days);
  lastDay = days;
  return lastDayText;
}

function writeDay(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = ((monthFromMarch + 2) % 12) + 1;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}
