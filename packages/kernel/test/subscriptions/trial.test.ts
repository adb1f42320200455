/** What is used in a trial is neither billed nor owed when it is converted, however late it is told (RULES 18). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type Plan, credits, instant } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { debit, extend, grant, open, settle } from "../scenario/commands.ts";
import { Life, change, fee, included, start } from "./life.ts";

const trial = (terms: Partial<Plan> = {}, subscription: string = "sub_1"): Command =>
  start(
    { trialDays: 14, base: fee(1_000n, 500n), included: included(100n, 500n), ...terms },
    0,
    subscription,
  );

const lends: Partial<Plan> = { overage: { kind: "debt", limit: credits(1_000n) } };

function trying(terms: Partial<Plan> = {}): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(trial(terms));
  return life;
}

const balance = (life: Life) => {
  const { available, debt } = life.journal.state.pool.totals;
  return { available, debt };
};

const converted = { available: 100n, debt: 0n };

suite("a trial", () => {
  const overages = [
    ["the plan lends", (life: Life) => life, lends],
    [
      "the workspace has its own limit",
      (life: Life) => {
        const overage = { kind: "debt", limit: credits(1_000n) } as const;
        life.run({ kind: "updateWorkspace", changes: { overage } });
        return life;
      },
      {},
    ],
    [
      "the workspace says that nothing is lent",
      (life: Life) => {
        life.run({ kind: "updateWorkspace", changes: { overage: { kind: "deny" } } });
        return life;
      },
      {},
    ],
  ] as const;
  for (const [what, prepare, terms] of overages)
    test(`what goes beyond its credits is lost and not owed, though ${what}`, () => {
      const life = prepare(trying(terms));
      const used = life.run(debit("dbt_1", 150), "2026-01-05T00:00Z");
      assert(used.kind === "usage.debited");
      assert.deepEqual([used.charged, used.debt, used.loss], [100n, 0n, 50n]);
      assert.equal(life.refused(open("hld_1", 1), "2026-01-06T00:00Z").code, "pool_exhausted");
      life.pass("2026-01-16T00:00Z");
      assert.deepEqual(balance(life), converted);
      life.check();
    });

  test("usage of it that is told after it was converted takes no credits of the paid period", () => {
    const life = trying(lends);
    life.pass("2026-01-16T00:00Z");
    const occurredAt = instant(at("2026-01-10T00:00Z"));
    const used = life.run(debit("dbt_1", 80, { occurredAt }), "2026-01-16T00:00Z");
    assert(used.kind === "usage.debited");
    assert.deepEqual([used.charged, used.debt, used.loss], [0n, 0n, 80n]);
    const now = life.run(debit("dbt_2", 30), "2026-01-16T00:00Z");
    assert(now.kind === "usage.debited");
    assert.deepEqual([now.charged, now.loss], [30n, undefined]);
    assert.deepEqual(balance(life), { available: 70n, debt: 0n });
    life.check();
  });

  test("a pack that was there pays its usage; one that came after does not", () => {
    for (const [bought, charged] of [
      ["2026-01-05T00:00Z", 80n],
      ["2026-01-15T12:00Z", 0n],
    ] as const) {
      const life = trying();
      life.run(grant("grt_pack", 500, { source: "purchase" }), bought);
      life.pass("2026-01-16T00:00Z");
      const occurredAt = instant(at("2026-01-10T00:00Z"));
      const used = life.run(debit("dbt_1", 80, { occurredAt }), "2026-01-16T00:00Z");
      assert(used.kind === "usage.debited");
      assert.deepEqual([used.charged, used.loss ?? 0n], [charged, 80n - charged]);
      assert(used.charges.every(({ lot }) => lot === "grt_pack"));
      life.check();
    }
  });

  test("a hold of it keeps what it holds, and takes nothing else: overruns and extensions after its end included", () => {
    const life = trying(lends);
    life.run(open("hld_1", 60, { ttlMs: 86_400_000 }), "2026-01-14T23:00Z");
    life.pass("2026-01-15T00:10Z");
    assert.equal(life.refused(extend("hld_1", 10), "2026-01-15T00:15Z").code, "pool_exhausted");
    const used = life.run(settle("hld_1", 150), "2026-01-15T00:20Z");
    assert(used.kind === "hold.settled");
    assert.deepEqual([used.charged, used.debt, used.loss], [60n, 0n, 90n]);
    assert.deepEqual(balance(life), converted);
    life.check();
  });

  test("what is used after it was cancelled is used without a subscription", () => {
    const life = trying();
    life.run({ kind: "cancelSubscription" }, "2026-01-03T00:00Z");
    life.run(grant("grt_pack", 500, { source: "purchase" }), "2026-01-04T00:00Z");
    const occurredAt = instant(at("2026-01-03T12:00Z"));
    const used = life.run(debit("dbt_1", 20, { occurredAt }), "2026-01-05T00:00Z");
    assert(used.kind === "usage.debited");
    assert.deepEqual([used.charged, used.loss], [20n, undefined]);
  });

  test("is had once of a plan in a workspace's life, whatever its version: who comes again begins with a paid period", () => {
    const life = trying();
    life.run({ kind: "cancelSubscription" }, "2026-01-03T00:00Z");
    const again = life.run(trial({ version: "team@2" }, "sub_2"), "2026-01-04T00:00Z");
    assert(again.kind === "subscription.started");
    assert.deepEqual(
      [again.subscription.status, again.lines.map(({ amount }) => amount)],
      ["active", [1_000n]],
    );
    life.run({ kind: "cancelSubscription" }, "2026-01-05T00:00Z");
    const other = life.run(trial({ name: "pro", version: "pro@1" }, "sub_3"), "2026-01-06T00:00Z");
    assert(other.kind === "subscription.started");
    assert.equal(other.subscription.status, "trialing");
    life.check();
  });

  test("that goes on with another plan has tried both", () => {
    const life = trying();
    life.run(
      change({ plan: { trialDays: 14, name: "pro", version: "pro@1", base: fee(5_000n) } }),
      "2026-01-03T00:00Z",
    );
    life.run({ kind: "cancelSubscription" }, "2026-01-04T00:00Z");
    for (const [index, name] of ["team", "pro"].entries()) {
      const again = life.run(
        trial({ name, version: `${name}@1` }, `sub_${index + 2}`),
        `2026-01-0${5 + 2 * index}T00:00Z`,
      );
      assert(again.kind === "subscription.started");
      assert.equal(again.subscription.status, "active");
      life.run({ kind: "cancelSubscription" }, `2026-01-0${6 + 2 * index}T00:00Z`);
    }
  });
});
