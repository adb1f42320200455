/** What is billed for outcomes counts toward what a plan bills at least (FINANCE, E15), as usage does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Minimum } from "@cistern/kernel";
import { type Life, ofKind } from "../subscriptions/life.ts";
import { begun, dispute, reopen, thing, things } from "./life.ts";

const monthly: Minimum = { minimums: [10_000n], trueUp: "period" };
const byTerm: Minimum = { minimums: [10_000n, 10_000n], trueUp: "term" };
const months = ["2026-03-01T00:00Z", "2026-04-01T00:00Z", "2026-05-01T00:00Z"];

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

test("what is taken back in a later month lessens what counts in that one, and changes nothing of the one before", () => {
  const life = on(monthly);
  life.run(thing("a", 600n), "2026-02-20T00:00Z");
  life.run(thing("b", 400n), "2026-02-20T00:00Z");
  assert.deepEqual(closed(life, 0), [0n, 10_000n]);
  life.run(reopen("b"), "2026-03-02T00:00Z");
  life.run(thing("c", 900n), "2026-03-02T00:00Z");
  // 9,000 - 4,000 count.
  assert.deepEqual(closed(life, 1), [5_000n, 10_000n]);
  life.check();
});

test("more taken back than billed counts as nothing: nobody owes more than the minimum for it", () => {
  const life = on(monthly);
  life.run(thing("a", 1_000n), "2026-02-20T00:00Z");
  assert.deepEqual(closed(life, 0), [0n, 10_000n]);
  life.run(reopen("a"), "2026-03-02T00:00Z");
  assert.deepEqual(closed(life, 1), [10_000n, 0n]);
  assert.deepEqual(closed(life, 2), [10_000n, 10_000n]);
  life.check();
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

test("who leaves in a month owes what outcomes and usage lack of it", () => {
  const life = on(monthly);
  life.run(thing("a", 300n), "2026-02-03T00:00Z");
  const ended = life.run({ kind: "cancelSubscription" }, "2026-02-10T00:00Z");
  assert(ended.kind === "subscription.cancelled");
  const lacking = ended.lines.filter(({ kind }) => kind === "shortfall");
  assert.equal(sum(lacking), 7_000n);
  life.check();
});
