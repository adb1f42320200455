/** RULES 15: credits that calls in flight held during a change of plan are taken, and credited, when they return. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Plan } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";
import {
  chargeBack,
  debit,
  debtUpTo,
  hour,
  open,
  part,
  refund,
  release,
  revoke,
  settle,
  update,
} from "../scenario/commands.ts";
import { closeRun, prepaid } from "../scenario/run-commands.ts";
import { finalize } from "./invoicing.ts";
import { Life, booksOf, change, fee, included, seatsAt, start } from "./life.ts";

/** Plans of FINANCE, E12: B of 250.00 with 15,000 credits, split in halves; A of 100.00 with 5,000. */
const planB: Partial<Plan> = {
  name: "B",
  version: "B@1",
  base: fee(25_000n, 15_000n),
  included: included(15_000n, 15_000n),
};
const planA: Partial<Plan> = {
  name: "A",
  version: "A@1",
  base: fee(10_000n, 6_000n),
  included: included(5_000n, 5_000n),
};
const middle = "2026-06-16T00:00Z";
const before = "2026-06-15T23:30Z";
const after = "2026-06-16T00:10Z";
const later = "2026-06-16T00:20Z";
const anHour = { ttlMs: hour };

/** On B with so many credits used, and these holds opened just before the change to A in the middle of June. */
function downgraded(used: number, holds: readonly number[] = [], terms: Partial<Plan> = {}): Life {
  const life = new Life("2026-06-01T00:00Z");
  life.run(start({ ...planB, ...terms }));
  life.run(debit("dbt_1", used), "2026-06-10T00:00Z");
  for (const [index, amount] of holds.entries())
    life.run(open(`hld_${index}`, amount, anHour), before);
  life.run(change({ plan: planA, when: "now" }), middle);
  return life;
}

const balanceOf = (life: Life): bigint =>
  life.journal.state.invoices.accounts.get("account")?.balance ?? 0n;

const deferredOf = (life: Life): Readonly<Record<string, bigint>> =>
  Object.fromEntries(
    Object.entries(life.books()).filter(
      ([account]) => account.startsWith("Deferred") || account === "CustomerBalance",
    ),
  );

suite("credits held during an immediate downgrade", () => {
  test("count as gone, and are clawed back and credited when they return (E12)", () => {
    const life = downgraded(9_000, [6_000]);
    assert.equal(balanceOf(life), 3_333n, "all 5,000 count as gone: R1(5000 * 12500 / 15000) less");
    assert.deepEqual(life.lots, {});
    const released = life.run(release("hld_0"), after);
    assert.equal(balanceOf(life), 7_500n, "as E12");
    assert.deepEqual(life.lots, { grt_10001: 1_000n });
    assert.deepEqual(booksOf([released]), {
      "Deferred:grt_10001": 4_167n,
      CustomerBalance: -4_167n,
    });
    assert.deepEqual(deferredOf(life), deferredOf(downgraded(9_000)), "as if never held");
    life.check();
  });

  test("the line of what was missing is taken back by one of its own", () => {
    const life = downgraded(9_000, [6_000]);
    life.run(release("hld_0"), after);
    const lines = [...life.journal.state.invoices.pending.values()].slice(-2);
    assert.deepEqual(
      lines.map(({ kind, quantity, amount }) => [kind, quantity, amount]),
      [
        ["used_credits", 5_000n, 4_167n],
        ["used_credits", -5_000n, -4_167n],
      ],
    );
    life.check();
  });

  test("what a settlement uses stays used; what it leaves is clawed back", () => {
    const life = downgraded(9_000, [6_000]);
    life.run(settle("hld_0", 2_000), after);
    // 11,000 used and 4,000 taken: 1,000 are missing.
    assert.equal(balanceOf(life), balanceOf(downgraded(11_000)));
    assert.deepEqual(life.lots, downgraded(11_000).lots);
    life.check();
  });

  test("stay claimed in a call that was taken from its run's purse after the change", () => {
    const life = new Life("2026-06-01T00:00Z");
    life.run(start(planB));
    life.run(debit("dbt_1", 9_000), "2026-06-10T00:00Z");
    life.run(prepaid("r", 6_000), before);
    life.run(change({ plan: planA, when: "now" }), middle);
    life.run(open("hld_0", 4_000, { run: "r", ...anHour }), after);
    life.run(closeRun("r"), after);
    life.run(release("hld_0"), later);
    assert.equal(balanceOf(life), 7_500n, "as E12, as if never held");
    assert.deepEqual(life.lots, { grt_10001: 1_000n });
    life.check();
  });

  test("a part keeps the rest set aside; the end of the hold gives it back", () => {
    const life = downgraded(9_000, [6_000]);
    life.run(part("hld_0", 2_000), after);
    assert.equal(balanceOf(life), 3_333n);
    life.pass("2026-06-16T01:00Z");
    assert.equal(balanceOf(life), balanceOf(downgraded(11_000)));
    life.check();
  });

  test("usage of them that is refunded returns too", () => {
    const life = downgraded(9_000, [6_000]);
    life.run(settle("hld_0", 6_000), after);
    assert.equal(balanceOf(life), 3_333n);
    life.run(refund("rfd_1", "hld_0"), later);
    assert.equal(balanceOf(life), 7_500n);
    assert.deepEqual(life.lots, { grt_10001: 1_000n });
    life.check();
  });

  test("a refund may take a line off a bill and make one for what it claws back, each of its own", () => {
    const price = { kind: "per_unit", per: 1n, price: 1n } as const;
    const overage: Plan["overage"] = {
      kind: "bill",
      lines: [{ kind: "overage", meter: null, price }],
      spendCap: null,
    };
    const life = new Life("2026-06-01T00:00Z");
    life.run(update({ overage: { kind: "plan" } }));
    life.run(start({ ...planB, overage }));
    life.run(open("hld_0", 15_000, { ttlMs: 24 * hour }), "2026-06-30T20:00Z");
    life.run(change({ plan: { ...planA, overage }, when: "now" }), "2026-06-30T20:00Z");
    life.run(settle("hld_0", 15_400), "2026-06-30T21:00Z");
    // The bill of June is drafted and issued: what comes off it now stands on a line of July.
    life.pass("2026-07-01T00:00Z");
    life.run(finalize("inv_10002"), "2026-07-01T01:00Z");
    const refunded = life.run(refund("rfd_1", "hld_0"), "2026-07-01T02:00Z");
    assert(refunded.kind === "usage.refunded");
    const made = refunded.clawedBack?.lines.map(({ id }) => id) ?? [];
    const unbilled = refunded.billed?.accrual.line ?? "";
    assert.equal(new Set([...made, unbilled]).size, 2, `${made.join()} and ${unbilled}`);
    assert.equal(life.journal.state.invoices.pending.size, 2);
    life.check();
  });

  test("usage of before the change that is refunded is the customer's", () => {
    const life = downgraded(9_000, [6_000]);
    life.run(refund("rfd_1", "dbt_1", 700), after);
    assert.equal(balanceOf(life), 3_333n);
    assert.deepEqual(life.lots, { grt_10001: 700n });
    life.run(release("hld_0"), later);
    assert.equal(balanceOf(life), 7_500n);
    assert.deepEqual(life.lots, { grt_10001: 1_700n });
    life.check();
  });

  test("they are clawed back before debt is paid, which what is left pays (RULES 12)", () => {
    const life = new Life("2026-06-01T00:00Z");
    life.run(update({ overage: debtUpTo(9_000) }));
    life.run(start(planB));
    life.run(debit("dbt_1", 9_000), "2026-06-10T00:00Z");
    life.run(open("hld_0", 6_000, anHour), before);
    life.run(change({ plan: planA, when: "now" }), middle);
    life.run(debit("dbt_2", 400), middle);
    life.run(release("hld_0"), after);
    assert.equal(balanceOf(life), 7_500n);
    assert.deepEqual(life.lots, { grt_10001: 600n });
    assert.equal(life.journal.state.pool.totals.debt, 0n);
    life.check();
  });

  test("also when their period has ended meanwhile: the rest expires, or rolls on", () => {
    for (const [rolls, lots] of [
      [false, { grt_10002: 5_000n }],
      [true, { grt_10002: 5_000n, grt_10001h1: 1_000n }],
    ] as const) {
      const life = new Life("2026-06-01T00:00Z");
      const rollover = { shareBps: 10_000, amountMax: null, balanceMax: null, periods: 1 };
      const rolling = rolls ? { rollover } : {};
      life.run(start({ ...planB, included: included(15_000n, 15_000n, rolling) }));
      life.run(debit("dbt_1", 9_000), "2026-06-10T00:00Z");
      life.run(open("hld_0", 6_000, { ttlMs: 24 * hour }), "2026-06-30T12:00Z");
      const to = { ...planA, included: included(5_000n, 5_000n, rolling) };
      life.run(change({ plan: to, when: "now" }), "2026-06-30T12:00Z");
      const owed = balanceOf(life);
      life.pass("2026-07-01T00:00Z");
      life.run(release("hld_0"), "2026-07-01T00:10Z");
      assert.ok(balanceOf(life) > owed);
      assert.equal(life.journal.state.pool.lots.get("grt_10001")?.revoked, 167n);
      const { grt_10001h1: rolled = 0n, ...rest } = life.lots;
      assert.deepEqual(rest, { grt_10002: lots.grt_10002 });
      assert.equal(rolled > 0n, rolls);
      life.check();
    }
  });

  test("a revoke after the change takes what is not claimed, and a bank takes the claim with the lot", () => {
    const life = downgraded(9_000, [6_000]);
    const refused = life.refused(revoke("grt_10001", 1_001), after);
    assert.equal(refused.code, "revoke_exceeds_grant");
    life.run(revoke("grt_10001"), after);
    life.run(release("hld_0"), later);
    assert.equal(balanceOf(life), 7_500n, "the claim is older than the revoke");
    life.check();
    const disputed = downgraded(9_000, [6_000]);
    disputed.run(chargeBack("grt_10001"), after);
    disputed.run(release("hld_0"), later);
    assert.equal(balanceOf(disputed), 3_333n, "the bank has the money already");
    disputed.check();
  });

  test("seats removed at once go by the same rule, and a second change claims the rest", () => {
    const lived = (holds: boolean): Life => {
      const life = new Life("2026-06-01T00:00Z");
      const per = { per: "seat" as const };
      life.run(start({ seats: seatsAt(2_000n), included: included(500n, 400n, per) }, 5));
      if (holds) life.run(open("hld_0", 2_500, anHour), before);
      life.run(change({ seats: 3, when: "now" }), middle);
      life.run(change({ seats: 1, when: "now" }), middle);
      if (holds) life.run(release("hld_0"), after);
      return life;
    };
    const [held, free] = [lived(true), lived(false)];
    assert.deepEqual(held.lots, free.lots);
    assert.equal(balanceOf(held), balanceOf(free));
    held.check();
  });

  test("a cancellation at once claims them too", () => {
    const life = new Life("2026-06-01T00:00Z");
    life.run(start(planB));
    life.run(open("hld_0", 15_000, anHour), before);
    life.run({ kind: "cancelSubscription" }, middle);
    assert.equal(balanceOf(life), 6_250n);
    life.run(release("hld_0"), after);
    assert.equal(balanceOf(life), 12_500n, "half of 250.00");
    assert.deepEqual(life.lots, { grt_10001: 7_500n });
    life.check();
  });

  test("held credits that a claim waits for do not count as coming back", () => {
    const life = downgraded(9_000, [6_000]);
    assert.equal(life.refused(open("hld_x", 1_000), after).code, "credits_held");
    assert.equal(life.refused(open("hld_x", 1_001), after).code, "pool_exhausted");
  });
});

/** How a hold ends: what of it is used, and by which way the rest returns. */
const ending = fc.record({
  share: fc.constantFrom(0, 0, 1, 2, 3, 4),
  way: fc.constantFrom("settle", "parts", "expire", "refund"),
  order: fc.nat(),
});

const scene = fc.record({
  cost: fc.bigInt({ min: 0n, max: 30_000n }),
  price: fc.bigInt({ min: 0n, max: 30_000n }),
  standalone: fc.option(fc.bigInt({ min: 0n, max: 20_000n })),
  included: fc.bigInt({ min: 1n, max: 300n }),
  less: fc.bigInt({ min: 1n, max: 300n }),
  used: fc.nat(300),
  holds: fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), ending), {
    minLength: 1,
    maxLength: 6,
  }),
  seconds: fc.integer({ min: 3_600, max: 29 * 86_400 }),
});

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

/** Lives a scene; `isHeld: false` uses what the holds use before the change, and holds nothing. */
function live(one: Scene, isHeld: boolean): Life {
  const life = new Life("2026-06-01T00:00Z");
  const standalone = one.standalone;
  life.run(start({ ...planB, base: fee(one.cost), included: included(one.included, standalone) }));
  let left = Number(one.included);
  const used = Math.min(one.used, left);
  if (used > 0) life.run(debit("dbt_0", used));
  left -= used;
  const at = Date.UTC(2026, 5, 1) + one.seconds * 1_000;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const holds = one.holds.flatMap(([wanted, end], index) => {
    const amount = Math.min(wanted, left);
    left -= amount;
    const usedOf = Math.floor((amount * end.share) / 4);
    return amount === 0 ? [] : [{ id: `hld_${index}`, amount, used: usedOf, ...end }];
  });
  for (const hold of holds) {
    if (isHeld) life.run(open(hold.id, hold.amount, anHour), iso(at - 60_000));
    else if (hold.used > 0) life.run(debit(`dbt_${hold.id}`, hold.used), iso(at - 60_000));
  }
  const to = { ...planA, base: fee(one.price), included: included(one.less, standalone) };
  life.run(change({ plan: to, when: "now" }), iso(at));
  if (!isHeld) return life;
  for (const hold of holds.toSorted((a, b) => a.order - b.order)) {
    const when = iso(at + 60_000);
    if (hold.way === "parts" && hold.used > 0) life.run(part(hold.id, hold.used), when);
    if (hold.way === "settle") life.run(settle(hold.id, hold.used), when);
    if (hold.way === "parts") life.run(hold.used > 0 ? settle(hold.id, 0) : release(hold.id), when);
    if (hold.way === "expire" && hold.used > 0) life.run(part(hold.id, hold.used), when);
    if (hold.way !== "refund") continue;
    life.run(settle(hold.id, hold.amount), when);
    if (hold.amount > hold.used)
      life.run(refund(`rfd_${hold.id}`, hold.id, hold.amount - hold.used), when);
  }
  life.pass(iso(at + 2 * hour));
  return life;
}

suite("whatever returns, in whatever order", () => {
  test("what is credited in all, and what is left, is as if it had never been held (RULES 15)", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(scene, (one) => {
        const [held, free] = [live(one, true), live(one, false)];
        assert.equal(balanceOf(held), balanceOf(free));
        assert.deepEqual(held.lots, free.lots);
        const isUnused = one.holds.every(([, { share, way }]) => share === 0 && way !== "refund");
        if (isUnused) assert.deepEqual(held.books(), free.books(), "to the cent, in every account");
        held.check();
      }),
      { seed, numRuns: runs(300) },
    );
  });
});
