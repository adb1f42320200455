/** What is prepaid and drawn down, through the front door: commands in, postings and invoices out (FINANCE, E15c). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type BilledLine,
  type Drawdown,
  type Plan,
  credits,
  money,
  nextPrepayment,
} from "@cistern/kernel";
import { at } from "../calendar.ts";
import { debit, open, settle } from "../scenario/commands.ts";
import {
  Life,
  atEnd,
  booksOf,
  change,
  ofKind,
  plan as listedPlan,
  seatsAt,
  start,
} from "./life.ts";

const usePlan = { kind: "updateWorkspace", changes: { overage: { kind: "plan" } } } as const;

const term = (price: bigint, list: bigint): Drawdown["terms"][number] => ({
  price: money(price),
  list: money(list),
  // By the list a micro-credit costs a minor unit.
  credits: credits(list),
});

const prepaid = (terms: Partial<Drawdown> = {}): Partial<Plan> => ({
  drawdown: { terms: [term(80n, 100n)], periods: 1, priority: 45, rollover: null, ...terms },
  overage: { kind: "bill", lines: [overage], spendCap: null },
});

const overage: BilledLine = {
  kind: "overage",
  meter: null,
  price: { kind: "per_unit", per: 10n, price: 12n },
};

function begun(plan: Partial<Plan>, seats = 0): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run(usePlan);
  life.run(start(plan, seats));
  return life;
}

const bought = (life: Life): readonly (readonly [id: string, price: bigint, granted: bigint])[] =>
  [...life.journal.state.pool.lots.values()].map(
    ({ id, cost, granted }) => [id, cost, granted] as const,
  );

suite("what is prepaid and drawn down", () => {
  test("E15c three draws recognise 266666, 266667 and 466667; then usage is overage", () => {
    const life = begun({
      ...prepaid({ terms: [term(1_000_000n, 1_250_000n)] }),
      cadence: { unit: "year", count: 1 },
    });
    const [started] = ofKind(
      life.journal.rows.map(({ event }) => event),
      "subscription.started",
    );
    assert(started !== undefined);
    assert.deepEqual(booksOf([started]), {
      Receivable: 1_000_000n,
      "Deferred:grt_10001d": -1_000_000n,
    });
    assert.deepEqual(
      started.invoice?.lines.map(({ kind, amount, list, quantity, to }) => [
        kind,
        amount,
        list,
        quantity,
        to,
      ]),
      [["prepayment", 1_000_000n, 1_250_000n, 1_250_000n, at("2027-01-01T00:00Z")]],
    );
    const posted = [333_333, 333_333, 583_334, 10].map((amount, index) =>
      booksOf([life.run(debit(`dbt_${index}`, amount), `2026-0${index + 2}-01T00:00Z`)]),
    );
    assert.deepEqual(
      posted.map(({ Usage = 0n, Overage = 0n }) => [-Usage, -Overage]),
      [
        [266_666n, 0n],
        [266_667n, 0n],
        [466_667n, 0n],
        [0n, 12n],
      ],
    );
    life.check();
  });

  test("a term has its periods, is bought once, and what is unused expires with it", () => {
    const life = begun(prepaid({ periods: 3 }));
    life.run(debit("dbt_1", 25), "2026-01-10T00:00Z");
    life.pass("2026-03-31T00:00Z");
    assert.deepEqual(bought(life), [["grt_10001d", 80n, 100n]]);
    const [expired, , renewed] = life.pass("2026-04-01T00:00Z");
    assert(expired?.kind === "credits.expired" && renewed === undefined);
    assert.deepEqual(booksOf([expired]), { "Deferred:grt_10001d": 60n, Breakage: -60n });
    assert.deepEqual(bought(life).slice(1), [["grt_10004d", 80n, 100n]]);
    assert.equal(life.subscription.drawdown?.term, 1);
    life.check();
  });

  test("E10 what is unused rolls on with its money, as far as the plan says, and burns first", () => {
    const rollover = { shareBps: 5_000, amountMax: null, balanceMax: credits(40n), periods: 2 };
    const life = begun(prepaid({ periods: 2, rollover }));
    life.run(debit("dbt_1", 30), "2026-01-10T00:00Z");
    const [rolled] = ofKind(life.pass("2026-03-01T00:00Z"), "credits.rolled_over");
    assert(rolled !== undefined);
    // 24 of 80 are recognised; of the 56 that are left, 40 credits take 32 along and 30 lapse with 24.
    assert.deepEqual(booksOf([rolled]), {
      "Deferred:grt_10001d": 56n,
      "Deferred:grt_10002dr1": -32n,
      Breakage: -24n,
    });
    assert.equal(rolled.lots[0]?.expiresAt, at("2026-05-01T00:00Z"));
    life.run(debit("dbt_2", 50), "2026-03-02T00:00Z");
    assert.deepEqual(life.lots, { grt_10003d: 90n });
    // The most that may roll together counts what rolled before and is still there.
    const [again] = ofKind(life.pass("2026-05-01T00:00Z"), "credits.rolled_over");
    assert.deepEqual(
      again?.lots.map(({ granted }) => granted),
      [40n],
    );
    life.check();
  });

  test("credits that were held when the term ended roll on when they come back", () => {
    const rollover = { shareBps: 10_000, amountMax: null, balanceMax: null, periods: 1 };
    const life = begun(prepaid({ rollover }));
    life.run(open("hld_1", 100, { ttlMs: 3_600_000 }), "2026-01-31T23:30Z");
    life.pass("2026-02-01T00:00Z");
    life.run(settle("hld_1", 10), "2026-02-01T00:10Z");
    assert.deepEqual(life.lots, { grt_10001dh1: 90n, grt_10002d: 100n });
    life.check();
  });

  test("a ramp has other amounts in each term, and the last stays", () => {
    const life = begun(prepaid({ terms: [term(80n, 100n), term(150n, 200n)] }));
    life.pass("2026-03-01T00:00Z");
    assert.deepEqual(
      bought(life).map(([, price, granted]) => [price, granted]),
      [
        [80n, 100n],
        [150n, 200n],
        [150n, 200n],
      ],
    );
    life.check();
  });

  test("a trial buys nothing; the first paid period does", () => {
    const life = begun({ ...prepaid(), trialDays: 7 });
    assert.deepEqual(bought(life), []);
    life.pass("2026-01-08T00:00Z");
    assert.deepEqual(bought(life), [["grt_10002d", 80n, 100n]]);
  });

  test("D3 a pause keeps a term open: what was prepaid can be drawn, and lives for as many periods after it", () => {
    const life = begun(prepaid({ periods: 3 }));
    life.run(atEnd("pause"), "2026-01-10T00:00Z");
    life.pass("2026-02-01T00:00Z");
    life.run(debit("dbt_1", 25), "2026-06-01T00:00Z");
    assert.deepEqual(life.lots, { grt_10001d: 75n });
    const resumed = life.run(atEnd("renew"), "2026-06-10T00:00Z");
    assert(resumed.kind === "subscription.resumed");
    assert.deepEqual(resumed.prolonged, [
      { lot: "grt_10001d", expiresAt: at("2026-08-10T00:00Z") },
    ]);
    assert.deepEqual(resumed.lines, []);
    life.pass("2026-08-09T00:00Z");
    assert.deepEqual(life.lots, { grt_10001d: 75n });
    life.pass("2026-08-10T00:00Z");
    assert.deepEqual(life.lots, { grt_10004d: 100n });
    life.check();
  });

  test("D2 an end takes nothing of it: it lives until its term would have been over", () => {
    const now = begun(prepaid({ periods: 3 }));
    const cancelled = now.run({ kind: "cancelSubscription" }, "2026-01-10T00:00Z");
    assert.deepEqual(booksOf([cancelled]), {});
    now.pass("2026-03-31T00:00Z");
    assert.deepEqual(now.lots, { grt_10001d: 100n });
    now.pass("2026-04-01T00:00Z");
    assert.deepEqual(now.lots, {});
    now.check();
    const paused = begun(prepaid({ periods: 3 }));
    paused.run(atEnd("pause"), "2026-01-10T00:00Z");
    paused.run(atEnd("end"), "2026-06-10T00:00Z");
    paused.pass("2026-08-09T00:00Z");
    assert.deepEqual(paused.lots, { grt_10001d: 100n });
    paused.pass("2026-08-10T00:00Z");
    assert.deepEqual(paused.lots, {});
    paused.check();
  });

  test("C2 a plan with a prepayment is changed to, and from, at the end of a period; seats at once", () => {
    const life = begun({ ...prepaid({ periods: 3 }), seats: seatsAt(10n) }, 1);
    const other = { ...prepaid(), name: "big", version: "big@1", seats: seatsAt(900n) };
    const refusal = life.refused(change({ plan: other, when: "now" }), "2026-01-10T00:00Z");
    assert.equal(refusal.code, "invalid_request");
    life.run(change({ seats: 3 }), "2026-01-10T00:00Z");
    const planned = life.run(change({ plan: other }), "2026-01-10T00:00Z");
    assert.equal(planned.kind, "subscription.updated");
    life.pass("2026-02-01T00:00Z");
    // What was bought under the plan before stays until its own term is over.
    assert.deepEqual(life.lots, { grt_10001d: 100n, grt_10002d: 100n });
    assert.equal(life.subscription.drawdown?.term, 0);
    life.check();
  });

  test("what the next period will cost for it is known before, for this plan and for another", () => {
    const life = begun(prepaid({ terms: [term(80n, 100n), term(150n, 200n)], periods: 2 }));
    const other = listedPlan({ ...prepaid({ terms: [term(7n, 9n)] }), version: "team@2" });
    const told: bigint[] = [];
    const charged: bigint[] = [];
    for (const month of ["02", "03", "04", "05", "06"]) {
      const { subscription } = life;
      told.push(nextPrepayment(subscription, subscription.plan));
      assert.equal(nextPrepayment(subscription, other), 7n);
      const [renewed] = ofKind(life.pass(`2026-${month}-01T00:00Z`), "subscription.renewed");
      charged.push(renewed?.lines.reduce((sum, { amount }) => sum + amount, 0n) ?? 0n);
    }
    assert.deepEqual(told, [0n, 150n, 0n, 150n, 0n]);
    assert.deepEqual(charged, told);
    assert.equal(nextPrepayment(life.subscription, listedPlan({ version: "free@1" })), 0n);
  });
});
