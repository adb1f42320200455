import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamSlices } from "../src/streams/stream-slices.ts";

const first = { input_text: 900, output_text: 100 };

test("the next slice is wanted when a quarter of the newest is left, and not before", () => {
  const slices = new StreamSlices({ first });
  slices.deliver({ output_text: 74 });
  assert.deepEqual([slices.isLow, slices.isUsedUp], [false, false]);
  slices.deliver({ output_text: 1 });
  assert.deepEqual([slices.isLow, slices.isUsedUp], [true, false]);
  slices.approve(slices.next());
  assert.equal(slices.isLow, false);
  // 100 and 200 are covered: a quarter of the 200 is left at 250.
  slices.deliver({ output_text: 174 });
  assert.equal(slices.isLow, false);
  slices.deliver({ output_text: 1 });
  assert.equal(slices.isLow, true);
});

test("slices grow to their cap, and the input is in each whole once", () => {
  const slices = new StreamSlices({ first, cap: { output_text: 500 } });
  const wholes = [1, 2, 3, 4, 5].map(() => {
    const { whole } = slices.next();
    return whole;
  });
  assert.deepEqual(wholes[0], first, "nothing is low");
  const grown = Array.from({ length: 4 }, () => {
    const left =
      (slices.next().whole["output_text"] ?? 0) - (slices.delivered()["output_text"] ?? 0);
    slices.deliver({ output_text: left });
    const next = slices.next();
    slices.approve(next);
    return next.whole;
  });
  assert.deepEqual(
    grown.map((whole) => [whole["input_text"], whole["output_text"]]),
    [
      [900, 300],
      [900, 700],
      [900, 1_200],
      [900, 1_700],
    ],
  );
});

test("what flows is used up at the last unit; input and buckets that nobody foresaw, beyond it", () => {
  const slices = new StreamSlices({ first });
  slices.deliver({ input_text: 900, output_text: 99 });
  assert.equal(slices.isUsedUp, false);
  slices.deliver({ output_text: 1 });
  assert.equal(slices.isUsedUp, true);
  const other = new StreamSlices({ first });
  other.deliver({ output_audio: 5 });
  assert.deepEqual([other.isUsedUp, other.isLow], [true, true]);
  assert.deepEqual(other.next().whole, { ...first, output_audio: 15 });
  const more = new StreamSlices({ first });
  more.deliver({ input_text: 901 });
  assert.deepEqual([more.isUsedUp, more.next().whole["input_text"]], [true, 901]);
});

test("without output all buckets flow", () => {
  const slices = new StreamSlices({ first: { seconds: 60 } });
  slices.deliver({ seconds: 45 });
  assert.equal(slices.isLow, true);
  assert.deepEqual(slices.next().whole, { seconds: 180 });
});

test("what is reckoned is the input that was sent, and what was delivered", () => {
  const slices = new StreamSlices({ first });
  assert.deepEqual([slices.delivered(), slices.reckoned()], [{}, { input_text: 900 }]);
  slices.deliver({ output_text: 7 });
  assert.deepEqual(slices.reckoned(), { input_text: 900, output_text: 7 });
  slices.deliver({ input_text: 40 });
  assert.deepEqual(slices.reckoned(), { input_text: 40, output_text: 7 });
});

test("a slice that shrinks is refused", () => {
  assert.throws(() => new StreamSlices({ first, grow: 0.5 }), /never smaller/);
  assert.throws(() => new StreamSlices({ first, grow: Number.NaN }), /never smaller/);
});

test("a slice that was refused is asked for as small as the first, and none is larger any more", () => {
  const slices = new StreamSlices({ first });
  slices.deliver({ output_text: 80 });
  const refused = slices.next();
  assert.deepEqual(refused.whole, { ...first, output_text: 300 });
  const smaller = slices.smaller(refused);
  assert.ok(smaller !== undefined);
  assert.deepEqual(smaller.whole, { ...first, output_text: 200 });
  slices.approve(smaller);
  slices.deliver({ output_text: 100 });
  assert.deepEqual(slices.next().whole, { ...first, output_text: 300 });
  assert.equal(slices.smaller(slices.next()), undefined);
});
