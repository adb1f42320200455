/** Hours of policies by the clock on the wall (H1, H2), where the clocks are set. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Decision, instant, policiesFor } from "@cistern/kernel";
import { at, calendar } from "./calendar.ts";
import { Journal } from "./journal.ts";
import { createWorkspace, grant, hours, open, policy } from "./scenario/commands.ts";

function lived(timeZone: string, from: string, ...spans: readonly string[]): Journal {
  const journal = new Journal();
  journal.run(createWorkspace({ timeZone }), at(from));
  journal.run(grant("a", 1_000), at(from));
  const decision = journal.run(
    policy("p", "workspace", { hours: spans.map((one) => hours(one)) }),
    at(from),
  );
  assert.equal(decision.kind, "accepted");
  return journal;
}

const ask = (journal: Journal, when: number): Decision => journal.decide(open("h", 1), when);

/** Refused at an instant, and told that the hours allow at another; then refused until a millisecond before that, and not at it. */
function assertOpensAt(journal: Journal, asked: string, opens: string): void {
  const decision = ask(journal, at(asked));
  assert(decision.kind === "rejected" && decision.rejection.code === "not_allowed");
  assert.equal(decision.rejection.retryAt, at(opens), asked);
  assert.equal(ask(journal, at(opens) - 1).kind, "rejected");
  assert.equal(ask(journal, at(opens)).kind, "accepted");
}

const rows = [
  {
    name: "hours that begin in the hour that spring skips begin when the clocks have moved",
    zone: "Europe/Berlin",
    spans: ["sun 02:30-04:00"],
    asked: "2026-03-29T01:59+01:00",
    opens: "2026-03-29T03:00+02:00",
  },
  {
    name: "hours within the skipped hour do not come that week, and come the next",
    zone: "Europe/Berlin",
    spans: ["sun 02:00-03:00"],
    asked: "2026-03-29T01:59+01:00",
    opens: "2026-04-05T02:00+02:00",
  },
  {
    name: "the day after the clocks moved it is the same hour on the wall, an hour sooner in time",
    zone: "Europe/Berlin",
    spans: ["mon-sun 08:00-18:00"],
    asked: "2026-03-28T18:00+01:00",
    opens: "2026-03-29T08:00+02:00",
  },
  {
    name: "an hour that autumn repeats is inside both times: between them is outside",
    zone: "Europe/Berlin",
    spans: ["sun 02:00-02:30"],
    asked: "2026-10-25T02:30+02:00",
    opens: "2026-10-25T02:00+01:00",
  },
  {
    name: "and after the second time it comes a week later",
    zone: "Europe/Berlin",
    spans: ["sun 02:00-02:30"],
    asked: "2026-10-25T02:30+01:00",
    opens: "2026-11-01T02:00+01:00",
  },
  {
    name: "where clocks move by half an hour the hours move with them",
    zone: "Australia/Lord_Howe",
    spans: ["sun 02:15-04:00"],
    asked: "2026-10-04T01:59+10:30",
    opens: "2026-10-04T02:30+11:00",
  },
  {
    name: "where there is no midnight the day begins at one",
    zone: "America/Santiago",
    spans: ["sun 00:00-12:00"],
    asked: "2026-09-05T23:59-04:00",
    opens: "2026-09-06T01:00-03:00",
  },
  {
    name: "a zone that sets no clocks",
    zone: "Asia/Kolkata",
    spans: ["mon-fri 09:00-17:30"],
    asked: "2026-03-27T17:30+05:30",
    opens: "2026-03-30T09:00+05:30",
  },
] as const;

suite("hours of a policy", () => {
  for (const { name, zone, spans, asked, opens } of rows)
    test(name, () => assertOpensAt(lived(zone, asked, ...spans), asked, opens));

  test("over a night in which the clocks are set they are as long as the night is", () => {
    const journal = lived("Europe/Berlin", "2026-10-24T12:00+02:00", "sat 22:00-06:00");
    const [start, end] = [at("2026-10-24T22:00+02:00"), at("2026-10-25T06:00+01:00")];
    assert.equal(end - start, 9 * 3_600_000);
    for (let when = start - 60_000; when <= end; when += 60_000)
      assert.equal(
        ask(journal, when).kind,
        when >= start && when < end ? "accepted" : "rejected",
        new Date(when).toISOString(),
      );
  });

  test("whatever the hours, retryAt is the first minute that allows, found one by one", () => {
    const spans = ["mon-tue 23:00-01:30", "sun 01:45-02:15", "thu 12:00-12:01"];
    const from = at("2026-10-22T10:00+02:00");
    const journal = lived("Europe/Berlin", "2026-10-22T10:00+02:00", ...spans);
    let next: number | null = null;
    // Backwards, so that the next minute that allows is always known.
    for (let when = from + 6 * 24 * 3_600_000; when >= from; when -= 60_000) {
      const [one] = policiesFor(journal.state, "ana", instant(when), calendar);
      assert(one !== undefined);
      if (one.isOpen) next = when;
      else if (next !== null) assert.equal(one.opensAt, next, new Date(when).toISOString());
    }
    assert.notEqual(next, null);
  });
});
