/** Usage that is dated back is billed by what was agreed when it happened, or not at all. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Event, type Plan, instant } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { debit, open, settle } from "../scenario/commands.ts";
import { Life, booksOf, change, fee, start } from "./life.ts";

/** One micro-credit for one minor unit. */
const bills: Partial<Plan> = {
  base: fee(0n),
  overage: {
    kind: "bill",
    spendCap: null,
    lines: [{ kind: "usage", meter: null, price: { kind: "per_unit", per: 1n, price: 1n } }],
  },
};

const day = 24 * 60 * 60 * 1_000;

function workspace(from = "2026-01-01T00:00Z"): Life {
  const life = new Life(from);
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  return life;
}

function use(
  life: Life,
  occurred: string,
  when: string,
): Extract<Event, { kind: "usage.debited" }> {
  const occurredAt = instant(at(occurred));
  const event = life.run(debit(`dbt_${occurred}`, 100, { occurredAt }), when);
  assert(event.kind === "usage.debited");
  return event;
}

suite("usage that is dated back", () => {
  test("to before a subscription began is owed, and on no line of it", () => {
    const life = workspace();
    life.run(start(bills), "2026-02-01T00:00Z");
    const before = use(life, "2026-01-31T23:59:59.999Z", "2026-02-01T01:00Z");
    assert.deepEqual([before.billed, before.debt, booksOf([before])], [undefined, 100n, {}]);
    const first = use(life, "2026-02-01T00:00Z", "2026-02-01T01:00Z");
    assert.deepEqual([first.debt, booksOf([first])], [0n, { Unbilled: 100n, Usage: -100n }]);
    life.check();
  });

  test("to before the plan that bills it took the place of one that does not is owed", () => {
    const life = workspace();
    life.run(start({ base: fee(0n) }));
    life.run(change({ plan: { version: "team@2", ...bills } }), "2026-01-10T00:00Z");
    assert.equal(use(life, "2026-01-09T00:00Z", "2026-01-10T01:00Z").debt, 100n);
    assert.equal(use(life, "2026-01-10T00:00Z", "2026-01-10T01:00Z").debt, 0n);
  });

  test("to after a subscription was cancelled is owed, though its period would run", () => {
    const life = workspace();
    life.run(start(bills));
    life.run({ kind: "cancelSubscription" }, "2026-01-10T00:00Z");
    assert.equal(use(life, "2026-01-09T00:00Z", "2026-01-20T00:00Z").debt, 0n);
    assert.equal(use(life, "2026-01-15T00:00Z", "2026-01-20T00:00Z").debt, 100n);
  });

  test("to a year that has just ended stands on a line of that year", () => {
    const life = workspace();
    life.run(start({ ...bills, cadence: { unit: "month", count: 12 }, graceMs: 3_600_000 }));
    life.run(open("hld_1", 50, { ttlMs: day }), "2026-12-31T23:00Z");
    life.pass("2027-01-01T00:00Z");
    const settled = life.run(settle("hld_1", 50), "2027-01-01T00:10Z");
    assert(settled.kind === "hold.settled");
    assert.equal(settled.billed?.accrual.to, at("2027-01-01T00:00Z"));
    const debited = use(life, "2026-12-30T00:00Z", "2027-01-01T00:20Z");
    assert.equal(debited.billed?.accrual.from, at("2026-01-01T00:00Z"));
    life.check();
  });

  test("by 180 days is taken by the terms of then, and by more refused: nobody could say who pays it", () => {
    const life = workspace();
    life.run(start(bills));
    life.run(
      change({ plan: { version: "team@2", base: fee(0n), overage: { kind: "deny" } } }),
      "2026-01-10T00:00Z",
    );
    const now = at("2026-07-01T00:00Z");
    life.pass("2026-07-01T00:00Z");
    const told = (ago: number) =>
      debit(`dbt_${ago}`, 100, { occurredAt: instant(now - 180 * day - ago) });
    const taken = life.run(told(0), "2026-07-01T00:00Z");
    assert(taken.kind === "usage.debited");
    assert.deepEqual(booksOf([taken]), { Unbilled: 100n, Usage: -100n });
    const refused = life.refused(told(1), "2026-07-01T00:00Z");
    assert(refused.code === "invalid_request" && refused.field === "occurredAt");
    assert.match(refused.reason, /within 180 days/);
  });
});
