import assert from "node:assert/strict";
import { test } from "node:test";
import { jain, score, waterFilling } from "../../src/fairness/metrics.ts";
import { periodMs } from "../../src/fairness/workload.ts";

test("the fair split gives nobody more than it wants, and the rest alike", () => {
  assert.deepEqual(waterFilling([10n, 100n, 50n, 0n], 100n), [10n, 45n, 45n, 0n]);
  assert.deepEqual(waterFilling([10n, 20n], 100n), [10n, 20n]);
});

test("Jain's index is 1 where all got the same part, and 1/n where one got everything", () => {
  assert.equal(jain([0.5, 0.5, 0.5]), 1);
  assert.equal(jain([1, 0, 0, 0]), 0.25);
});

test("a hog that drains a pool is seen in every figure", () => {
  // A pool of 100 for four: three want 20 each, less than a share; one wants 400 and gets 90.
  const played = {
    asked: [400n, 20n, 20n, 20n],
    used: [90n, 10n, 0n, 0n],
    firstRefusedAtMs: [0, periodMs / 2, periodMs / 4, 0],
  };
  const it = score(played, 100n);
  assert.equal(it.lightDenial, 0.833_333_333);
  assert.equal(it.worstLightFill, 0);
  // Fair: 40 for the hog and 20 for each other.
  assert.equal(it.shortfall, 0.5);
  assert.equal(it.minRatio, 0);
  assert.equal(it.use, 1);
  assert.equal(it.needlessDenial, 0);
  assert.equal(it.firstLightDenial, 0);
});

test("what was refused although it was left over in the end was refused needlessly", () => {
  const played = { asked: [60n, 40n], used: [30n, 40n], firstRefusedAtMs: [0, undefined] };
  const it = score(played, 120n);
  assert.equal(it.needlessDenial, 0.3);
  assert.equal(it.use, 0.7);
  assert.equal(it.firstLightDenial, 0);
});
