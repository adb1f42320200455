import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { createIds } from "../../src/host/index.ts";

test("ids have a prefix and 26 characters of Crockford's base 32, and say their millisecond", () => {
  const newId = createIds({ now: () => 1_795_000_000_000, randomBytes });
  const id = newId("hld");
  assert.match(id, /^hld_[0-9a-hjkmnp-tv-z]{26}$/);
  assert.equal(id.slice(4, 14), newId("grt").slice(4, 14));
});

test("ids sort in the order in which they were made, in a burst and when the clock steps back", () => {
  let at = 1_795_000_000_000;
  const newId = createIds({ now: () => at, randomBytes });
  const ids: string[] = [];
  for (let step = 0; step < 5_000; step += 1) {
    if (step % 7 === 0) at += (step % 3) - 1;
    ids.push(newId("x"));
  }
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => (a < b ? -1 : 1)),
  );
  assert.equal(new Set(ids).size, ids.length);
});

test("ids keep their order where chance began at its very end", () => {
  const newId = createIds({
    now: () => 5,
    randomBytes: (length) => new Uint8Array(length).fill(255),
  });
  const first = newId("x");
  const second = newId("x");
  assert.ok(second > first, `${first} ${second}`);
});

test("two sources of one millisecond make different ids", () => {
  const make = () => createIds({ now: () => 5, randomBytes })("x");
  assert.notEqual(make(), make());
});

test("chance is drawn for many milliseconds at once, and none of it serves twice", () => {
  let at = 0;
  let draws = 0;
  const newId = createIds({
    now: () => (at += 1),
    randomBytes: (length) => {
      draws += 1;
      return randomBytes(length);
    },
  });
  const chances = Array.from({ length: 1_000 }, () => newId("x").slice(12));
  assert.equal(new Set(chances).size, 1_000);
  assert.ok(draws < 20, `${draws} draws`);
});
