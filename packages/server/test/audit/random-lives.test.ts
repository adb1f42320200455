/** The audit of any life on plans: what the kernel does of itself has no fault, allowances and all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { credits } from "@cistern/kernel";
import * as fc from "fast-check";
import { Life, runs, seed } from "../../../kernel/test/oracle/life.ts";
import { lives } from "../../../kernel/test/oracle/moves.ts";
import { planLives } from "../../../kernel/test/oracle/plan-moves.ts";
import { Journal } from "../../../kernel/test/journal.ts";
import { PrepaidLife, prepaidWishes } from "../../../kernel/test/runs/prepaid-life.ts";
import {
  createWorkspace,
  day,
  debit,
  grant,
  noon,
  open,
} from "../../../kernel/test/scenario/commands.ts";
import { auditOf } from "./audit-of.ts";

test("verify finds no fault with any life on plans", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  let moved = 0;
  fc.assert(
    fc.property(planLives(60, 100), (wishes) => {
      const life = new Life();
      for (const wish of wishes) life.do(life.asks(wish));
      const events = life.journal.rows.map(({ event }) => event);
      assert.deepEqual(auditOf(events), undefined);
      moved += events.filter((event) => "units" in event && event.units !== undefined).length;
    }),
    { seed, numRuns: runs(60) },
  );
  t.diagnostic(`${moved} events moved units of allowances`);
  assert.ok(moved > 0);
});

test("verify finds no fault with any life of a pool, with limits of every kind", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  let past = 0;
  fc.assert(
    fc.property(lives(60), (wishes) => {
      const life = new Life();
      for (const wish of wishes) life.do(life.asks(wish));
      const events = life.journal.rows.map(({ event }) => event);
      assert.deepEqual(auditOf(events), undefined);
      past += events.filter((event) => "pastPool" in event).length;
    }),
    { seed, numRuns: runs(100) },
  );
  t.diagnostic(`${past} events counted in ceilings on overage`);
  assert.ok(past > 0);
});

test("verify finds no fault with any life of prepaid runs", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  let moved = 0;
  fc.assert(
    fc.property(prepaidWishes, fc.boolean(), (all, isShared) => {
      const life = new PrepaidLife(isShared);
      for (const wish of all) life.do(wish);
      const events = life.journal.rows.map(({ event }) => event);
      assert.deepEqual(auditOf(events), undefined);
      moved += life.taken;
    }),
    { seed, numRuns: runs(60) },
  );
  t.diagnostic(`${moved} calls were taken from purses`);
  assert.ok(moved > 0);
});

test("a hold that ends with its lot pays debt before the lot ends", () => {
  const journal = new Journal();
  const end = noon + day;
  const commands = [
    createWorkspace({ overage: { kind: "debt", limit: credits(100n) } }),
    grant("grt_1", 10, { until: end }),
    open("hld_1", 10, { ttlMs: day }),
    debit("dbt_1", 4),
  ];
  for (const command of commands) assert.equal(journal.run(command, noon).kind, "accepted");
  journal.pass(end);
  const events = journal.rows.map(({ event }) => event);
  assert.deepEqual(
    events.slice(-2).map(({ kind }) => kind),
    ["hold.expired", "credits.expired"],
  );
  assert.deepEqual(auditOf(events), undefined);
});
