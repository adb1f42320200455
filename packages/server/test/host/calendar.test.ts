import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant, printInstant } from "@cistern/contract";
import { type Cadence, type CalendarUnit, instant } from "@cistern/kernel";
import { Temporal } from "temporal-polyfill";
import { createCalendar, isTimeZone } from "../../src/host/index.ts";

const calendar = createCalendar();

function windowAt(unit: CalendarUnit, at: string, timeZone: string): readonly [string, string] {
  const { start, end } = calendar.window(unit, instant(parseInstant(at)), timeZone);
  return [printInstant(start), printInstant(end)];
}

type Row = readonly [string, CalendarUnit, string, string, string, string];
const rows: readonly Row[] = [
  [
    "a day of 23 hours",
    "day",
    "2026-03-29T10:00:00Z",
    "Europe/Berlin",
    "2026-03-28T23:00:00Z",
    "2026-03-29T22:00:00Z",
  ],
  [
    "a day of 25 hours",
    "day",
    "2026-10-25T10:00:00Z",
    "Europe/Berlin",
    "2026-10-24T22:00:00Z",
    "2026-10-25T23:00:00Z",
  ],
  [
    "the first of a repeated hour",
    "hour",
    "2026-10-25T00:30:00Z",
    "Europe/Berlin",
    "2026-10-25T00:00:00Z",
    "2026-10-25T01:00:00Z",
  ],
  [
    "the second of a repeated hour",
    "hour",
    "2026-10-25T01:30:00Z",
    "Europe/Berlin",
    "2026-10-25T01:00:00Z",
    "2026-10-25T02:00:00Z",
  ],
  [
    "an hour in a zone of half hours",
    "hour",
    "2026-06-01T10:45:00Z",
    "Asia/Kolkata",
    "2026-06-01T10:30:00Z",
    "2026-06-01T11:30:00Z",
  ],
  [
    "an hour cut by a shift of half an hour",
    "hour",
    "2026-10-03T15:45:00Z",
    "Australia/Lord_Howe",
    "2026-10-03T15:30:00Z",
    "2026-10-03T16:00:00Z",
  ],
  [
    "a half hour that is repeated",
    "hour",
    "2026-04-04T14:45:00Z",
    "Australia/Lord_Howe",
    "2026-04-04T14:00:00Z",
    "2026-04-04T15:30:00Z",
  ],
  [
    "the same, on its second run",
    "hour",
    "2026-04-04T15:15:00Z",
    "Australia/Lord_Howe",
    "2026-04-04T14:00:00Z",
    "2026-04-04T15:30:00Z",
  ],
  [
    "a day that begins at one",
    "day",
    "2026-04-24T12:00:00Z",
    "Africa/Cairo",
    "2026-04-23T22:00:00Z",
    "2026-04-24T21:00:00Z",
  ],
  [
    "a week from Monday",
    "week",
    "2026-11-22T12:00:00Z",
    "UTC",
    "2026-11-16T00:00:00Z",
    "2026-11-23T00:00:00Z",
  ],
  [
    "a month across a change of the clocks",
    "month",
    "2026-03-15T00:00:00Z",
    "America/New_York",
    "2026-03-01T05:00:00Z",
    "2026-04-01T04:00:00Z",
  ],
  [
    "February of a leap year",
    "month",
    "2028-02-29T23:59:59.999Z",
    "UTC",
    "2028-02-01T00:00:00Z",
    "2028-03-01T00:00:00Z",
  ],
  [
    "the first instant of a window",
    "day",
    "2026-11-23T00:00:00Z",
    "UTC",
    "2026-11-23T00:00:00Z",
    "2026-11-24T00:00:00Z",
  ],
];
for (const [what, unit, at, zone, start, end] of rows)
  test(`${what}: ${unit} of ${at} in ${zone}`, () => {
    assert.deepEqual(windowAt(unit, at, zone), [start, end]);
    // From memory it is the same.
    assert.deepEqual(windowAt(unit, at, zone), [start, end]);
  });

for (const zone of [
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "UTC",
])
  for (const unit of ["hour", "day", "week", "month"] as const)
    test(`windows by the ${unit} in ${zone} follow each other without gap or overlap through a year`, () => {
      let at = parseInstant("2026-01-01T00:00:00Z");
      let known = calendar.window(unit, instant(at), zone);
      const end = parseInstant("2027-01-15T00:00:00Z");
      while (at < end) {
        const window = createCalendar().window(unit, instant(known.end), zone);
        assert.equal(window.start, known.end, printInstant(known.end));
        assert.ok(window.end > window.start);
        at = window.start;
        known = window;
      }
    });

test("a zone is a name of the zone database, and no offset", () => {
  for (const name of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
    assert.ok(isTimeZone(name), name);
  for (const name of ["Mars/Olympus", "+02:00", "", "Europe/Berlin ", "2026-01-01"])
    assert.ok(!isTimeZone(name), name);
});

/** Where periods begin, from index 1 on, in the zone's own clock. */
function boundaries(
  anchor: string,
  cadence: Cadence,
  indexes: readonly number[],
): readonly string[] {
  const from = Temporal.ZonedDateTime.from(anchor);
  const start = instant(from.epochMilliseconds);
  return indexes.map((index) =>
    Temporal.Instant.fromEpochMilliseconds(
      calendar.boundary(start, cadence, index, from.timeZoneId),
    )
      .toZonedDateTimeISO(from.timeZoneId)
      .toString({ timeZoneName: "never" }),
  );
}

const monthly: Cadence = { unit: "month", count: 1 };

test("P4 a month counts from the original anchor: a short one does not shorten those after it", () => {
  assert.deepEqual(
    boundaries("2026-01-31T09:00[America/New_York]", monthly, [1, 2, 3, 4, 13, 25]),
    [
      "2026-02-28T09:00:00-05:00",
      "2026-03-31T09:00:00-04:00",
      "2026-04-30T09:00:00-04:00",
      "2026-05-31T09:00:00-04:00",
      "2027-02-28T09:00:00-05:00",
      "2028-02-29T09:00:00-05:00",
    ],
  );
});

test("P6 a year from 29 February ends on the 28th, and on the 29th where there is one", () => {
  const yearly: Cadence = { unit: "year", count: 1 };
  const ends = boundaries("2024-02-29T00:00[Europe/Berlin]", yearly, [1, 2, 3, 4]);
  const days = ends.map((end) => end.slice(0, 10));
  assert.deepEqual(days, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]);
});

test("P7 a boundary in a gap of the clock moves on by the gap; one that comes twice is the first", () => {
  const [santiago] = boundaries("2026-08-06T00:00[America/Santiago]", monthly, [1]);
  assert.equal(santiago, "2026-09-06T01:00:00-03:00");
  const [gap] = boundaries("2026-02-08T02:30[America/New_York]", monthly, [1]);
  assert.equal(gap, "2026-03-08T03:30:00-04:00");
  const [overlap] = boundaries("2026-10-01T01:30[America/New_York]", monthly, [1]);
  assert.equal(overlap, "2026-11-01T01:30:00-04:00");
});

test("a quarter and a fortnight are counts of units", () => {
  const quarter: Cadence = { unit: "month", count: 3 };
  assert.deepEqual(boundaries("2026-11-30T12:00[UTC]", quarter, [0, 1, 2]), [
    "2026-11-30T12:00:00+00:00",
    "2027-02-28T12:00:00+00:00",
    "2027-05-30T12:00:00+00:00",
  ]);
  const fortnight: Cadence = { unit: "week", count: 2 };
  assert.deepEqual(boundaries("2026-03-20T12:00[Europe/Berlin]", fortnight, [1]), [
    "2026-04-03T12:00:00+02:00",
  ]);
});

test("days are counted as the zone's calendar has them, whatever their length", () => {
  const day = (at: string, zone: string): number =>
    calendar.dayNumber(instant(parseInstant(at)), zone);
  const march = ["2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"] as const;
  const [start, end] = march.map((at) => day(at, "America/New_York"));
  assert.equal((end ?? 0) - (start ?? 0), 31);
  assert.equal(day("1970-01-01T00:00:00Z", "UTC"), 0);
  assert.equal(day("1970-01-01T00:00:00Z", "America/New_York"), -1);
});

test("the clock on the wall runs from Monday, shows an hour twice in autumn, and says when it is set", () => {
  const zone = "Europe/Berlin";
  const hourMs = 3_600_000;
  const shows = (at: string): number => calendar.sinceMonday(instant(parseInstant(at)), zone);
  const isSet = (at: string): string => {
    const next = calendar.clockChange(instant(parseInstant(at)), zone);
    return next === null ? "never" : printInstant(next);
  };
  assert.equal(shows("2026-11-29T23:00:00Z"), 0, "a Monday at midnight");
  assert.equal(shows("2026-11-29T22:59:59.999Z"), 7 * 24 * hourMs - 1);
  const sunday = 6 * 24 * hourMs;
  assert.equal(shows("2026-03-29T00:59:59.999Z"), sunday + 2 * hourMs - 1);
  assert.equal(shows("2026-03-29T01:00:00Z"), sunday + 3 * hourMs);
  assert.equal(shows("2026-10-25T00:30:00Z"), sunday + 2.5 * hourMs);
  assert.equal(shows("2026-10-25T01:30:00Z"), sunday + 2.5 * hourMs);
  // Asked backwards too: what it remembers of a zone holds only between two changes.
  assert.equal(shows("2026-03-29T00:00:00Z"), sunday + hourMs);
  assert.equal(isSet("2026-03-29T00:59:59.999Z"), "2026-03-29T01:00:00Z");
  assert.equal(isSet("2026-03-29T01:00:00Z"), "2026-10-25T01:00:00Z");
  assert.equal(calendar.clockChange(instant(parseInstant("2026-03-29T01:00:00Z")), "UTC"), null);
});
