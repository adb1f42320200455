import assert from "node:assert/strict";
import * as fc from "fast-check";
import { test } from "node:test";
import { type Command, type Event, instant, money } from "@cistern/kernel";
import { createWorkspace, day, debit } from "../../../kernel/test/scenario/commands.ts";
import { runs, seed } from "../../../kernel/test/oracle/life.ts";
import { fee, start } from "../../../kernel/test/subscriptions/life.ts";
import { live, livedBefore, minimumLives } from "../../../kernel/test/outcomes/minimum-lives.ts";
import type { AuditFault } from "../../src/audit/index.ts";
import { auditOf } from "./audit-of.ts";
import { daily, lived } from "./lived.ts";

const subscribe = start({
  ...daily,
  base: fee(0n),
  minimum: { minimums: [300n, 500n], trueUp: "term" },
  overage: {
    kind: "bill",
    lines: [{ kind: "usage", meter: null, price: { kind: "per_unit", per: 1n, price: 1n } }],
    spendCap: null,
  },
  proration: "none",
});
const use = (id: string, amount: number, occurredAt: number): Command =>
  debit(id, amount, { occurredAt: instant(occurredAt) });
const life = lived([
  [1_000, createWorkspace({ currency: "USD", overage: { kind: "plan" } })],
  [1_000, subscribe],
  [2_000, use("dbt_1", 100, 2_000)],
  [day + 5_000, use("dbt_2", 20, 3_000)],
  [2 * day + 5_000, use("dbt_3", 50, day + 6_000)],
  [2 * day + 6_000, use("dbt_4", 7, 4_000)],
]);

/** The life with its last event of a kind changed, in a chain that is valid again. */
function tampered(change: (event: Event) => Event, place: number): AuditFault | undefined {
  return auditOf(life.map((event, index) => (index === place ? change(event) : event)));
}

const lastOf = (kind: Event["kind"]): number => life.findLastIndex((event) => event.kind === kind);

test("a life with a commitment and late usage is without fault, and its shortfall was corrected", () => {
  assert.equal(auditOf(life), undefined);
  const last = life[lastOf("usage.debited")];
  assert(last?.kind === "usage.debited");
  assert.deepEqual(
    last.billed?.trueUp?.accruals.map(({ amount }) => amount),
    [-7n],
  );
});

test("a shortfall that is too much, of another period, or not lessened by late usage is found", () => {
  const trued = lastOf("commitment.trued_up");
  const more = tampered((event) => {
    if (event.kind !== "commitment.trued_up") return event;
    const lines = event.lines.map((line) => ({ ...line, amount: money(line.amount + 1n) }));
    const booked = event.booked.map((one) => ({
      ...one,
      amount: money(one.amount + (one.amount < 0n ? -1n : 1n)),
    }));
    return { ...event, lines, booked };
  }, trued);
  assert.match(more?.rule ?? "", /^E15 what is charged/);
  const later = tampered((event) => {
    if (event.kind !== "commitment.trued_up") return event;
    return { ...event, postedAt: event.at };
  }, trued);
  assert.match(later?.rule ?? "", /^RULES 16/);
  const late = lastOf("usage.debited");
  const twice = tampered((event) => {
    if (event.kind !== "usage.debited" || event.billed === undefined) return event;
    const { trueUp: _left, ...billed } = event.billed;
    return { ...event, billed };
  }, late);
  assert.match(twice?.rule ?? "", /^E15 late usage/);
  const less = tampered((event) => {
    if (event.kind !== "usage.debited" || event.billed?.trueUp === undefined) return event;
    const { trueUp } = event.billed;
    return { ...event, billed: { ...event.billed, trueUp: { ...trueUp, accruals: [] } } };
  }, late);
  assert.match(less?.rule ?? "", /^E15 what is charged/);
});

test("verify finds no fault with any life in which outcomes count toward a minimum, but with one that leaves it as it was", () => {
  let found = 0;
  fc.assert(
    fc.property(minimumLives, (wishes) => {
      const events = live(wishes).life.journal.rows.map(({ event }) => event);
      assert.deepEqual(auditOf(events), undefined);
      const index = events.findLastIndex(
        (event) =>
          "trueUps" in event && (event.trueUps ?? []).some(({ accruals }) => accruals.length > 0),
      );
      const fault = auditOf(
        events.map((event, place) => {
          if (place !== index || !("trueUps" in event)) return event;
          const { trueUps: _left, ...rest } = event;
          return rest;
        }),
      );
      if (index < 0) return;
      assert.match(fault?.rule ?? "", /^E15 outcomes are held/);
      found += 1;
    }),
    { seed, numRuns: runs(400) },
  );
  assert.ok(found > 10, `${found} lives correct a shortfall by outcomes`);
});

test("verify finds no fault with outcomes of journals that are older than what counts of them", () => {
  assert.equal(auditOf(livedBefore().events), undefined);
});
