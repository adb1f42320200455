import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BilledLine, type Plan, instant, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { debit, grant, open, refund, settle } from "../scenario/commands.ts";
import { at } from "../calendar.ts";
import { finalize } from "./invoicing.ts";
import { Life, booksOf, change, fee, included, ofKind, start } from "./life.ts";

/** 3.00 for a million tokens, of which each costs one micro-credit. */
const tokens: BilledLine = {
  kind: "usage",
  meter: null,
  price: { kind: "per_unit", per: 1_000_000n, price: 300n },
};

const billed = (
  lines: readonly BilledLine[] = [tokens],
  spendCap: bigint | null = null,
): Partial<Plan> => ({
  overage: { kind: "bill", lines, spendCap: spendCap === null ? null : money(spendCap) },
});

/** On a plan that bills usage, since 1 April. */
function onPlan(terms: Partial<Plan> = billed()): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start({ base: fee(0n), ...terms }));
  return life;
}

suite("usage that is billed", () => {
  test("E14 accrues 1.20, 1.50 and 1.00 for 1,234,567 tokens at 3.00 a million, and invoices 3.70", () => {
    const life = onPlan();
    const days = [
      [400_000, "2026-04-02T00:00Z", 120n],
      [500_000, "2026-04-03T00:00Z", 150n],
      [334_567, "2026-04-04T00:00Z", 100n],
    ] as const;
    for (const [amount, when, accrued] of days) {
      const event = life.run(debit(`dbt_${amount}`, amount), when);
      assert.deepEqual(booksOf([event]), { Unbilled: accrued, Usage: -accrued });
    }
    life.pass("2026-05-01T00:00Z");
    const draft = life.invoices.at(-1);
    assert(draft?.status === "draft");
    assert.deepEqual(
      draft.lines.map(({ kind, quantity, amount }) => [kind, quantity, amount]),
      [["usage", 1_234_567n, 370n]],
    );
    const issued = life.run(finalize(draft.id), "2026-05-01T01:00Z");
    assert.deepEqual(booksOf([issued]), { Receivable: 370n, Unbilled: -370n });
    life.check();
  });

  test("E20 500 credits at 1.2c after the pool is empty are overage of 6.00", () => {
    const overage: BilledLine = {
      kind: "overage",
      meter: null,
      price: { kind: "per_unit", per: 10n, price: 12n },
    };
    const life = onPlan(billed([overage]));
    life.run(grant("grt_a", 100, { cost: 50 }));
    const event = life.run(debit("dbt_1", 600), "2026-04-02T00:00Z");
    assert.deepEqual(booksOf([event]), {
      Unbilled: 600n,
      Overage: -600n,
      "Deferred:grt_a": 50n,
      Usage: -50n,
    });
    life.check();
  });

  test("a hold is permitted past the pool, and its settlement takes lots first that came meanwhile", () => {
    const life = onPlan();
    const hold = life.run(open("hld_1", 1_000_000), "2026-04-02T00:00Z");
    assert(hold.kind === "hold.opened");
    assert.equal(hold.overage, 1_000_000n);
    life.run(grant("grt_a", 300_000), "2026-04-02T00:01Z");
    const event = life.run(settle("hld_1", 900_000), "2026-04-02T00:02Z");
    assert(event.kind === "hold.settled");
    assert.equal(event.billed?.credits, 600_000n);
    assert.equal(event.billed.accrual.amount, 180n);
    assert.equal(event.debt, 0n);
    life.check();
  });

  test("a spend cap refuses holds past it, those in flight counted; usage that happened is billed all the same", () => {
    const life = onPlan(billed([tokens], 300n));
    life.run(open("hld_1", 600_000), "2026-04-02T00:00Z");
    const refused = life.refused(open("hld_2", 500_000), "2026-04-02T00:00Z");
    assert(refused.code === "spend_cap_reached");
    assert.deepEqual(
      [refused.cap, refused.billed, refused.asked, refused.resetsAt],
      [300n, 0n, 330n, at("2026-05-01T00:00Z")],
    );
    life.run(open("hld_3", 400_000), "2026-04-02T00:00Z");
    life.run(debit("dbt_1", 5_000_000), "2026-04-02T00:01Z");
    assert.equal(life.refused(open("hld_4", 1), "2026-04-02T00:01Z").code, "spend_cap_reached");
    life.pass("2026-05-01T00:00Z");
    life.run(open("hld_5", 1_000_000), "2026-05-01T00:00Z");
    life.check();
  });

  test("B1 what was authorized on a plan that bills nothing is owed, also when the next plan bills", () => {
    const life = onPlan({ version: "list@1" });
    life.run(grant("grt_a", 10), "2026-04-02T00:00Z");
    life.run(open("hld_1", 10), "2026-04-02T00:00Z");
    life.run(
      change({ plan: { version: "used@1", ...billed() }, when: "now" }),
      "2026-04-03T00:00Z",
    );
    const event = life.run(settle("hld_1", 1_000_000), "2026-04-03T00:01Z");
    assert(event.kind === "hold.settled");
    assert.deepEqual([event.billed, event.debt], [undefined, 999_990n]);
    life.check();
  });

  test("B1 what was authorized under a subscription that has ended is owed, also when the next one bills", () => {
    const life = onPlan({ version: "list@1" });
    life.run(debit("dbt_1", 1_000), "2026-04-02T00:00Z");
    life.run({ kind: "cancelSubscription" }, "2026-04-03T00:00Z");
    life.run(start({ version: "used@1", ...billed() }, 0, "sub_2"), "2026-04-04T00:00Z");
    const told = debit("dbt_2", 1_000_000, { occurredAt: instant(at("2026-04-02T00:01Z")) });
    const event = life.run(told, "2026-04-04T00:01Z");
    assert(event.kind === "usage.debited");
    assert.deepEqual([event.billed, event.debt], [undefined, 1_000_000n]);
    life.check();
  });

  test("a refund takes it off the bill first, then goes back to lots", () => {
    const life = onPlan();
    life.run(grant("grt_a", 400_000, { cost: 100 }));
    life.run(debit("dbt_1", 1_000_000), "2026-04-02T00:00Z");
    const first = life.run(refund("rfd_1", "dbt_1", 700_000), "2026-04-03T00:00Z");
    assert(first.kind === "usage.refunded");
    assert.equal(first.billed?.credits, -600_000n);
    assert.deepEqual(booksOf([first]), {
      Unbilled: -180n,
      Usage: 180n + 25n,
      "Deferred:grt_a": -25n,
    });
    assert.equal(life.lots["grt_a"], 100_000n);
    life.check();
  });

  /** Usage of April, told in May. */
  function late(life: Life, when: string) {
    const event = life.run(settle("hld_1", 500_000), when);
    assert(event.kind === "hold.settled");
    const { from, to, amount } = event.billed?.accrual ?? assert.fail();
    assert.deepEqual([from, to, amount], [at("2026-04-01T00:00Z"), at("2026-05-01T00:00Z"), 150n]);
  }

  const opened = (): Life => {
    const life = onPlan({ ...billed(), graceMs: 3_600_000 });
    life.run(debit("dbt_1", 1_000_000), "2026-04-02T00:00Z");
    life.run(open("hld_1", 10_000, { ttlMs: 86_400_000 }), "2026-04-30T23:00Z");
    life.pass("2026-05-01T00:00Z");
    return life;
  };

  test("late usage comes on the invoice of its period while that is a draft", () => {
    const life = opened();
    late(life, "2026-05-01T00:30Z");
    const draft = life.invoices.at(-1);
    assert(draft?.status === "draft");
    assert.deepEqual(
      draft.lines.map(({ quantity, amount }) => [quantity, amount]),
      [[1_500_000n, 450n]],
    );
    life.check();
  });

  test("once that is issued it stands on the next one, and says of when it is", () => {
    const life = opened();
    const id = life.invoices.at(-1)?.id ?? "";
    life.run(finalize(id), "2026-05-01T01:00Z");
    late(life, "2026-05-01T02:00Z");
    assert.deepEqual(
      [...life.journal.state.invoices.pending.values()].map(({ amount }) => amount),
      [150n],
    );
    life.pass("2026-06-01T00:00Z");
    const next = life.invoices.at(-1);
    assert(next?.status === "draft");
    assert.deepEqual(
      next.lines.map(({ to, amount }) => [to, amount]),
      [[at("2026-05-01T00:00Z"), 150n]],
    );
    life.check();
  });

  test("another plan in the middle of a period prices what comes after it", () => {
    const life = onPlan();
    life.run(debit("dbt_1", 1_000_000), "2026-04-02T00:00Z");
    const dear: BilledLine = {
      ...tokens,
      price: { kind: "per_unit", per: 1_000_000n, price: 900n },
    };
    life.run(
      change({ plan: { version: "team@2", base: fee(0n), ...billed([dear]) } }),
      "2026-04-10T00:00Z",
    );
    const event = life.run(debit("dbt_2", 1_000_000), "2026-04-11T00:00Z");
    assert.deepEqual(booksOf([event]), { Unbilled: 900n, Usage: -900n });
  });

  test("each meter has its line, and steps of a price count within the period", () => {
    const chat: BilledLine = {
      kind: "usage",
      meter: "chat",
      price: {
        kind: "graduated",
        per: 1n,
        tiers: [
          { upTo: 100n, price: 0n },
          { upTo: null, price: 2n },
        ],
      },
    };
    const life = onPlan(billed([chat, tokens]));
    const use = (id: string, amount: number) =>
      booksOf([life.run(debit(id, amount, { meter: "chat" }), "2026-04-02T00:00Z")]);
    assert.deepEqual(use("dbt_1", 80), {});
    assert.deepEqual(use("dbt_2", 50), { Unbilled: 60n, Usage: -60n });
    life.check();
  });

  test("in a trial nothing is billed, overruns of its holds included", () => {
    const life = onPlan({ ...billed(), trialDays: 14, included: included(100n, null) });
    assert.equal(life.refused(open("hld_1", 101), "2026-04-02T00:00Z").code, "pool_exhausted");
    life.run(open("hld_2", 100, { ttlMs: 86_400_000 }), "2026-04-14T23:00Z");
    const settled = life.run(settle("hld_2", 5_000_000), "2026-04-15T01:00Z");
    assert(settled.kind === "hold.settled");
    // The 100 credits of the paid period are not the trial's.
    assert.deepEqual([settled.charged, settled.billed], [100n, undefined]);
    assert.equal(settled.loss, 4_999_900n);
    life.check();
  });

  test("a workspace that says so itself is not billed", () => {
    const life = onPlan();
    life.run({ kind: "updateWorkspace", changes: { overage: { kind: "deny" } } });
    assert.equal(life.refused(open("hld_1", 1), "2026-04-02T00:00Z").code, "pool_exhausted");
    const event = life.run(debit("dbt_1", 5), "2026-04-02T00:00Z");
    assert(event.kind === "usage.debited");
    assert.equal(event.debt, 5n);
  });

  test("many calls below a cent neither leave nor lose one, in whatever parts they come", () => {
    const parts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(parts, (amounts) => {
        const life = onPlan();
        for (const [index, amount] of amounts.entries())
          life.run(debit(`dbt_${index}`, amount), "2026-04-02T00:00Z");
        const whole = BigInt(amounts.reduce((sum, amount) => sum + amount, 0)) * 300n;
        const expected = (2n * whole + 1_000_000n) / 2_000_000n;
        assert.equal(life.books()["Unbilled"] ?? 0n, expected);
      }),
      { numRuns: 40 },
    );
  });
});

suite("a commitment", () => {
  const minimum = (...minimums: readonly bigint[]): Partial<Plan> => ({
    ...billed(),
    minimum: { minimums, trueUp: minimums.length > 1 ? "term" : "period" },
  });

  test("E15 a month of 640.00 below a minimum of 1,000.00 is billed 360.00 on top", () => {
    const life = onPlan(minimum(100_000n));
    life.run(debit("dbt_1", 213_333_333), "2026-04-02T00:00Z");
    const passed = life.pass("2026-05-01T00:00Z");
    const [renewed] = ofKind(passed, "subscription.renewed");
    assert(renewed !== undefined);
    const trued = ofKind(passed, "commitment.trued_up");
    assert.deepEqual(booksOf(trued), { Unbilled: 36_000n, Shortfall: -36_000n });
    assert.deepEqual(booksOf([renewed]), {});
    assert.deepEqual(
      renewed.invoice?.lines.map(({ kind, amount }) => [kind, amount]),
      [
        ["usage", 64_000n],
        ["shortfall", 36_000n],
      ],
    );
    life.check();
  });

  test("a month above its minimum is billed no more, and the next begins anew", () => {
    const life = onPlan(minimum(100_000n));
    life.run(debit("dbt_1", 400_000_000), "2026-04-02T00:00Z");
    const trued = ofKind(life.pass("2026-06-01T00:00Z"), "commitment.trued_up");
    assert.deepEqual(
      trued.map((event) => booksOf([event])["Shortfall"] ?? 0n),
      [0n, -100_000n],
    );
  });

  test("E15b a year of four quarters is trued up at its end", () => {
    const life = new Life("2026-01-01T00:00Z");
    life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
    const quarterly = { cadence: { unit: "month", count: 3 } } as const;
    life.run(
      start({ ...minimum(300_000n, 300_000n, 300_000n, 300_000n), base: fee(0n), ...quarterly }),
    );
    const used = [
      ["2026-01-02T00:00Z", 2_500],
      ["2026-04-02T00:00Z", 3_100],
      ["2026-07-02T00:00Z", 2_800],
      ["2026-10-02T00:00Z", 2_600],
    ] as const;
    for (const [when, dollars] of used)
      life.run(debit(`dbt_${dollars}`, Math.ceil((dollars * 100 * 1_000_000) / 300)), when);
    const trued = ofKind(life.pass("2027-01-01T00:00Z"), "commitment.trued_up");
    assert.deepEqual(
      ofKind(
        life.journal.rows.map(({ event }) => event),
        "commitment.trued_up",
      ).map((event) => booksOf([event])["Shortfall"] ?? 0n),
      [0n, 0n, 0n, -100_000n],
    );
    assert.equal(trued.length, 1);
    life.check();
  });
});
