import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Bug, type UnitPrice, accrual, faultOfPrice, priceAt } from "@cistern/kernel";
import * as fc from "fast-check";
import { seed } from "./oracle/life.ts";

const tokens: UnitPrice = { kind: "per_unit", per: 1_000_000n, price: 300n };
const tiers = [
  { upTo: 100n, price: 10n },
  { upTo: 200n, price: 8n, flat: 50n },
  { upTo: null, price: 5n },
];
const graduated: UnitPrice = { kind: "graduated", per: 10n, tiers };
const volume: UnitPrice = { kind: "volume", per: 10n, tiers };
const boxes: UnitPrice = { kind: "package", per: 1_000n, price: 250n };

suite("unit prices", () => {
  test("E14 tokens at 3.00 a million accrue 120, 150 and 100 for the days, 370 in all", () => {
    const days = [0n, 400_000n, 900_000n, 1_234_567n];
    const accrued = days
      .slice(1)
      .map((after, day) => accrual(tokens, { before: days[day] ?? 0n, after }));
    assert.deepEqual(accrued, [120n, 150n, 100n]);
    assert.equal(priceAt(tokens, 1_234_567n), 370n);
  });

  test("E20 500 credits of overage at 1.2 cents are 600, counted in micro-credits", () => {
    const overage: UnitPrice = { kind: "per_unit", per: 10_000_000n, price: 12n };
    assert.equal(priceAt(overage, 500_000_000n), 600n);
  });

  for (const { price, figures } of [
    // Steps end with their last unit: 100 x 1.0, then 0.8 with 50 at the first unit, then 0.5.
    {
      price: graduated,
      figures: { 0: 0, 1: 1, 99: 99, 100: 100, 101: 151, 199: 229, 200: 230, 201: 231, 300: 280 },
    },
    {
      price: volume,
      figures: { 0: 0, 99: 99, 100: 100, 101: 131, 199: 209, 200: 210, 201: 101, 300: 150 },
    },
    { price: boxes, figures: { 0: 0, 1: 250, 999: 250, 1_000: 250, 1_001: 500, 2_000: 500 } },
  ])
    test(`${price.kind}: each edge of a step costs what it says`, () => {
      for (const [quantity, cost] of Object.entries(figures))
        assert.equal(priceAt(price, BigInt(quantity)), BigInt(cost), `at ${quantity}`);
    });

  test("a volume price that reaches a cheaper step takes back", () => {
    assert.equal(accrual(volume, { before: 200n, after: 201n }), -109n);
  });

  test("any partition of a quantity accrues what it costs at once", () => {
    const steps = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { maxLength: 12 });
    const per = fc.bigInt({ min: 1n, max: 10n ** 7n });
    const amount = fc.bigInt({ min: 0n, max: 10n ** 6n });
    const edges = fc.uniqueArray(fc.bigInt({ min: 1n, max: 10n ** 9n }), { maxLength: 4 });
    const tiered = fc.record({ edges, amounts: fc.array(amount, { minLength: 10 }) });
    const prices = fc.oneof(
      fc.record({ kind: fc.constantFrom("per_unit", "package"), per, price: amount }),
      fc
        .tuple(fc.constantFrom("graduated", "volume"), per, tiered)
        .map(([kind, one, { edges: ends, amounts }]) => ({
          kind,
          per: one,
          tiers: [...ends.toSorted((a, b) => (a < b ? -1 : 1)), null].map((upTo, index) => ({
            upTo,
            price: amounts[index * 2] ?? 0n,
            flat: amounts[index * 2 + 1] ?? 0n,
          })),
        })),
    );
    fc.assert(
      fc.property(prices, steps, (price, parts) => {
        assert.equal(faultOfPrice(price), undefined);
        let before = 0n;
        let sum = 0n;
        for (const part of parts) {
          sum += accrual(price, { before, after: before + part });
          before += part;
        }
        assert.equal(sum, priceAt(price, before));
      }),
      { seed },
    );
  });

  test("what is wrong with a price is said, and a quantity below zero is a bug", () => {
    const of = (kind: "graduated" | "volume", ends: readonly (bigint | null)[]): UnitPrice => ({
      kind,
      per: 1n,
      tiers: ends.map((upTo) => ({ upTo, price: 1n })),
    });
    assert.match(faultOfPrice({ ...tokens, per: 0n }) ?? "", /positive/u);
    assert.match(faultOfPrice({ kind: "package", per: 1n, price: -1n }) ?? "", /negative/u);
    assert.match(faultOfPrice(of("volume", [])) ?? "", /last step/u);
    assert.match(faultOfPrice(of("volume", [10n])) ?? "", /last step/u);
    assert.match(faultOfPrice(of("graduated", [null, null])) ?? "", /Only the last/u);
    assert.match(faultOfPrice(of("graduated", [10n, 10n, null])) ?? "", /after the one before/u);
    assert.equal(faultOfPrice(of("graduated", [10n, 11n, null])), undefined);
    assert.throws(() => priceAt(tokens, -1n), Bug);
    assert.throws(() => priceAt(of("graduated", [10n]), 11n), Bug);
  });
});
