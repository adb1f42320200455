/** Reserved capacity: a fee that buys a guaranteed rate, and a share of the plan's credits for one group. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Command,
  type Plan,
  type ReservedCapacity,
  allowance,
  credits,
  entitlements,
  instant,
  money,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { at, calendar } from "../calendar.ts";
import { seed } from "../oracle/life.ts";
import { debit, group, limit, member, open, rate, release } from "../scenario/commands.ts";
import { Life, atEnd, booksOf, change, fee, included, ofKind, start } from "./life.ts";

const minute = 60_000;

const reserved = (terms: Partial<ReservedCapacity> = {}): Partial<Plan> => ({
  base: fee(1_000n),
  included: included(1_000_000n, null),
  reserved: {
    fee: fee(3_100n),
    rate: { kind: "rate", unit: "requests", quantity: 3n, perMs: minute, burst: 3n },
    shareBps: 0,
    group: null,
    ...terms,
  },
});

const each = (unit: "requests" | "credits", quantity: number) =>
  rate(unit, { quantity, perMs: minute, burst: quantity });
const oneAMinute: Command = limit("all", "workspace", each("requests", 1));

function begun(plan: Partial<Plan>, ...commands: readonly Command[]): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run(group("prod"));
  life.run(member("bot", { groups: ["prod"] }));
  life.run(member("ana"));
  life.run(start({ fairness: "off", ...plan }));
  for (const command of commands) life.run(command);
  return life;
}

/** How many holds of a member are let through before one is refused, at one instant. */
function through(life: Life, who: string, when: string): number {
  for (let count = 0; ; count += 1) {
    const id = `hld_${who}${when}${count}`;
    const decision = life.journal.run(open(id, 1, { member: who, ttlMs: 1_000 }), at(when));
    if (decision.kind === "accepted") continue;
    assert.equal(decision.rejection.code, "rate_limited");
    return count;
  }
}

suite("reserved capacity", () => {
  test("its fee is a line of its own, and revenue by the day as access is", () => {
    const life = begun(reserved());
    const [started] = ofKind(
      life.journal.rows.map(({ event }) => event),
      "subscription.started",
    );
    assert(started !== undefined);
    assert.deepEqual(
      started.lines.map(({ kind, amount }) => [kind, amount]),
      [
        ["base_fee", 1_000n],
        ["reserved_capacity", 3_100n],
      ],
    );
    assert.deepEqual(booksOf([started]), { Receivable: 4_100n, "Deferred:Access": -4_100n });
    const back = life.run({ kind: "cancelSubscription" }, "2026-01-01T00:00Z");
    assert.equal(booksOf([back])["CustomerBalance"], -4_100n);
    life.pass("2026-02-02T00:00Z");
    life.check();
  });

  test("V1 the reserved rate is let through whatever the workspace's rate says, and the rest goes by that", () => {
    assert.equal(
      through(begun({ included: included(9n, null) }, oneAMinute), "ana", "2026-01-02T00:00Z"),
      1,
    );
    const life = begun(reserved(), oneAMinute);
    assert.equal(through(life, "ana", "2026-01-02T00:00Z"), 4);
    // Each of the two comes back in its own time.
    assert.equal(through(life, "ana", "2026-01-02T00:00:20Z"), 1);
    assert.equal(through(life, "ana", "2026-01-02T00:01Z"), 3);
    life.check();
  });

  test("V1 what is reserved for a group is there for it, however busy the others are", () => {
    const busy = limit("busy", "group prod", each("requests", 1));
    const life = begun(reserved({ group: "prod" }), oneAMinute, busy);
    assert.equal(through(life, "ana", "2026-01-02T00:00Z"), 1, "others have nothing of it");
    assert.equal(through(life, "bot", "2026-01-02T00:00Z"), 3, "and take nothing of it");
    life.check();
  });

  test("V2 a member's own rate, and caps, hold all the same", () => {
    const own = limit("own", "member ana", each("requests", 2));
    const life = begun(reserved(), oneAMinute, own);
    assert.equal(through(life, "ana", "2026-01-02T00:00Z"), 2);
    assert.equal(
      through(life, "bot", "2026-01-02T00:00Z"),
      2,
      "what was refused took nothing of it",
    );
  });

  test("a rate of credits is reserved by the credit, extensions included", () => {
    const rule = {
      kind: "rate",
      unit: "credits",
      quantity: 100n,
      perMs: minute,
      burst: 100n,
    } as const;
    const all = limit("all", "workspace", each("credits", 10));
    const life = begun(reserved({ rate: rule }), all);
    life.run(open("hld_1", 60), "2026-01-02T00:00Z");
    life.run(
      { kind: "extendHold", hold: "hld_1", credits: credits(40n), ttlMs: null, recalled: null },
      "2026-01-02T00:00Z",
    );
    const refusal = life.refused(open("hld_2", 11), "2026-01-02T00:00Z");
    assert.equal(refusal.code, "rate_limited");
    life.run(open("hld_3", 10), "2026-01-02T00:00Z");
    life.check();
  });

  test("a trial, a pause and an end have no reserved rate; another version begins with all of it", () => {
    const trial = begun({ ...reserved(), trialDays: 7 }, oneAMinute);
    assert.equal(through(trial, "ana", "2026-01-02T00:00Z"), 1);
    const life = begun(reserved(), oneAMinute);
    assert.equal(through(life, "ana", "2026-01-02T00:00Z"), 4);
    life.run(change({ plan: { ...reserved(), version: "team@2" } }), "2026-01-02T00:00Z");
    assert.equal(through(life, "ana", "2026-01-02T00:00:01Z"), 3);
    life.run(atEnd("pause"), "2026-01-02T00:00:01Z");
    assert.equal(life.journal.state.limits.rates.size, 2);
    life.pass("2026-02-01T00:00Z");
    assert.equal(life.journal.state.limits.rates.size, 1, "nothing is left of it");
    life.check();
  });

  test("allowance and entitlements say what is reserved", () => {
    const life = begun(reserved(), oneAMinute);
    const now = instant(at("2026-01-02T00:00Z"));
    const { state } = life.journal;
    assert.equal(through(life, "ana", "2026-01-02T00:00Z"), 4);
    assert.deepEqual(allowance(state, "ana", now, calendar)?.remaining, 0n);
    assert.equal(entitlements(state, now).reserved?.left, 0n);
    const later = instant(at("2026-01-02T00:00:20Z"));
    assert.equal(entitlements(state, later).reserved?.left, 1n);
    const view = allowance(state, "ana", later, calendar);
    assert.deepEqual([view?.remaining, view?.binding.reason], [999_996n, "pool"]);
  });

  test("no mix of calls takes what is reserved for a group, nor gives it more than both rates (V1)", () => {
    const calls = fc.array(
      fc.record({ who: fc.constantFrom("ana", "ana", "bot"), waitMs: fc.nat({ max: 20_000 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(calls, (asked) => {
        const life = begun(reserved({ group: "prod" }), oneAMinute);
        let now: number = at("2026-01-02T00:00Z");
        // The bucket of the group alone, as the rule says it: 3 at once, one every 20 s.
        let [fill, since] = [0, now];
        for (const [index, { who, waitMs }] of asked.entries()) {
          now += waitMs;
          fill = Math.max(0, fill - (now - since) / 20_000);
          since = now;
          const id = `hld_${index}`;
          const done = life.journal.run(open(id, 1, { member: who }), now);
          if (who === "bot" && fill <= 2) {
            assert.equal(done.kind, "accepted", "what fits into the reserve is let through");
            fill += 1;
          }
          if (done.kind === "accepted") life.journal.run(release(id), now);
        }
      }),
      { seed },
    );
  });
});

suite("a share that is reserved for a group", () => {
  const share = (shareBps: number, terms: Partial<Plan> = {}): Partial<Plan> => ({
    ...reserved({ group: "prod", shareBps, fee: fee(0n) }),
    base: fee(1_001n, 0n),
    included: included(1_000n, 1_000n),
    ...terms,
  });

  test("A1 nobody else can use it, whatever they do, and the group uses it first", () => {
    const life = begun(share(2_500));
    assert.deepEqual(life.lots, { grt_10001s: 250n, grt_10001: 750n });
    const refusal = life.refused(open("hld_1", 751), "2026-01-02T00:00Z");
    assert.equal(refusal.code, "pool_exhausted");
    life.run(debit("dbt_1", 700), "2026-01-02T00:00Z");
    life.run(open("hld_2", 260, { member: "bot" }), "2026-01-02T00:00Z");
    assert.deepEqual(life.lots, { grt_10001: 40n });
    life.check();
  });

  test("A2 its cost is shared with the rest, and what is prepaid is shared too", () => {
    const term = { price: money(80n), list: money(100n), credits: credits(100n) };
    const drawdown = { terms: [term], periods: 1, priority: 45, rollover: null };
    const life = begun(share(2_500, { drawdown }));
    const costs = [...life.journal.state.pool.lots.values()].map(
      ({ id, cost, appliesTo }) => [id, cost, appliesTo?.groups ?? null] as const,
    );
    assert.deepEqual(costs, [
      ["grt_10001s", 250n, ["prod"]],
      ["grt_10001", 751n, null],
      ["grt_10001ds", 20n, ["prod"]],
      ["grt_10001d", 60n, null],
    ]);
    life.check();
  });

  test("it stays the group's where it rolls on, and a downgrade takes of the others first", () => {
    const rollover = { shareBps: 10_000, amountMax: null, balanceMax: null, periods: 1 };
    const life = begun(share(2_500, { included: included(1_000n, 1_000n, { rollover }) }));
    const smaller = share(2_500, {
      included: included(500n, 500n, { rollover }),
      version: "team@2",
      base: fee(500n, 0n),
    });
    life.run(change({ plan: smaller, when: "now" }), "2026-01-01T00:00Z");
    assert.deepEqual(life.lots, { grt_10001s: 250n, grt_10001: 250n });
    life.pass("2026-02-01T00:00Z");
    const rolled = life.journal.state.pool.lots.get("grt_10001r1");
    assert.deepEqual([rolled?.granted, rolled?.appliesTo], [250n, { groups: ["prod"] }]);
    life.check();
  });
});
