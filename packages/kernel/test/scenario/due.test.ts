import assert from "node:assert/strict";
import { test } from "node:test";
import { dueMax, instant, lastAt, nextDueAt } from "@cistern/kernel";
import { Journal } from "../journal.ts";
import { after, scenarios } from "./check.ts";
import { createWorkspace, day, debit, grant, hour, minute, noon, open } from "./commands.ts";

const one = noon + hour;

scenarios("at one instant things happen in a fixed order (RULES 10)", [
  {
    name: "hold expiries, lot expiries, lots becoming effective",
    given: [
      grant("next", 10, { from: one }),
      grant("a", 10, { until: one }),
      open("h", 6, { ttlMs: hour }),
    ],
    when: { afterMs: 2 * hour },
    expect: {
      due: ["hold.expired", "credits.expired", "credits.effective"],
      lots: { a: { expired: 10, available: 0, held: 0 }, next: { phase: "live" } },
    },
  },
  {
    name: "earlier instants come first, whatever they are",
    given: [
      grant("next", 10, { from: one - 2 }),
      grant("a", 10, { until: one - 1 }),
      open("h", 6, { ttlMs: hour }),
    ],
    when: { afterMs: 2 * hour },
    expect: { due: ["credits.effective", "credits.expired", "hold.expired"] },
  },
  {
    name: "a hold that expires with its lot pays debt before the lot is over",
    given: [grant("a", 10, { until: one }), open("h", 10, { ttlMs: hour }), debit("d", 4)],
    when: { afterMs: hour },
    expect: {
      due: ["hold.expired", "credits.expired"],
      lots: { a: { consumed: 4, expired: 6 } },
      owed: {},
    },
  },
  {
    name: "ties go by id",
    given: [grant("a", 10), open("h2", 1), open("h1", 1)],
    when: { afterMs: 5 * minute },
    expect: {
      due: ["hold.expired"],
      event: {
        holds: ["h1", "h2"].map((hold) => ({
          hold,
          member: "ana",
          expiredAt: noon + 5 * minute,
          returned: 1,
          counts: [],
        })),
      },
    },
  },
  {
    name: "holds that expire at different instants pay an open debt in the order of these",
    given: [
      grant("late", 10),
      open("first", 10, { ttlMs: minute }),
      grant("soon", 10, { until: noon + day }),
      open("second", 10, { ttlMs: 2 * minute }),
      debit("d", 10),
    ],
    when: { afterMs: hour },
    expect: {
      due: ["hold.expired", "hold.expired"],
      lots: { late: { consumed: 10 }, soon: { available: 10 } },
    },
  },
  {
    name: "a hold that expires a millisecond later is not yet expired",
    given: [grant("a", 10), open("h", 1), after(1, open("i", 1))],
    when: { afterMs: 5 * minute - 1 },
    expect: {
      due: ["hold.expired"],
      event: { at: noon + 5 * minute },
      holds: { h: { status: "expired" }, i: { status: "open" } },
    },
  },
  {
    name: "at its expiry a lot is over for the command of that very instant",
    given: [grant("a", 10, { until: one })],
    when: after(hour, debit("d", 4)),
    expect: { due: ["credits.expired"], event: { debt: 4, charges: [] } },
  },
  {
    name: "and at its beginning it is there",
    given: [grant("a", 10, { from: one })],
    when: after(hour, debit("d", 4)),
    expect: { due: ["credits.effective"], event: { debt: 0 } },
  },
  {
    name: "a lot that becomes effective pays debt first",
    given: [grant("a", 10, { from: one, cost: 10 }), debit("d", 4)],
    when: { afterMs: hour },
    expect: {
      due: ["credits.effective"],
      moved: { "Available:a": -4, Debt: 4 },
      books: { "Deferred:a": 4, Usage: -4 },
      owed: {},
    },
  },
]);

test("many due at once are carried in events of at most 512 ids, in order (RULES 11)", () => {
  const journal = new Journal();
  journal.run(createWorkspace(), noon);
  journal.run(grant("a", 10_000), noon);
  const count = 2 * dueMax + 1;
  for (let index = 0; index < count; index += 1)
    journal.run(open(`h${String(index).padStart(4, "0")}`, 1), noon);
  const events = journal.pass(noon + day);
  const ids = events.map((event) => {
    assert(event.kind === "hold.expired");
    return event.holds.map((hold) => hold.hold);
  });
  assert.deepEqual(
    ids.map((of) => of.length),
    [dueMax, dueMax, 1],
  );
  assert.deepEqual(ids.flat(), ids.flat().toSorted());
  assert.equal(journal.state.holds.totals.open, 0);
});

test("the next instant at which something happens is known, and none when nothing will", () => {
  const journal = new Journal();
  journal.run(createWorkspace(), noon);
  assert.equal(nextDueAt(journal.state), undefined);
  journal.run(grant("a", 10, { from: one, until: one + hour }), noon);
  assert.equal(nextDueAt(journal.state), one);
  journal.run(open("h", 0), noon);
  assert.equal(nextDueAt(journal.state), noon + 5 * minute);
  journal.pass(instant(one));
  assert.equal(nextDueAt(journal.state), one + hour);
  assert.equal(lastAt(journal.state), one);
});

test("ended holds leave memory a day after they were last touched, and those that owe stay", () => {
  const journal = new Journal();
  journal.run(createWorkspace(), noon);
  journal.run(debit("owing", 5), noon);
  journal.run(open("idle", 0), noon);
  journal.pass(noon + hour);
  journal.run(debit("tick", 0), noon + day + 5 * minute);
  const kept = [...journal.state.holds.holds.entries()].map(([id]) => id);
  assert.deepEqual(kept, ["owing", "tick"]);
  assert.equal(journal.hold("idle")?.status, "expired");
});
