/** How a part of a quantity is told: so much at each price. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type PricedStep,
  type UnitPrice,
  accrual,
  addSteps,
  half,
  priceAt,
  stepsBetween,
} from "@cistern/kernel";

const tiers = fc.uniqueArray(fc.bigInt({ min: 1n, max: 40n }), { maxLength: 3 }).chain((ends) =>
  fc.tuple(
    ...[...ends.toSorted((a, b) => (a < b ? -1 : 1)), null].map((upTo) =>
      fc.record({
        upTo: fc.constant(upTo),
        price: fc.bigInt({ min: 0n, max: 9n }),
        flat: fc.bigInt({ min: 0n, max: 3n }),
      }),
    ),
  ),
);
const per = fc.bigInt({ min: 1n, max: 7n });
const price: fc.Arbitrary<UnitPrice> = fc.oneof(
  fc.record({
    kind: fc.constant("per_unit" as const),
    per,
    price: fc.bigInt({ min: 0n, max: 9n }),
  }),
  fc.record({ kind: fc.constant("package" as const), per, price: fc.bigInt({ min: 0n, max: 9n }) }),
  fc.record({ kind: fc.constantFrom("graduated" as const, "volume" as const), per, tiers }),
);
const quantity = fc.bigInt({ min: 0n, max: 60n });

/** Of the sum before it is rounded: over one denominator. */
function sumOf(steps: readonly PricedStep[]): readonly [bigint, bigint] {
  const whole = steps.reduce((product, step) => product * step.per, 1n);
  const sum = steps.reduce(
    (total, step) =>
      total + step.quantity * step.price * (whole / step.per) + (step.flat ?? 0n) * whole,
    0n,
  );
  return [sum, whole];
}

test("T1 the steps of a whole quantity, rounded once, are its price", () => {
  fc.assert(
    fc.property(price, quantity, (one, after) => {
      const [sum, whole] = sumOf(stepsBetween(one, { before: 0n, after }));
      assert.equal(half(sum, whole), priceAt(one, after));
    }),
  );
});

test("T1 the steps of a part differ from what it adds by roundings alone, whichever way it goes", () => {
  fc.assert(
    fc.property(price, quantity, quantity, (one, before, after) => {
      const [sum, whole] = sumOf(stepsBetween(one, { before, after }));
      const off = sum - accrual(one, { before, after }) * whole;
      assert.ok(off <= whole && -off <= whole);
    }),
  );
});

test("T2 parts in any order have no more steps than their price, and what is taken back leaves none", () => {
  fc.assert(
    fc.property(price, fc.array(quantity, { minLength: 1 }), (one, ends) => {
      let before = 0n;
      let steps: readonly PricedStep[] = [];
      for (const after of [...ends, 0n]) {
        const most = "tiers" in one ? one.tiers.length : 1;
        steps = addSteps(steps, stepsBetween(one, { before, after }));
        assert.ok(steps.length <= most);
        before = after;
      }
      assert.deepEqual(steps, []);
    }),
  );
});
