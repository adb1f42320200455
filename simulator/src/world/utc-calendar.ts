import { type Calendar, type CalendarUnit, instant } from "@cistern/kernel";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const mondayShiftMs = 3 * dayMs;

/** The calendar of the simulated world: UTC alone, since zones have tests of their own. */
export const utcCalendar: Calendar = {
  window(unit: CalendarUnit, at) {
    switch (unit) {
      case "hour":
        return evenly(at, hourMs, 0);
      case "day":
        return evenly(at, dayMs, 0);
      case "week":
        return evenly(at, 7 * dayMs, mondayShiftMs);
      case "month": {
        const date = new Date(at);
        const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
        return {
          start: instant(Date.UTC(year, month)),
          end: instant(Date.UTC(year, month + 1)),
        };
      }
    }
  },
  boundary(anchor, { unit, count }, index) {
    if (unit === "day" || unit === "week")
      return instant(anchor + index * count * (unit === "day" ? dayMs : 7 * dayMs));
    const from = new Date(anchor);
    const months = index * count * (unit === "year" ? 12 : 1);
    const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months);
    const length = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0));
    const day = Math.min(from.getUTCDate(), length.getUTCDate());
    return instant(first + (day - 1) * dayMs + (anchor % dayMs));
  },
  dayNumber: (at) => Math.floor(at / dayMs),
  sinceMonday: (at) => (at + mondayShiftMs) % (7 * dayMs),
  clockChange: () => null,
};

function evenly(at: number, lengthMs: number, shiftMs: number) {
  const start = at - ((at + shiftMs) % lengthMs);
  return { start: instant(Math.max(0, start)), end: instant(start + lengthMs) };
}
