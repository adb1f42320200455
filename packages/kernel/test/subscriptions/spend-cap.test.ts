/** What of a spend cap is left, with calls in flight on lines of their own. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BilledLine, type Plan, allowance, credits, instant, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { at, calendar } from "../calendar.ts";
import { seed } from "../oracle/life.ts";
import {
  debit,
  extend,
  grant,
  member,
  open,
  rate,
  limit,
  release,
  settle,
} from "../scenario/commands.ts";
import { Life, change, start } from "./life.ts";

const day = 24 * 60 * 60 * 1_000;
const now = "2026-04-02T00:00Z";

const line = (meter: string | null, price: bigint): BilledLine => ({
  kind: "usage",
  meter,
  price: { kind: "per_unit", per: 1n, price },
});

const capped = (
  cap: bigint | null,
  lines: readonly BilledLine[] = [line("chat", 1n), line(null, 10n)],
): Partial<Plan> => ({
  overage: { kind: "bill", lines, spendCap: cap === null ? null : money(cap) },
});

function onPlan(terms: Partial<Plan>): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(member("ana"));
  life.run(start(terms));
  return life;
}

const seen = (life: Life, when = now) => {
  life.pass(when);
  return allowance(life.journal.state, "ana", instant(at(when)), calendar);
};

suite("a spend cap", () => {
  test("B4 counts each call in flight on its own line, whoever asks", () => {
    const life = onPlan(capped(100n));
    // Of the cheap meter: 50 of money. By the dear line it would be 500.
    life.run(open("hld_1", 50, { meter: "chat" }), now);
    life.run(open("hld_2", 5), now);
    const refusal = life.refused(open("hld_3", 1), now);
    assert(refusal.code === "spend_cap_reached");
    assert.deepEqual([refusal.billed, refusal.asked], [0n, 110n]);
    // And of the dear line it is 50, which the cheap one would have made 5.
    assert.equal(life.refused(open("hld_4", 1, { meter: "chat" }), now).code, "spend_cap_reached");
    life.run(release("hld_2"), now);
    life.run(open("hld_5", 50, { meter: "chat" }), now);
    life.check();
  });

  test("counts in the period in which a call was authorized, extensions too", () => {
    const life = onPlan(capped(100n));
    life.run(open("hld_1", 8, { ttlMs: day }), "2026-04-30T23:00Z");
    life.run(open("hld_2", 10), "2026-05-01T00:00Z");
    const refusal = life.refused(extend("hld_1", 3), "2026-05-01T00:00Z");
    assert.equal(refusal.code, "spend_cap_reached");
    life.run(extend("hld_1", 2), "2026-05-01T00:00Z");
    life.run(settle("hld_2", 10), "2026-05-01T00:00Z");
    life.run(settle("hld_1", 10), "2026-05-01T00:00Z");
    assert.deepEqual(
      [...life.journal.state.billed.totals.values()].map(({ to, amount }) => [to, amount]),
      [
        [at("2026-06-01T00:00Z"), 100n],
        [at("2026-05-01T00:00Z"), 100n],
      ],
    );
    life.check();
  });

  test("counts a call at the price that it was opened at, when the plan has changed since", () => {
    const life = onPlan(capped(100n));
    life.run(open("hld_1", 5, { ttlMs: day }), now);
    const dear = { ...capped(100n, [line(null, 50n)]), version: "team@2" };
    life.run(change({ plan: dear, when: "now" }), now);
    life.run(open("hld_2", 1), now);
    assert.equal(life.refused(open("hld_3", 1), now).code, "spend_cap_reached");
    const settled = life.run(settle("hld_1", 5), now);
    assert(settled.kind === "hold.settled");
    assert.equal(settled.billed?.accrual.amount, 50n, "and it is billed at that price");
    life.check();
  });

  test("what the plan has no price for is neither billed nor lent", () => {
    const life = onPlan(capped(100n, [line("chat", 1n)]));
    assert.equal(life.refused(open("hld_1", 1, { meter: "image" }), now).code, "pool_exhausted");
    life.run(open("hld_2", 1, { meter: "chat" }), now);
  });

  test("whatever is in flight, settled for what it may, the cap is not passed, nor is a call refused that would fit", () => {
    const step = fc.record({
      meter: fc.constantFrom(null, "chat"),
      amount: fc.integer({ min: 1, max: 30 }),
      end: fc.constantFrom("settle", "release", "extend", null, null),
      grants: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const life = onPlan(capped(300n));
        const pending = new Map<string, { meter: string | null; overage: bigint }>();
        let billed = 0n;
        const price = (meter: string | null): bigint => (meter === null ? 10n : 1n);
        const due = (): bigint =>
          [...pending.values()].reduce((sum, one) => sum + price(one.meter) * one.overage, 0n);
        for (const [index, { meter, amount, end, grants }] of steps.entries()) {
          if (grants) life.run(grant(`grt_${index}`, 7), now);
          const id = `hld_${index}`;
          const { available } = life.journal.state.pool.totals;
          const beyond = BigInt(amount) > available ? BigInt(amount) - available : 0n;
          const fits = beyond === 0n || billed + due() + price(meter) * beyond <= 300n;
          const done = life.journal.run(open(id, amount, { meter }), at(now));
          assert.equal(done.kind, fits ? "accepted" : "rejected");
          if (done.kind === "rejected") continue;
          assert(done.event.kind === "hold.opened");
          pending.set(id, { meter, overage: done.event.overage });
          if (end === "extend") {
            const more = life.journal.run(extend(id, 5), at(now));
            if (more.kind === "accepted" && more.event.kind === "hold.extended")
              pending.set(id, { meter, overage: done.event.overage + more.event.overage });
          }
          if (end === "release") life.run(release(id), now);
          if (end === "settle") {
            const event = life.run(settle(id, amount), now);
            assert(event.kind === "hold.settled");
            billed += event.billed?.accrual.amount ?? 0n;
          }
          if (end === "release" || end === "settle") pending.delete(id);
          const told = seen(life)?.overage;
          assert.deepEqual([told?.billed, told?.inFlight], [billed, due()]);
          assert(billed + due() <= 300n, "K3 of money");
        }
        life.check();
      }),
      { seed, numRuns: 60 },
    );
  });
});

suite("what may still be spent", () => {
  test("counts what may be billed up to the spend cap, to the last credit", () => {
    const life = onPlan(capped(100n));
    life.run(grant("grt_a", 3), now);
    life.run(debit("dbt_1", 20, { meter: "chat" }), now);
    life.run(open("hld_1", 30, { meter: "chat" }), now);
    const told = seen(life);
    assert.deepEqual(told?.overage, {
      currency: "USD",
      cap: 100n,
      // 3 of the 20 were in the pool.
      billed: 17n,
      inFlight: 30n,
      credits: credits(5n),
    });
    assert.deepEqual([told.remaining, told.binding.reason], [5n, "spend_cap"]);
    assert.equal(told.binding.resetsAt, at("2026-05-01T00:00Z"));
    assert.equal(life.refused(open("hld_2", 6), now).code, "spend_cap_reached");
    life.run(open("hld_3", 5), now);
    assert.equal(seen(life)?.remaining, 0n);
    life.run(debit("dbt_2", 900), now);
    assert.equal(seen(life)?.overage?.credits, 0n, "past the cap there is nothing left");
  });

  test("has no bound without a cap; limits bind as ever", () => {
    const life = onPlan(capped(null));
    assert.deepEqual([seen(life)?.overage?.credits, seen(life)?.binding.reason], [null, "pool"]);
    assert.equal(seen(life)?.remaining, 10n ** 18n);
    life.run(limit("l", "workspace", rate("credits", { quantity: 9, perMs: day, burst: 9 })), now);
    assert.deepEqual([seen(life)?.remaining, seen(life)?.binding.reason], [9n, "rate"]);
  });

  test("where only meters have prices the money is told, and a call of none has the pool alone", () => {
    const life = onPlan(capped(100n, [line("chat", 1n)]));
    life.run(open("hld_1", 30, { meter: "chat" }), now);
    const told = seen(life);
    assert.deepEqual(
      [told?.remaining, told?.overage?.inFlight, told?.overage?.credits],
      [0n, 30n, 0n],
    );
    const denied = onPlan({});
    assert.equal(seen(denied)?.overage, undefined);
  });
});
