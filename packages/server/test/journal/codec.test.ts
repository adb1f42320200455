import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { codecVersion, decodeEvents, encodeEvent, joinEvents } from "../../src/journal/index.ts";

/** Any plain data that an event may hold; text from the whole of Unicode, lone halves of pairs and `#` up front included. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.string().map((rest) => `#${rest}`),
  fc.constantFrom("#", "##", "#12", "\ud800", "\u0000", '"', "\\", "\u2028", "__proto__"),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    fc.bigInt(),
    fc.maxSafeInteger().map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value")),
    fc.dictionary(text, tie("value"), { noNullPrototype: true }),
  ),
}));
const event = fc.dictionary(text, value, { noNullPrototype: true });

function recode(events: readonly object[]): object[] {
  return decodeEvents(joinEvents(events.map(encodeEvent)), codecVersion);
}

test("C1 what is decoded is what was encoded", () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      assert.deepEqual(recode(events), events);
    }),
    { numRuns: 500 },
  );
});

test("C2 encoding what was decoded gives the same bytes, and they are whole UTF-8", () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const encoded = joinEvents(events.map(encodeEvent));
      assert.equal(joinEvents(recode(events).map(encodeEvent)), encoded);
      assert.equal(Buffer.from(encoded).toString(), encoded);
      assert.ok(!encoded.includes("\u0000"));
    }),
    { numRuns: 500 },
  );
});

test("C1 a member that is undefined is left out, and -0 is written as 0", () => {
  assert.equal(encodeEvent({ a: undefined, b: 1, c: undefined, d: -0 }), '{"b":1,"d":0}');
  assert.equal(encodeEvent({ a: undefined }), "{}");
});

test("C3 a bigint is marked by #, and a text that starts with # doubles it", () => {
  const marked = { credits: -12n, name: "#12", hash: "#", plain: "a#" };
  const encoded = '{"credits":"#-12","name":"##12","hash":"##","plain":"a#"}';
  assert.equal(encodeEvent(marked), encoded);
  assert.deepEqual(decodeEvents(`[${encoded}]`, codecVersion), [marked]);
});

test("C3 a name that JSON would escape is written without a backslash, and read back", () => {
  const names = { "\n": 1, "#": 2, 'say "x"': 3, "\\": 4, "\ud800": 5, plain: 6 };
  const encoded = encodeEvent(names);
  assert.ok(!encoded.includes("\\"), encoded);
  assert.deepEqual(recode([names, names]), [names, names]);
});

test("C4 what has no exact form is refused", () => {
  const inexact = [
    0.5,
    2 ** 53,
    Number.NaN,
    Infinity,
    new Date(0),
    new Map(),
    Symbol("s"),
    () => 1,
  ];
  for (const member of inexact) assert.throws(() => encodeEvent({ member }), TypeError);
  assert.throws(() => encodeEvent({ list: [1, undefined] }), TypeError);
});

test("rows of an unknown codec are refused", () => {
  assert.throws(() => decodeEvents("[]", codecVersion + 1), /codec 2 cannot be read/);
});
