/** Levels over time (docs/decisions/0011): what was there, for how long, exactly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Usage, credits, instant } from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal } from "../journal.ts";
import { scenarios } from "./check.ts";
import {
  cap,
  createWorkspace,
  day,
  debit,
  debtUpTo,
  grant,
  hour,
  limit,
  minute,
  noon,
  open,
  settle,
} from "./commands.ts";

const over = (from: number, to: number) => ({ start: instant(from), end: instant(to) });
const level = (id: string, usage: Usage, from: number, to: number): Command =>
  debit(id, 0, {
    meter: "storage",
    amount: { kind: "level", usage, over: over(from, to) },
  });
const invalid = (field: string, reason: string) => ({
  rejected: { code: "invalid_request", field, reason } as const,
});
const notALevel =
  "storage measures a level over time: report it by a debit that says from when to when it was so.";

scenarios("a level is charged for the time that it was there", [
  {
    name: "by the hour, in whatever part of one",
    given: [grant("a", 1_000)],
    when: level("d", { stored_gib: 12 }, noon - 90 * minute, noon),
    expect: {
      event: {
        charged: 90,
        cost: { currency: "USD", nanos: 18_000_000, accrued: 0 },
        usage: { stored_gib: 12 },
        over: over(noon - 90 * minute, noon),
        occurredAt: noon - 90 * minute,
      },
    },
  },
  {
    name: "to the millisecond, and rounded once",
    given: [grant("a", 1_000)],
    when: level("d", { stored_gib: 359_999 }, noon - 1, noon),
    expect: { event: { charged: 0 } },
  },
  {
    name: "none of it is nothing",
    when: level("d", { stored_gib: 0 }, noon - hour, noon),
    expect: { event: { charged: 0 } },
  },
  {
    name: "it counts in the window in which it began, where that is open",
    given: [
      limit("l", "workspace", cap(1_000, "day")),
      grant("a", 1_000),
      level("d1", { stored_gib: 2 }, noon - hour, noon),
      level("d2", { stored_gib: 3 }, noon - 13 * hour, noon - 12 * hour),
    ],
    when: level("d3", { stored_gib: 4 }, noon - 12 * hour, noon - 11 * hour),
    expect: { used: { l: 30 }, event: { charged: 20 } },
  },
  {
    name: "it is never refused for credits",
    when: level("d", { stored_gib: 12 }, noon - hour, noon),
    expect: { event: { charged: 60, debt: 60 } },
  },
]);

scenarios("a level is refused only where it makes no sense", [
  {
    name: "that ends before it began",
    when: level("d", { stored_gib: 1 }, noon, noon),
    expect: invalid("to", "A level ends after it began."),
  },
  {
    name: "that has not been so yet, beyond what clocks differ by",
    when: level("d", { stored_gib: 1 }, noon, noon + 5 * minute + 1),
    expect: invalid("to", "A level is reported when it has been so."),
  },
  {
    name: "of more than a year",
    when: level("d", { stored_gib: 1 }, noon - 366 * day - 1, noon),
    expect: invalid("to", "A level is reported for at most 366 days at once."),
  },
  {
    name: "that says beside it when it occurred",
    when: debit("d", 0, {
      meter: "storage",
      amount: { kind: "level", usage: { stored_gib: 1 }, over: over(noon - hour, noon) },
      occurredAt: instant(noon),
    }),
    expect: invalid(
      "occurredAt",
      "A level says from when to when it was so; leave occurredAt out.",
    ),
  },
  {
    name: "of a meter that counts",
    when: debit("d", 0, {
      meter: "chat",
      amount: { kind: "level", usage: { input_text: 1 }, over: over(noon - hour, noon) },
    }),
    expect: invalid(
      "from",
      "chat counts what is used, which takes no time: leave from and to out.",
    ),
  },
  {
    name: "and a debit of one that says no time",
    when: debit("d", { stored_gib: 1 }, { meter: "storage" }),
    expect: invalid("from", notALevel),
  },
  {
    name: "and a hold that estimates one",
    given: [grant("a", 1_000)],
    when: open("h", { stored_gib: 1 }, { meter: "storage" }),
    expect: invalid("from", notALevel),
  },
  {
    name: "but a hold of credits on its meter is one like others",
    given: [grant("a", 1_000), open("h", 30, { meter: "storage" })],
    when: settle("h", 20),
    expect: { event: { charged: 20 } },
  },
]);

test("reports of one level, cut as they may be, differ from one report by half a micro-credit each at most", () => {
  const charged = (cuts: readonly number[], quantity: number): bigint => {
    const journal = new Journal();
    journal.run(createWorkspace({ overage: debtUpTo(1_000_000) }), noon);
    const [first = noon, ...ends] = cuts;
    let from = first;
    for (const [index, to] of ends.entries()) {
      const decision = journal.run(level(`d${index}`, { stored_gib: quantity }, from, to), noon);
      assert.equal(decision.kind, "accepted");
      from = to;
    }
    return journal.rows.reduce(
      (sum, { event }) => sum + (event.kind === "usage.debited" ? event.charged : credits(0n)),
      0n,
    );
  };
  const cutting = fc.uniqueArray(fc.integer({ min: 1, max: 30 * day }), {
    minLength: 2,
    maxLength: 20,
  });
  const property = fc.property(cutting, fc.nat({ max: 1_000_000 }), (some, quantity) => {
    const cuts = some.map((ms) => noon - ms).toSorted((a, b) => a - b);
    const whole = charged([cuts[0] ?? noon, cuts.at(-1) ?? noon], quantity);
    const inParts = charged(cuts, quantity);
    const distance = inParts > whole ? inParts - whole : whole - inParts;
    assert.ok(2n * distance <= BigInt(cuts.length), `${inParts} for ${whole}`);
  });
  fc.assert(property);
});
