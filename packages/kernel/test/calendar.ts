import {
  type Calendar,
  type CalendarUnit,
  type Instant,
  type Interval,
  instant,
} from "@cistern/kernel";

/** Zones of the real world, from the host's own zone database: 23 and 25 hour days, and midnights that do not exist. */
export const calendar: Calendar = {
  window(unit, at, timeZone) {
    const day = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
    if (unit === "hour") {
      const start = day.round({ smallestUnit: "hour", roundingMode: "floor" });
      return between(start, start.add({ hours: 1 }));
    }
    const first = firstDay(unit, day.toPlainDate());
    const length = unit === "month" ? { months: 1 } : { days: unit === "week" ? 7 : 1 };
    return between(first.toZonedDateTime(timeZone), first.add(length).toZonedDateTime(timeZone));
  },
  boundary(anchor, { unit, count }, index, timeZone) {
    const length = { [`${unit}s`]: count * index };
    const start = zoned(anchor, timeZone).toPlainDateTime().add(length);
    return instant(start.toZonedDateTime(timeZone).epochMilliseconds);
  },
  dayNumber: (at, timeZone) =>
    zoned(at, timeZone).toPlainDate().since(Temporal.PlainDate.from("1970-01-01")).days,
  sinceMonday(at, timeZone) {
    const now = zoned(at, timeZone).toPlainDateTime();
    const { dayOfWeek, hour, minute, second, millisecond } = now;
    return ((((dayOfWeek - 1) * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + millisecond;
  },
  clockChange(at, timeZone) {
    const next = zoned(at, timeZone).getTimeZoneTransition("next");
    return next === null ? null : instant(next.epochMilliseconds);
  },
};

const zoned = (at: Instant, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);

/** `2026-03-29T00:00+01:00` as an instant. */
export const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

function firstDay(unit: CalendarUnit, day: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === "week") return day.subtract({ days: day.dayOfWeek - 1 });
  return unit === "month" ? day.with({ day: 1 }) : day;
}

const between = (start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): Interval => ({
  start: instant(start.epochMilliseconds),
  end: instant(end.epochMilliseconds),
});
