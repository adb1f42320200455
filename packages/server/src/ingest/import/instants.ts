/**
 * Owns when a row happened. I1 an instant has an offset, or the zone that was said of all rows, or it is refused: nothing is taken
 * for UTC. I2 a bare number counts what was said, or is refused. I3 what is finer than a millisecond is cut off.
 */
import { FormatFault, parseInstant } from "@cistern/contract";
import { Temporal } from "temporal-polyfill";
import type { TimeUnit } from "./history.ts";
import { RowFault } from "./row-fault.ts";

/** Reads an instant of a field into milliseconds since 1970. Throws `RowFault`. */
export type ReadInstant = (text: string, field: string) => number;

const civil =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?)(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const number = /^(\d{1,16})(?:\.(\d{1,9}))?$/;
const expected = "an instant such as 2026-01-31T12:00:00Z";

/** Makes the reader of a column of instants. */
export function instantReader(unit: TimeUnit | undefined, zone: string | undefined): ReadInstant {
  return (text, field) => {
    try {
      return counted(text, unit, field) ?? onClock(text, zone, field);
    } catch (error) {
      if (error instanceof RangeError || error instanceof FormatFault)
        throw new RowFault(`${field} is ${JSON.stringify(text)}, which is no instant.`);
      throw error;
    }
  };
}

/** Whether this machine knows the zone. */
export function isZone(zone: string): boolean {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone) !== undefined;
  } catch {
    return false;
  }
}

function counted(text: string, unit: TimeUnit | undefined, field: string): number | undefined {
  const [, whole, fraction = ""] = number.exec(text) ?? [];
  if (whole === undefined) return undefined;
  switch (unit) {
    case undefined:
      throw new RowFault(
        `${field} is the number ${text}: say whether it counts seconds (--time s) or milliseconds (--time ms) since 1970.`,
      );
    case "ms":
      return Number(whole);
    case "s":
      return Number(whole) * 1_000 + Number(fraction.padEnd(3, "0").slice(0, 3));
  }
}

function onClock(text: string, zone: string | undefined, field: string): number {
  // Most are in this form already, and Temporal takes ten times as long.
  if (text.endsWith("Z") && text[10] === "T") return parseInstant(text);
  const [, day, time, offset] = civil.exec(text) ?? [];
  if (day === undefined || time === undefined)
    throw new RowFault(`${field} is ${JSON.stringify(text)}; it must be ${expected}.`);
  const local = `${day}T${time.replace(",", ".")}`;
  if (offset !== undefined)
    return Temporal.Instant.from(`${local}${offset.toUpperCase()}`).epochMilliseconds;
  if (zone === undefined)
    throw new RowFault(
      `${field} is ${JSON.stringify(text)}, which has no offset: say in which zone it is (--zone UTC, --zone Europe/Berlin).`,
    );
  // An hour that a clock shows twice is taken as the first; one that it leaves out, as if it had gone on.
  return Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
}
