import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type CalendarUnit, type Decision, instant } from "@cistern/kernel";
import { at, calendar } from "./calendar.ts";
import { Journal } from "./journal.ts";
import { cap, createWorkspace, grant, limit, open, settle } from "./scenario/commands.ts";

/** A workspace whose cap of 10 was used up at `usedAt`, in a zone. */
function used(timeZone: string, unit: CalendarUnit, usedAt: string): Journal {
  const journal = new Journal();
  journal.run(createWorkspace({ timeZone }), at(usedAt));
  journal.run(grant("a", 1_000), at(usedAt));
  journal.run(limit("c", "workspace", cap(10, unit)), at(usedAt));
  assert.equal(journal.run(open("used", 10), at(usedAt)).kind, "accepted");
  assert.equal(journal.run(settle("used", 10), at(usedAt)).kind, "accepted");
  return journal;
}

const ask = (journal: Journal, when: number): Decision => journal.decide(open("more", 1), when);

/** Refused until the very instant `freesAt`, which the refusal names. */
function assertFreesAt(journal: Journal, freesAt: string): void {
  const end = at(freesAt);
  const before = ask(journal, end - 1);
  assert(before.kind === "rejected" && before.rejection.code === "limit_reached");
  assert.equal(before.rejection.retryAt, end);
  assert.equal(ask(journal, end).kind, "accepted");
}

const rows = [
  {
    name: "a day of 23 hours ends an hour early: Berlin, the last Sunday of March",
    zone: "Europe/Berlin",
    unit: "day",
    usedAt: "2026-03-29T00:00+01:00",
    freesAt: "2026-03-30T00:00+02:00",
    hours: 23,
  },
  {
    name: "a day of 25 hours lasts an hour longer: Berlin, the last Sunday of October",
    zone: "Europe/Berlin",
    unit: "day",
    usedAt: "2026-10-25T00:00+02:00",
    freesAt: "2026-10-26T00:00+01:00",
    hours: 25,
  },
  {
    name: "a week begins on Monday, and has an hour less when the clocks go forward",
    zone: "Europe/Berlin",
    unit: "week",
    usedAt: "2026-03-23T00:00+01:00",
    freesAt: "2026-03-30T00:00+02:00",
    hours: 7 * 24 - 1,
  },
  {
    name: "a month is as long as the calendar says, less the hour that March loses",
    zone: "America/New_York",
    unit: "month",
    usedAt: "2026-03-01T00:00-05:00",
    freesAt: "2026-04-01T00:00-04:00",
    hours: 31 * 24 - 1,
  },
  {
    name: "February of a leap year has 29 days",
    zone: "UTC",
    unit: "month",
    usedAt: "2028-02-01T00:00Z",
    freesAt: "2028-03-01T00:00Z",
    hours: 29 * 24,
  },
  {
    name: "where midnight does not exist a day begins at one: Santiago, 6 September 2026",
    zone: "America/Santiago",
    unit: "day",
    usedAt: "2026-09-06T01:00-03:00",
    freesAt: "2026-09-07T00:00-03:00",
    hours: 23,
  },
  {
    name: "and the day before it ends there",
    zone: "America/Santiago",
    unit: "day",
    usedAt: "2026-09-05T00:00-04:00",
    freesAt: "2026-09-06T01:00-03:00",
    hours: 24,
  },
  {
    name: "an hour that the clocks repeat is two hours",
    zone: "America/New_York",
    unit: "hour",
    usedAt: "2026-11-01T01:00-04:00",
    freesAt: "2026-11-01T02:00-04:00",
    hours: 1,
  },
  {
    name: "hours of a zone that is half an hour off begin on its half hours",
    zone: "Asia/Kolkata",
    unit: "hour",
    usedAt: "2026-01-05T12:00+05:30",
    freesAt: "2026-01-05T13:00+05:30",
    hours: 1,
  },
] as const;

suite("calendar windows follow the clocks of the workspace's zone", () => {
  for (const { name, zone, unit, usedAt, freesAt, hours } of rows)
    test(name, () => {
      assertFreesAt(used(zone, unit, usedAt), freesAt);
      const { start, end } = calendar.window(unit, instant(at(usedAt)), zone);
      assert.deepEqual([start, end], [at(usedAt), at(freesAt)]);
      assert.equal((end - start) / 3_600_000, hours);
    });

  test("the same instant is another day in another zone", () => {
    const late = "2026-01-05T23:30+01:00";
    assertFreesAt(used("Europe/Berlin", "day", late), "2026-01-06T00:00+01:00");
    assertFreesAt(used("America/New_York", "day", late), "2026-01-06T00:00-05:00");
  });

  test("a window is in the event, so that replay needs no zone database", () => {
    const journal = used("Europe/Berlin", "day", "2026-10-25T00:00+02:00");
    const opened = journal.rows.map((row) => row.event).find((one) => one.kind === "hold.opened");
    assert(opened !== undefined);
    assert.deepEqual(
      opened.counts.map(({ start, end }) => [start, end]),
      [[at("2026-10-25T00:00+02:00"), at("2026-10-26T00:00+01:00")]],
    );
  });
});
