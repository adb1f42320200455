/** What is billed for outcomes counts toward what a plan bills at least (FINANCE, E15), as usage does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Minimum } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";
import { open, refund, settle } from "../scenario/commands.ts";
import { type Life, atEnd, booksOf, change, ofKind } from "../subscriptions/life.ts";
import {
  begun,
  bookedOf,
  claim,
  dispute,
  each,
  reopen,
  resolutions,
  thing,
  things,
} from "./life.ts";
import { cost, issue, live, livedBefore, minimumLives } from "./minimum-lives.ts";

const monthly: Minimum = { minimums: [10_000n], trueUp: "period" };
const byTerm: Minimum = { minimums: [10_000n, 10_000n], trueUp: "term" };
const months = ["2026-03-01T00:00Z", "2026-04-01T00:00Z", "2026-05-01T00:00Z"];

const dayMs = 86_400_000;

/** A document is 10 cents. */
const on = (minimum: Minimum): Life => begun([things("document")], { minimum });

/** What the minimum adds when a month ends, and what its invoice comes to. */
function closed(life: Life, month: number): readonly [shortfall: bigint, invoiced: bigint] {
  const happened = life.pass(months[month] ?? "");
  const lines = ofKind(happened, "commitment.trued_up").flatMap((event) => event.lines);
  const drafted = ofKind(happened, "subscription.renewed").flatMap(
    ({ invoice }) => invoice?.lines ?? [],
  );
  return [sum(lines), sum(drafted)];
}

/** What was billed so far, by account of revenue. */
function billedBy(life: Life): Readonly<Record<string, bigint>> {
  const books = Object.entries(life.books());
  return Object.fromEntries(
    books.flatMap(([account, amount]) =>
      account === "Unbilled" || account === "Receivable" || account === "CustomerBalance"
        ? []
        : [[account, -amount]],
    ),
  );
}

const carried = (life: Life): bigint =>
  (life.subscription.term?.carried ?? []).reduce((all, { amount }) => all + amount, 0n);

const sum = (lines: readonly { readonly amount: bigint }[]): bigint =>
  lines.reduce((all, { amount }) => all + amount, 0n);

test("a month with outcomes of 30.00 lacks 70.00 of 100.00, and one with 110.00 lacks nothing", () => {
  const life = on(monthly);
  life.run(thing("a", 300n), "2026-02-03T00:00Z");
  assert.deepEqual(closed(life, 0), [7_000n, 10_000n]);
  life.run(thing("b", 1_100n), "2026-03-03T00:00Z");
  assert.deepEqual(closed(life, 1), [0n, 11_000n]);
  life.check();
});

test("what is taken back in a later month no longer counts in its own, whose shortfall is charged beside it", () => {
  const life = on(monthly);
  life.run(thing("a", 600n), "2026-02-20T00:00Z");
  life.run(thing("b", 400n), "2026-02-20T00:00Z");
  assert.deepEqual(closed(life, 0), [0n, 10_000n]);
  issue(life, "2026-03-01T01:00Z");
  const back = life.run(reopen("b"), "2026-03-02T00:00Z");
  assert.deepEqual(booksOf([back]), { Outcomes: 4_000n, Shortfall: -4_000n });
  life.run(thing("c", 900n), "2026-03-02T00:00Z");
  // In March 90.00 count, and of February nothing is given back below its minimum.
  assert.deepEqual(closed(life, 1), [1_000n, 10_000n]);
  life.check();
});

test("what was billed beyond the minimum comes off whole: 300.00 less 200.00, and then 100.00, come to 200.00", () => {
  const life = on(monthly);
  life.run(thing("a", 1_000n), "2026-02-20T00:00Z");
  life.run(thing("b", 2_000n), "2026-02-20T00:00Z");
  assert.deepEqual(closed(life, 0), [0n, 30_000n]);
  life.run(reopen("b"), "2026-03-02T00:00Z");
  life.run(thing("c", 1_000n), "2026-03-02T00:00Z");
  assert.deepEqual(closed(life, 1), [0n, -10_000n]);
  life.check();
});

test("what was billed without a minimum is given back whole under one", () => {
  const life = begun([things("document")]);
  life.run(thing("a", 1_000n), "2026-02-20T00:00Z");
  const to = { version: "team@2", outcomes: [things("document")], minimum: monthly };
  life.run(change({ plan: to, when: "period_end" }), "2026-02-21T00:00Z");
  assert.deepEqual(closed(life, 0), [0n, 10_000n]);
  const back = life.run(reopen("a"), "2026-03-02T00:00Z");
  assert.deepEqual(booksOf([back]), { Unbilled: -10_000n, Outcomes: 10_000n });
  life.run(thing("b", 1_000n), "2026-03-02T00:00Z");
  assert.deepEqual(closed(life, 1), [0n, 0n]);
  life.check();
});

test("of a price line with steps, what counted for nothing comes first", () => {
  const tiers = [
    { upTo: 20n, price: 10n },
    { upTo: null, price: 3n },
  ];
  const outcomes = [things("document", { price: { kind: "graduated", per: 1n, tiers } })];
  const life = begun(outcomes);
  life.run(thing("a", 20n), "2026-02-20T00:00Z");
  const to = { version: "team@2", outcomes, minimum: monthly };
  life.run(change({ plan: to, when: "period_end" }), "2026-02-21T00:00Z");
  life.pass("2026-03-02T00:00Z");
  life.run(thing("b", 10n, { occurred: "2026-02-25T00:00Z" }), "2026-03-02T00:00Z");
  assert.deepEqual(closed(life, 1), [9_970n, 10_000n]);
  life.check();
});

for (const [how, leave] of [
  ["cancelled at the end", atEnd("end")],
  ["paused at the end", atEnd("pause")],
  ["cancelled at once", { kind: "cancelSubscription" }],
] satisfies readonly (readonly [string, Command])[])
  test(`ten chats that mature after the last month count in it: ${how}, it comes to 100.00`, () => {
    const life = begun([resolutions({ price: each(1_000n) })], { minimum: monthly });
    for (let chat = 0; chat < 10; chat += 1)
      life.run(claim(`o${chat}`, { customer: `c${chat}` }), "2026-02-28T20:00Z");
    life.run(leave, "2026-02-28T20:00Z");
    life.pass("2026-03-01T19:00Z");
    assert.deepEqual(billedBy(life), { Shortfall: 10_000n });
    const matured = ofKind(life.pass("2026-03-01T21:00Z"), "outcome.matured");
    assert.deepEqual(booksOf(matured), { Outcomes: -10_000n, Shortfall: 10_000n });
    assert.deepEqual(billedBy(life), { Outcomes: 10_000n });
    // Taken back, they are lacking again.
    life.run(reopen("o3"), "2026-03-02T00:00Z");
    assert.deepEqual(billedBy(life), { Outcomes: 9_000n, Shortfall: 1_000n });
    life.check();
  });

test("usage that is settled after a term was left at once is charged in the place of what was due, too", () => {
  const price = { kind: "per_unit", per: 1n, price: 1n } as const;
  const life = begun([], {
    minimum: { minimums: [10_000n, 5_000n], trueUp: "period" },
    overage: { kind: "bill", lines: [{ kind: "usage", meter: null, price }], spendCap: null },
  });
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(open("hld_1", 1, { ttlMs: 86_400_000 }), "2026-02-20T00:00Z");
  life.run({ kind: "cancelSubscription" }, "2026-02-20T01:00Z");
  assert.deepEqual(billedBy(life), { Shortfall: 15_000n });
  life.run(settle("hld_1", 4_000), "2026-02-20T02:00Z");
  assert.deepEqual(billedBy(life), { Shortfall: 11_000n, Usage: 4_000n });
  life.run(refund("rfd_1", "hld_1", 1_000), "2026-02-20T03:00Z");
  assert.deepEqual(billedBy(life), { Shortfall: 12_000n, Usage: 3_000n });
  life.check();
});

test("documents told late while the last invoice is a draft take the place of shortfall on it", () => {
  const life = begun([things("document")], { minimum: monthly, graceMs: 3_600_000 });
  life.run(atEnd("end"), "2026-02-20T00:00Z");
  life.pass("2026-03-01T00:10Z");
  life.run(thing("a", 400n, { occurred: "2026-02-28T12:00Z" }), "2026-03-01T00:20Z");
  const draft = life.invoices.find(({ status }) => status === "draft");
  assert(draft?.status === "draft");
  assert.deepEqual(
    draft.lines.map(({ kind, amount }) => [kind, amount]),
    [
      ["shortfall", 6_000n],
      ["outcome", 4_000n],
    ],
  );
  life.check();
});

test("what is reopened in a pause leaves the last month at its minimum", () => {
  const life = on(monthly);
  life.run(thing("a", 1_000n), "2026-02-20T00:00Z");
  life.run(atEnd("pause"), "2026-02-21T00:00Z");
  life.pass("2026-03-01T00:10Z");
  assert.deepEqual(billedBy(life), { Outcomes: 10_000n });
  life.run(reopen("a"), "2026-03-05T00:00Z");
  assert.deepEqual(billedBy(life), { Shortfall: 10_000n });
  life.check();
});

test("a shortfall that later months used up is made anew when outcomes are taken back", () => {
  const minimums = [10_000n, 10_000n, 10_000n];
  const life = begun([things("document", { reopenMs: 90 * dayMs })], {
    minimum: { minimums, trueUp: "period", rolloverPeriods: 2 },
  });
  life.run(thing("a", 600n), "2026-02-20T00:00Z");
  assert.deepEqual(closed(life, 0), [4_000n, 10_000n]);
  life.run(thing("b", 1_700n), "2026-03-02T00:00Z");
  assert.deepEqual(closed(life, 1), [-4_000n, 13_000n]);
  const back = life.run(reopen("a"), "2026-04-02T00:00Z");
  // All of March above its minimum is covered then.
  assert.deepEqual(booksOf([back]), {
    Unbilled: -3_000n,
    Outcomes: 6_000n,
    "Deferred:Shortfall": -3_000n,
  });
  assert.equal(carried(life), 3_000n);
  life.check();
});

test("outcomes of older events count nowhere, and come off nowhere", () => {
  const first = livedBefore();
  assert.deepEqual(booksOf(first.closed), { Unbilled: 10_000n, Shortfall: -10_000n });
  assert.deepEqual(booksOf([first.back]), { Unbilled: -6_000n, Outcomes: 6_000n });
});

test("trued up at the end of a term, all that was billed and taken back in it counts", () => {
  const life = on(byTerm);
  life.run(thing("a", 800n), "2026-02-20T00:00Z");
  life.run(thing("b", 400n), "2026-02-20T00:00Z");
  assert.deepEqual(closed(life, 0), [0n, 12_000n]);
  life.run(reopen("b"), "2026-03-02T00:00Z");
  life.run(thing("c", 100n), "2026-03-02T00:00Z");
  assert.deepEqual(closed(life, 1), [11_000n, 8_000n]);
  life.check();
});

test("a dispute in the month takes what it holds back off what counts, and a rejected one brings it on again", () => {
  const life = on(monthly);
  life.run(thing("a", 500n), "2026-02-03T00:00Z");
  life.run(thing("b", 300n), "2026-02-03T00:00Z");
  life.run(dispute("a"), "2026-02-04T00:00Z");
  life.run(dispute("b"), "2026-02-04T00:00Z");
  life.run(dispute("a", "rejected"), "2026-02-05T00:00Z");
  assert.deepEqual(closed(life, 0), [5_000n, 10_000n]);
  life.check();
});

test("a term comes to a function of the outcomes that stand, whenever they were told or taken back", () => {
  fc.assert(
    fc.property(minimumLives, (wishes) => {
      const { minimums, trueUp, price } = wishes;
      const { life, standing } = live(wishes);
      const lines = new Map<string, { readonly units: bigint; readonly period: number }[]>();
      for (const [outcome, one] of standing) {
        const { count = "" } = bookedOf(life, outcome) ?? {};
        lines.set(count, [...(lines.get(count) ?? []), one]);
      }
      const counted = [0n, 0n, 0n];
      for (const line of lines.values()) {
        let reached = 0n;
        for (const { period, units } of line.toSorted((a, b) => a.period - b.period)) {
          const added = cost(price, reached + units) - cost(price, reached);
          reached += units;
          counted[period] = (counted[period] ?? 0n) + added;
        }
      }
      const lacking =
        trueUp === "term"
          ? atLeastNothing(total(minimums) - total(counted))
          : total(minimums.map((one, index) => atLeastNothing(one - (counted[index] ?? 0n))));
      const { Outcomes = 0n, Shortfall = 0n } = billedBy(life);
      assert.deepEqual([Outcomes, Shortfall], [total(counted), lacking]);
      const { invoices, pending } = life.journal.state.invoices;
      const invoiced = [...invoices.values()].map((one) =>
        one.status === "draft" ? sum(one.lines) : one.subtotal,
      );
      const onLines = total(invoiced) + sum([...pending.values()]);
      assert.equal(onLines, Outcomes + Shortfall, "and it is on lines");
      life.check();
    }),
    { seed, numRuns: runs(200) },
  );
});

const total = (parts: readonly bigint[]): bigint => parts.reduce((a, b) => a + b, 0n);
const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

test("who leaves in a month owes what outcomes and usage lack of it", () => {
  const life = on(monthly);
  life.run(thing("a", 300n), "2026-02-03T00:00Z");
  const ended = life.run({ kind: "cancelSubscription" }, "2026-02-10T00:00Z");
  assert(ended.kind === "subscription.cancelled");
  const lacking = ended.lines.filter(({ kind }) => kind === "shortfall");
  assert.equal(sum(lacking), 7_000n);
  life.check();
});
