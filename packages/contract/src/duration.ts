// Owns: how durations are written outside (ISO 8601: weeks, days, hours, minutes, seconds). Months and years have no fixed length
// and are not durations here. Inside they are integer milliseconds.
import { FormatFault } from "./format-fault.ts";

const clockPart =
  "T([0-9]{1,6}H([0-9]{1,6}M)?([0-9]{1,8}S)?|[0-9]{1,6}M([0-9]{1,8}S)?|[0-9]{1,8}S)";

/** `P1W`, `P30D`, `PT5H`, `PT1H30M`, `P1DT12H`: whole units, biggest first. */
export const durationPattern = `^P([0-9]{1,4}W|[0-9]{1,5}D(${clockPart})?|${clockPart})$`;

const durationExpression = new RegExp(durationPattern);
const unitMs: Readonly<Record<string, number>> = {
  W: 604_800_000,
  D: 86_400_000,
  H: 3_600_000,
  M: 60_000,
  S: 1000,
};

/**
 * Reads a duration into milliseconds.
 *
 * @example parseDuration("PT1H30M") // 5400000
 * @throws FormatFault where the text is no such duration.
 */
export function parseDuration(text: string): number {
  if (!durationExpression.test(text))
    throw new FormatFault(text, "an ISO 8601 duration of weeks, days, hours, minutes or seconds");
  let total = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)([WDHMS])/g))
    total += Number(count) * (unitMs[unit ?? ""] ?? 0);
  return total;
}

/**
 * Writes milliseconds as a duration of days, hours, minutes and seconds; what is finer than a second is cut off.
 *
 * @example printDuration(5400000) // "PT1H30M"
 */
export function printDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = [
    [Math.floor(seconds / 3600) % 24, "H"],
    [Math.floor(seconds / 60) % 60, "M"],
    [seconds % 60, "S"],
  ] as const;
  const time = clock.map(([count, unit]) => (count === 0 ? "" : `${count}${unit}`)).join("");
  const date = days === 0 ? "" : `${days}D`;
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}
