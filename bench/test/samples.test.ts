import assert from "node:assert/strict";
import { test } from "node:test";
import { Samples, median, percentile } from "../src/load/samples.ts";

test("a percentile is the smallest sample that so many samples do not exceed", () => {
  const samples = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(samples, 0.5), 50);
  assert.equal(percentile(samples, 0.99), 99);
  assert.equal(percentile(samples, 1), 100);
  assert.equal(percentile(Float64Array.of(7), 0.5), 7);
  assert.ok(Number.isNaN(percentile(new Float64Array(), 0.5)));
});

test("the median of an even count lies between the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test("samples outlive the growth of their table", () => {
  const samples = new Samples();
  for (let value = 0; value < 5_000; value += 1) samples.add(value);
  assert.deepEqual([samples.values().length, samples.values().at(-1)], [5_000, 4_999]);
});
