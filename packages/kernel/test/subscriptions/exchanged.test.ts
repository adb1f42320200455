/** What becomes of a minimum when the plan is changed, or pinned anew (C1 to C3 of `subscriptions/committed.ts`). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type Event, type Minimum, type Plan, credits, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { at } from "../calendar.ts";
import { debit } from "../scenario/commands.ts";
import { Life, atEnd, booksOf, change, fee, ofKind, start } from "./life.ts";

const committed = (
  version: string,
  minimums: readonly bigint[],
  terms: Partial<Minimum> = {},
): Partial<Plan> => ({
  name: version,
  version: `${version}@1`,
  base: fee(0n),
  minimum: minimums.length === 0 ? null : { minimums, trueUp: "period", ...terms },
  overage: {
    kind: "bill",
    lines: [{ kind: "usage", meter: null, price: { kind: "per_unit", per: 1n, price: 1n } }],
    spendCap: null,
  },
});

/** 200 are used in January. */
function begun(plan: Partial<Plan>): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start(plan));
  life.run(debit("dbt_1", 200), "2026-01-10T00:00Z");
  return life;
}

const shortfalls = (events: readonly Event[]): readonly bigint[] =>
  events.map((event) => -(booksOf([event])["Shortfall"] ?? 0n)).filter((amount) => amount !== 0n);

/** The shortfalls of so many months, after a change in January. */
function after(plan: Partial<Plan>, to: Command, until = "2026-05-01T00:00Z"): readonly bigint[] {
  const life = begun(plan);
  life.run(to, "2026-01-20T00:00Z");
  const found = shortfalls(life.pass(until));
  life.check();
  return found;
}

suite("a commitment with equal terms", () => {
  test("C1 goes on with its term and count under another version, or another plan", () => {
    const term = { trueUp: "term" } as const;
    for (const when of ["now", "period_end"] as const) {
      const plan = committed("a", [500n, 500n, 500n], term);
      const to = committed("b", [500n, 500n, 500n], term);
      assert.deepEqual(after(plan, change({ plan: to, when })), [1_300n], when);
    }
    const ramp = committed("a", [300n, 400n, 900n]);
    const again = change({ plan: { ...ramp, version: "a@2" } });
    assert.deepEqual(after(ramp, again), [100n, 400n, 900n, 300n]);
  });

  test("C1 of what is prepaid buys nothing anew", () => {
    const terms = [{ price: money(800n), list: money(900n), credits: credits(900n) }];
    const drawdown = { terms, periods: 3, priority: 45, rollover: null };
    const life = begun({ ...committed("a", []), drawdown });
    life.run(
      change({ plan: { ...committed("b", []), drawdown: { ...drawdown } } }),
      "2026-01-20T00:00Z",
    );
    assert.equal(life.subscription.plan.name, "b");
    const renewals = ofKind(life.pass("2026-04-01T00:00Z"), "subscription.renewed");
    const bought = renewals.map(({ lines }) => lines.filter(({ kind }) => kind === "prepayment"));
    assert.deepEqual(
      bought.map(({ length }) => length),
      [0, 0, 1],
    );
    life.check();
  });
});

suite("another minimum", () => {
  const old = committed("a", [500n, 500n, 1_000n]);

  test("C2 begins with the next period: the one that runs keeps its own, whichever that is", () => {
    for (const [from, to, expected] of [
      // At once, as it is at least as large; January is held against its own 500.
      [old, committed("b", [900n, 900n, 900n]), [300n, 900n, 900n, 900n]],
      [committed("a", [500n]), committed("b", [1n]), [300n, 1n, 1n, 1n]],
      [committed("a", []), committed("b", [400n]), [400n, 400n, 400n]],
    ] as const) {
      const life = begun(from);
      const changed = life.run(change({ plan: to, when: "now" }), "2026-01-20T00:00Z");
      assert.equal(changed.kind, "subscription.changed");
      const found = shortfalls(life.pass("2026-05-01T00:00Z"));
      assert.deepEqual(found, expected, String(to.name));
      life.check();
    }
  });

  test("C2 changed and changed back in one period leaves nothing behind", () => {
    const life = begun(old);
    life.run(change({ plan: committed("b", [900n, 900n]) }), "2026-01-20T00:00Z");
    life.run(change({ plan: old }), "2026-01-21T00:00Z");
    assert.equal(life.subscription.committed, undefined);
    assert.deepEqual(shortfalls(life.pass("2026-04-01T00:00Z")), [300n, 500n, 1_000n]);
  });

  test("C3 that is smaller waits for the end of the period, and what is left of the old one is due", () => {
    for (const [minimums, expected] of [
      [[1n], [300n, 1_500n, 1n, 1n]],
      [[], [300n, 1_500n]],
      // Large enough, but for one period only of the two that are left.
      [
        [1_499n, 0n, 9_000n],
        [300n, 1_500n, 1_499n],
      ],
      [[1_500n], [300n, 1_500n, 1_500n]],
      [
        [700n, 800n],
        [300n, 700n, 800n],
      ],
      [
        [700n, 799n],
        [300n, 1_500n, 700n, 799n],
      ],
    ] as const) {
      const life = begun(old);
      const to = change({ plan: committed("b", minimums) });
      life.run(to, "2026-01-20T00:00Z");
      const found = shortfalls(life.pass("2026-04-01T00:00Z"));
      assert.deepEqual(
        found.filter((amount) => amount !== 0n),
        expected,
        String(minimums),
      );
      life.check();
    }
    const life = begun(old);
    const now = change({ plan: committed("b", [1n]), when: "now" });
    assert.equal(life.refused(now, "2026-01-31T23:59:59Z").code, "invalid_request");
  });

  test("C3 trued up by the term: what all usage lacks is what another must be as large as", () => {
    const term = committed("a", [500n, 500n, 500n], { trueUp: "term" });
    assert.deepEqual(after(term, change({ plan: committed("b", [649n, 650n]) })), [
      1_300n,
      649n,
      650n,
      649n,
    ]);
    assert.deepEqual(after(term, change({ plan: committed("b", [650n, 650n]) })), [
      650n,
      650n,
      650n,
    ]);
  });

  test("C3 in a pause, and with periods of another length", () => {
    for (const [minimums, expected] of [
      [[1n], [1_500n, 1n]],
      [[900n, 900n], [900n]],
    ] as const) {
      const life = begun(old);
      life.run(atEnd("pause"), "2026-01-20T00:00Z");
      life.pass("2026-02-01T00:00Z");
      life.run(change({ plan: committed("b", minimums) }), "2026-02-10T00:00Z");
      const resumed = life.run(atEnd("renew"), "2026-03-01T00:00Z");
      assert.deepEqual(shortfalls([resumed, ...life.pass("2026-04-01T00:00Z")]), expected);
      life.check();
    }
    const yearly = { cadence: { unit: "year", count: 1 } } as const;
    const small = { ...committed("b", [1_499n]), ...yearly };
    assert.deepEqual(after(old, change({ plan: small })), [300n, 1_500n]);
    const large = { ...committed("b", [1_500n]), ...yearly };
    assert.deepEqual(after(old, change({ plan: large })), [300n]);
  });

  test("who has committed to a term pays for it, whatever is changed meanwhile", () => {
    const minimums = fc.array(fc.bigInt({ min: 0n, max: 900n }), { maxLength: 4 });
    const plans = fc
      .tuple(
        fc.constantFrom("b", "c", "d"),
        minimums,
        fc.constantFrom<Minimum["trueUp"]>("period", "term"),
      )
      .map(([name, amounts, trueUp]) => committed(name, amounts, { trueUp }));
    const step = fc.oneof(
      fc
        .record({ plan: plans, when: fc.constantFrom("now", "period_end", undefined) })
        .map(({ plan, when }) => change({ plan, ...(when === undefined ? {} : { when }) })),
      fc.integer({ min: 1, max: 400 }).map((amount) => (id: string) => debit(id, amount)),
      fc.constantFrom(atEnd("pause"), atEnd("renew")),
    );
    const first = fc
      .tuple(
        fc.array(fc.bigInt({ min: 1n, max: 900n }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom<Minimum["trueUp"]>("period", "term"),
      )
      .map(([amounts, trueUp]) => committed("a", amounts, { trueUp }));
    fc.assert(
      fc.property(
        first,
        fc.array(fc.tuple(step, fc.integer({ min: 0, max: 25 })), { maxLength: 12 }),
        (from, steps) => {
          const life = begun(from);
          let when = at("2026-01-10T00:00Z") + 0;
          for (const [index, [command, days]] of steps.entries()) {
            when += days * 86_400_000;
            life.journal.run(typeof command === "function" ? command(`d${index}`) : command, when);
          }
          life.journal.run({ kind: "cancelSubscription" }, when + 1);
          const { Usage = 0n, Shortfall = 0n } = life.books();
          const owed = from.minimum?.minimums.reduce((sum, one) => sum + one, 0n) ?? 0n;
          assert.ok(-Usage - Shortfall >= owed, `${-Usage - Shortfall} of ${owed}`);
          life.check();
        },
      ),
      { numRuns: 500 },
    );
  });
});
