import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  Bug,
  type Minimum,
  closePeriod,
  isSameMinimum,
  leaveTerm,
  termStart,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { seed } from "./oracle/life.ts";

function closeAll(commitment: Minimum, usages: readonly bigint[]) {
  let standing = termStart;
  return usages.map((usage) => {
    const close = closePeriod(commitment, standing, usage);
    standing = close.standing;
    return close;
  });
}

suite("minimum commitments", () => {
  test("E15 a monthly minimum of 1,000.00 with usage of 640.00 bills a shortfall of 360.00", () => {
    const close = closePeriod({ minimums: [100_000n], trueUp: "period" }, termStart, 64_000n);
    assert.equal(close.shortfall, 36_000n);
    assert.equal(close.usage - close.drawn + close.shortfall, 100_000n);
  });

  test("E15b an annual one is trued up at the end of the term only", () => {
    const yearly: Minimum = { minimums: Array(4).fill(300_000n), trueUp: "term" };
    const closes = closeAll(yearly, [250_000n, 310_000n, 280_000n, 260_000n]);
    assert.deepEqual(
      closes.map((one) => one.shortfall),
      [0n, 0n, 0n, 100_000n],
    );
  });

  test("another amount, term, true-up, rollover or end is another one", () => {
    const one: Minimum = { minimums: [10n, 20n], trueUp: "period" };
    assert(isSameMinimum(one, { ...one, rolloverPeriods: 0 }));
    const others: readonly Minimum[] = [
      { ...one, minimums: [10n, 21n] },
      { ...one, minimums: [10n] },
      { ...one, trueUp: "term" },
      { ...one, rolloverPeriods: 1 },
      { ...one, onCancel: "waive" },
    ];
    for (const other of others) assert(!isSameMinimum(one, other), String(Object.values(other)));
    assert(!isSameMinimum(one, null));
    assert(isSameMinimum(null, null));
  });

  test("a ramp has another minimum in each period", () => {
    const ramp: Minimum = { minimums: [10n, 20n, 40n], trueUp: "period" };
    const closes = closeAll(ramp, [15n, 15n, 15n]);
    assert.deepEqual(
      closes.map((one) => one.shortfall),
      [0n, 5n, 25n],
    );
  });

  test("a shortfall that rolls over is used up by later usage above its minimum, or lapses", () => {
    const rolling: Minimum = {
      minimums: [100n, 100n, 100n, 100n],
      trueUp: "period",
      rolloverPeriods: 1,
    };
    const figures = closeAll(rolling, [40n, 130n, 70n, 100n]).map(
      ({ drawn, shortfall, kept, lapsed }) => [drawn, shortfall, kept, lapsed],
    );
    assert.deepEqual(figures, [
      [0n, 60n, 60n, 0n],
      [30n, 0n, 0n, 30n],
      [0n, 30n, 30n, 0n],
      [0n, 0n, 0n, 30n],
    ]);
  });

  test("C1 a term has so many periods, and no more", () => {
    const once: Minimum = { minimums: [100n], trueUp: "period" };
    const { standing } = closePeriod(once, termStart, 0n);
    assert.throws(() => closePeriod(once, standing, 0n), Bug);
  });

  test("C3 a term bills its minimum or its usage, never the same usage twice; revenue is what was billed", () => {
    const amounts = fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_500)), {
      minLength: 1,
      maxLength: 8,
    });
    const trueUp = fc.constantFrom("period", "term");
    fc.assert(
      fc.property(amounts, trueUp, fc.nat(3), (periods, when, rolloverPeriods) => {
        const minimums = periods.map(([minimum]) => BigInt(minimum));
        const closes = closeAll(
          { minimums, trueUp: when, rolloverPeriods },
          periods.map(([, usage]) => BigInt(usage)),
        );
        const sumOf = (pick: (one: (typeof closes)[number]) => bigint): bigint =>
          closes.reduce((sum, one) => sum + pick(one), 0n);
        const billed = sumOf((one) => one.usage - one.drawn + one.shortfall);
        const revenue = sumOf((one) => one.usage + one.shortfall - one.kept + one.lapsed);
        const usage = sumOf((one) => one.usage);
        const minimum = minimums.reduce((sum, one) => sum + one, 0n);
        assert(billed >= minimum && billed >= usage);
        if (when === "term") assert.equal(billed, usage > minimum ? usage : minimum);
        assert.equal(
          sumOf((one) => one.kept),
          sumOf((one) => one.drawn + one.lapsed),
        );
        assert.equal(revenue, billed);
      }),
      { seed },
    );
  });

  test("C3 who leaves at any point of a term pays its minimums in all, and never twice", () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { minLength: 1, maxLength: 6 });
    const trueUps = fc.constantFrom("period" as const, "term" as const);
    fc.assert(
      fc.property(
        amounts,
        amounts,
        trueUps,
        fc.boolean(),
        (minimums, usages, trueUp, isRunning) => {
          const commitment: Minimum = { minimums, trueUp };
          const used = usages.slice(0, minimums.length);
          const running = isRunning ? used.at(-1) : undefined;
          const before = running === undefined ? used : used.slice(0, -1);
          const closed = closeAll(commitment, before);
          const { standing } = closed.at(-1) ?? { standing: termStart };
          const left = leaveTerm(commitment, standing, running ?? null);
          const sum = (all: readonly bigint[]): bigint =>
            all.reduce((total, one) => total + one, 0n);
          const billed = sum(used) + sum(closed.map(({ shortfall }) => shortfall)) + left;
          const expected =
            trueUp === "period"
              ? sum(
                  minimums.map((one, index) =>
                    (used[index] ?? 0n) > one ? (used[index] ?? 0n) : one,
                  ),
                )
              : sum(minimums) > sum(used)
                ? sum(minimums)
                : sum(used);
          assert.equal(billed, expected);
        },
      ),
      { seed },
    );
  });
});
