import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { instant, priorAnswer } from "@cistern/kernel";
import { at, calendar } from "../calendar.ts";
import { Journal } from "../journal.ts";
import { monthAt, monthIn } from "../../src/closing/month.ts";
import { after, scenarios } from "./check.ts";
import {
  close,
  createWorkspace,
  day,
  debit,
  debtUpTo,
  grant,
  hour,
  noon,
  open,
  update,
} from "./commands.ts";

const january = { start: at("2026-01-01T00:00Z"), end: at("2026-02-01T00:00Z") };
const february = { start: january.end, end: at("2026-03-01T00:00Z") };
const thirty = 30 * day;
const wrong = (reason: string) => ({
  rejected: { code: "invalid_request", field: "month", reason } as const,
});
const closed = (month: string, asked: number, openFrom = january.end) => ({
  rejected: {
    code: "period_closed",
    month,
    openFrom: instant(openFrom),
    asked: instant(asked),
  } as const,
});

scenarios("a close is refused, in this order", [
  {
    name: "what is no month",
    when: after(thirty, close("2026-13")),
    expect: wrong("A month is written as in 2026-10."),
  },
  {
    name: "a month before the workspace began",
    when: after(thirty, close("2025-12")),
    expect: wrong("The workspace begins in 2026-01; close that month first."),
  },
  {
    name: "a month that is closed, unless it is asked for under its default key",
    given: [after(thirty, close("2026-01"))],
    when: close("2026-01"),
    expect: closed("2026-01", january.start),
  },
  {
    name: "a month out of order",
    when: after(3 * thirty, close("2026-02")),
    expect: wrong("Months are closed in order: close 2026-01 first."),
  },
  {
    name: "a month that is not over",
    when: after(25 * day, close("2026-01")),
    expect: wrong("2026-01 is not over in UTC. Close it once it is."),
  },
]);

scenarios("a close", [
  {
    name: "says which instants are closed now",
    when: after(january.end - noon, close("2026-01")),
    expect: { event: { kind: "period.closed", month: "2026-01", ...january, at: january.end } },
  },
  {
    name: "goes by the workspace's zone",
    workspace: { timeZone: "America/New_York" },
    when: after(at("2026-02-01T00:00-05:00") - noon, close("2026-01")),
    expect: {
      event: { start: at("2026-01-01T00:00-05:00"), end: at("2026-02-01T00:00-05:00") },
    },
  },
  {
    name: "follows the one before without a gap, though the zone has changed",
    given: [after(thirty, close("2026-01")), update({ timeZone: "America/New_York" })],
    when: after(thirty, close("2026-02")),
    expect: { event: { start: february.start, end: at("2026-03-01T00:00-05:00") } },
  },
  {
    name: "comes after all that was due in the month, which is posted there",
    given: [grant("a", 10, { cost: 100, until: january.end - hour }), open("h", 4, { ttlMs: day })],
    when: after(thirty, close("2026-01")),
    expect: {
      due: ["hold.expired", "credits.expired"],
      lots: { a: { expired: 10, available: 0 } },
    },
  },
]);

scenarios("what is dated back", [
  {
    name: "is posted where it is effective, while that month is open",
    given: [after(thirty, close("2026-01"))],
    when: after(10 * day, grant("a", 10, { cost: 100, from: february.start })),
    expect: { event: { postedAt: february.start, at: noon + 40 * day } },
  },
  {
    name: "is refused in a closed month",
    given: [after(thirty, close("2026-01"))],
    when: after(10 * day, grant("a", 10, { cost: 100, from: february.start - 1 })),
    expect: closed("2026-01", february.start - 1),
  },
  {
    name: "which stands after the grant's own faults, and before unknown meters",
    given: [after(thirty, close("2026-01"))],
    when: grant("a", 10, { from: noon, appliesTo: { meters: ["paint"] } }),
    expect: closed("2026-01", noon),
  },
  {
    name: "is never posted before the workspace began",
    when: after(day, grant("a", 10, { cost: 100, from: noon - 40 * day })),
    expect: { event: { postedAt: noon }, lots: { a: { effectiveAt: noon - 40 * day } } },
  },
  {
    name: "nor where the month in which it began is closed",
    given: [after(thirty, close("2026-01"))],
    when: grant("a", 10, { from: noon - 40 * day }),
    expect: closed("2026-01", noon - 40 * day),
  },
  {
    name: "is posted now where it pays debt: its revenue is recognised now (RULES 12)",
    workspace: { overage: debtUpTo(100) },
    given: [after(thirty, debit("d", 5))],
    when: after(day, grant("a", 10, { cost: 100, from: noon + hour })),
    expect: {
      event: { postedAt: undefined },
      books: { Receivable: 100, "Deferred:a": -50, Usage: -50 },
    },
  },
  {
    name: "leaves an effect of now as it is",
    when: grant("a", 10),
    expect: { event: { postedAt: undefined } },
  },
]);

suite("months", () => {
  test("a close that is asked for again is answered from its first event (K5)", () => {
    const journal = new Journal();
    journal.run(createWorkspace(), noon);
    assert.equal(priorAnswer(journal.state, { kind: "closeMonth", month: "2026-01" }), undefined);
    journal.run(close("2026-01"), noon + thirty);
    journal.run(close("2026-02"), noon + 2 * thirty);
    for (const [month, seq] of [
      ["2026-01", 2],
      ["2026-02", 3],
    ] as const)
      assert.deepEqual(priorAnswer(journal.state, { kind: "closeMonth", month }), {
        position: { seq, index: 0 },
        fingerprint: null,
      });
  });

  test("undoing a close opens the month again, and the one before stays the last", () => {
    const journal = new Journal();
    journal.run(createWorkspace(), noon);
    journal.run(close("2026-01"), noon + thirty);
    const [mark, rows] = [journal.state.undo.mark(), journal.rows.length];
    journal.run(close("2026-02"), noon + 2 * thirty);
    journal.undoTo(mark, rows);
    assert.equal(journal.state.closing.latest.row?.month, "2026-01");
  });

  test("every month of four centuries has its name and its instants, in zones far apart", () => {
    for (const zone of ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
      for (
        let month = Temporal.PlainYearMonth.from("1970-02");
        month.year < 2370;
        month = month.add("P7M")
      ) {
        const start = month.toPlainDate({ day: 1 }).toZonedDateTime(zone).epochMilliseconds;
        const found = monthIn(calendar, month.toString(), zone);
        assert.equal(found.start, start, month.toString());
        assert.equal(monthAt(calendar, found.start, zone), month.toString());
        assert.equal(monthAt(calendar, instant(found.end - 1), zone), month.toString());
      }
  });
});
