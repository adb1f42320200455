/** Owns where periods begin and end: always counted from the anchor (FINANCE, section 6g). */
import type { Cadence, Calendar, Instant } from "../instant.ts";
import type { Plan } from "./plan.ts";
import type { Period } from "./subscription.ts";

/** The period of this index. */
export function periodAt(
  index: number,
  { anchor, cadence, timeZone }: { anchor: Instant; cadence: Cadence; timeZone: string },
  calendar: Calendar,
): Period {
  return {
    index,
    start: calendar.boundary(anchor, cadence, index, timeZone),
    end: calendar.boundary(anchor, cadence, index + 1, timeZone),
  };
}

/** Whether the periods of two plans are of one length. */
export const isSameCadence = ({ cadence: a }: Plan, { cadence: b }: Plan): boolean =>
  a.unit === b.unit && a.count === b.count;

/** A trial: so many days of the zone's calendar. It has no index, since no period is counted from it. */
export function trialPeriod(
  start: Instant,
  days: number,
  { timeZone, calendar }: { timeZone: string; calendar: Calendar },
): Period {
  const end = calendar.boundary(start, { unit: "day", count: days }, 1, timeZone);
  return { index: -1, start, end };
}
