import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Price,
  type RateCard,
  type RateMatch,
  type Rounding,
  type Tariff,
  addUsage,
  bySpecificity,
  clash,
  credits,
  creditsMax,
  findPrice,
  matches,
  rate,
  ratePart,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { rateCard } from "./journal.ts";

const priced = (tariff: Tariff): Price => ({ card: "c", row: "r", ...tariff });
/** a + b micro-credits cost a millionth each. */
const millionths = { per: 1_000_000n, prices: { a: 1n, b: 1n } };

suite("the row that prices a call", () => {
  const rowOf = (model: string | null, attributes: Record<string, string> | null = null) => {
    const found = findPrice(rateCard, { meter: "chat", model, attributes });
    return found.kind === "price" ? found.price.row : found.kind;
  };

  test("is that of the very model, else that of any model", () => {
    assert.deepEqual(
      [rowOf("small"), rowOf("large"), rowOf(null)],
      ["chat-small", "chat-any", "chat-any"],
    );
  });

  test("is none where the meter or the model is unknown", () => {
    const of = (meter: string, model: string | null) =>
      findPrice(rateCard, { meter, model, attributes: null }).kind;
    assert.equal(of("search", "maps"), "unknown_model");
    assert.equal(of("search", null), "unknown_model");
    assert.equal(of("paint", null), "unknown_meter");
    assert.equal(of("toString", null), "unknown_meter");
  });

  test("is the most specific of those that match, as looking at every row finds it", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 4 });
    const attributes = fc.dictionary(fc.constantFrom("t", "u"), fc.constantFrom("1", "2"));
    const row = fc.record({ model: fc.option(text), attributes });
    const call = fc.record({
      model: fc.option(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 })),
      attributes: fc.option(attributes),
    });
    const property = fc.property(
      fc.array(row, { minLength: 1, maxLength: 8 }),
      fc.array(call, { minLength: 1, maxLength: 4 }),
      (all, calls) => {
        const rows = all.filter((a, index) => all.slice(0, index).every((b) => !clash(a, b)));
        const card: RateCard = {
          id: "c",
          rows: rows.map((match, index) => ({
            id: `${index}`,
            meter: "m",
            ...millionths,
            ...match,
          })),
        };
        for (const one of calls) {
          const found = findPrice(card, { meter: "m", ...one });
          const isFor = (match: RateMatch) =>
            matches(match, { model: one.model, attributes: one.attributes ?? {} });
          const best = rows.filter(isFor).toSorted(bySpecificity)[0];
          const expected = best === undefined ? undefined : `${rows.indexOf(best)}`;
          assert.equal(found.kind === "price" ? found.price.row : undefined, expected);
        }
      },
    );
    fc.assert(property, { numRuns: 3_000 });
  });

  test("is found for more names of models than are remembered, and for each again", () => {
    const rows = ["*", "a*", "a1"].map((model, index) => ({
      id: `${index}`,
      meter: "m",
      model,
      attributes: {},
      ...millionths,
    }));
    const card: RateCard = { id: "c", rows };
    const rowFor = (model: string) => {
      const found = findPrice(card, { meter: "m", model, attributes: null });
      return found.kind === "price" ? found.price.row : found.kind;
    };
    for (let turn = 0; turn < 2; turn += 1)
      for (let index = 0; index < 3_000; index += 1)
        assert.deepEqual(
          [rowFor(`a${index}`), rowFor(`b${index}`)],
          [index === 1 ? "2" : "1", "0"],
        );
  });
});

suite("what usage costs", () => {
  test("is exact, however large prices and counts are, and by buckets of any name", () => {
    const bucket = fc.constantFrom("a", "b", "toString", "constructor");
    const line = fc.record({
      price: fc.oneof(
        fc.bigInt({ min: 0n, max: 2n ** 30n }),
        fc.bigInt({ min: 0n, max: 2n ** 57n }),
      ),
      units: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 24 })),
    });
    const property = fc.property(fc.dictionary(bucket, line), bucket, (lines, other) => {
      const entries = Object.entries(lines);
      const prices = Object.fromEntries(entries.map(([name, { price }]) => [name, price]));
      const usage = Object.fromEntries(entries.map(([name, { units }]) => [name, units]));
      const exact = entries.reduce((sum, [, { price, units }]) => sum + price * BigInt(units), 0n);
      const price = priced({ per: 1n, prices });
      assert.equal(rate(price, usage), exact < 10n ** 18n ? exact : undefined);
      if (!Object.hasOwn(prices, other))
        assert.equal(rate(price, { ...usage, [other]: 1 }), undefined);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test("all buckets are added up before the one rounding", () => {
    const price = priced(millionths);
    assert.equal(rate(price, { a: 400_000, b: 400_000 }), 1n);
    assert.equal(rate(price, { a: 250_000, b: 249_999 }), 0n);
    assert.equal(rate(price, {}), 0n);
  });

  test("a bucket without a price, or a sum out of range, is no price", () => {
    const price = priced({ per: 1_000_000n, prices: { a: creditsMax } });
    assert.equal(rate(price, { z: 1 }), undefined);
    assert.equal(rate(price, { toString: 1 }), undefined);
    assert.equal(rate(price, { a: 2_000_000 }), undefined);
    assert.equal(
      rate(priced({ ...millionths, minimum: credits(creditsMax) }), { a: 1 }),
      undefined,
    );
  });

  test("a row may round up or down", () => {
    const cost = (rounding: Rounding, a: number) =>
      rate(priced({ ...millionths, rounding }), { a });
    assert.deepEqual([cost("up", 1), cost("half", 500_000), cost("down", 999_999)], [1n, 1n, 0n]);
    assert.deepEqual(
      [cost("up", 1_000_000), cost("half", 1_499_999), cost("down", 1_000_000)],
      [1n, 1n, 1n],
    );
  });

  test("a call that used anything costs at least the minimum, one that used nothing is free", () => {
    const price = priced({ ...millionths, minimum: credits(5n) });
    assert.deepEqual(
      [
        rate(price, { a: 1 }),
        rate(price, { a: 6_000_000 }),
        rate(price, { a: 0 }),
        rate(price, {}),
      ],
      [5n, 6n, 0n, 0n],
    );
  });

  test("a long context has prices of its own, for all that the call used, from one unit beyond the tier's", () => {
    const price = priced({
      per: 1n,
      prices: { input: 1n, cached: 1n, output: 2n },
      context: {
        buckets: ["input", "cached"],
        tiers: [
          { above: 100, prices: { input: 2n, cached: 2n, output: 3n } },
          { above: 200, prices: { input: 4n, cached: 4n, output: 5n } },
        ],
      },
    });
    const cost = (input: number, cached: number) => rate(price, { input, cached, output: 10 });
    assert.deepEqual(
      [cost(60, 40), cost(60, 41), cost(0, 200), cost(201, 0)],
      [120n, 232n, 430n, 854n],
    );
    assert.equal(rate(price, { output: 1_000 }), 2_000n);
  });

  test("a price that an older journal fixed is still that price", () => {
    const before: Price = { card: "c", row: "r", perMillion: { a: 2_500_000n } };
    assert.equal(rate(before, { a: 3 }), 8n);
    assert.equal(ratePart(before, { a: 1 }, { a: 2 }), 5n);
    assert.equal(rate(before, { b: 1 }), undefined);
  });
});

const usage = fc.record({ a: fc.nat(3_000), b: fc.nat(3_000) }, { requiredKeys: [] });
const tariff = fc
  .record({
    per: fc.bigInt(1n, 5_000n),
    first: fc.tuple(fc.bigInt(0n, 900n), fc.bigInt(0n, 900n)),
    more: fc.tuple(fc.bigInt(0n, 900n), fc.bigInt(0n, 900n)),
    above: fc.nat(4_000),
    rounding: fc.constantFrom("half", "up", "down"),
    minimum: fc.bigInt(0n, 2_000n),
  })
  .map(({ per, first: [a, b], more: [c, d], above, rounding, minimum }): Price => {
    const tiers = [{ above, prices: { a: a + c, b: b + d } }];
    const context = { buckets: ["a"], tiers };
    return priced({ per, prices: { a, b }, rounding, minimum: credits(minimum), context });
  });

test("a call costs the same in parts as at once, whatever its tariff", () => {
  const property = fc.property(
    tariff,
    fc.array(usage, { minLength: 1, maxLength: 6 }),
    (price, parts) => {
      let before: (typeof parts)[number] | null = null;
      let charged = 0n;
      for (const part of parts) {
        charged += ratePart(price, before, part) ?? assert.fail("a part has no price");
        before = before === null ? part : addUsage(before, part);
      }
      assert.equal(charged, rate(price, before ?? {}));
    },
  );
  fc.assert(property, { numRuns: 3_000 });
});

test("more usage never costs less", () => {
  const property = fc.property(tariff, usage, usage, (price, some, more) => {
    const [less, all] = [rate(price, some), rate(price, addUsage(some, more))];
    assert.ok(less !== undefined && all !== undefined && less <= all, `${less} and ${all}`);
  });
  fc.assert(property, { numRuns: 2_000 });
});
