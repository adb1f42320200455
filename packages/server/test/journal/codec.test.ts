import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { codecVersion, decodeEvents, encodeEvents, EventsWriter } from "../../src/journal/index.ts";

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
  return decodeEvents(encodeEvents(events), codecVersion);
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
      const encoded = encodeEvents(events);
      assert.equal(encodeEvents(recode(events)), encoded);
      assert.equal(Buffer.from(encoded).toString(), encoded);
      assert.ok(!encoded.includes("\u0000"));
    }),
    { numRuns: 500 },
  );
});

test("C2 an object that comes again is written as an equal one would be, wherever it stands", () => {
  const holder = fc.record({ before: text, price: value, after: value });
  const again = fc.record({
    one: holder,
    places: fc.array(fc.constantFrom("first", "second", "inner")),
  });
  const at = (
    place: string,
    { before, price, after }: { before: string; price: unknown; after: unknown },
  ) =>
    place === "inner"
      ? { rates: [{ rule: price, after }], price }
      : { [place]: before, price, after };
  fc.assert(
    fc.property(again, ({ one, places }) => {
      const equal = () => structuredClone(one);
      for (let row = 0; row < 2; row += 1)
        assert.equal(
          encodeEvents(places.map((place) => at(place, one))),
          encodeEvents(places.map((place) => at(place, equal()))),
        );
      assert.deepEqual(
        recode(places.map((place) => at(place, one))),
        places.map((place) => at(place, one)),
      );
    }),
    { numRuns: 500 },
  );
});

test("C1 a member that is undefined is left out, and -0 is written as 0", () => {
  assert.equal(
    encodeEvents([{ a: undefined, b: 1, c: undefined, d: -0 }]),
    '[[{"b":"n","d":"n"}],[0,1,0]]',
  );
  assert.equal(encodeEvents([{ a: undefined }]), "[[{}],[0]]");
  assert.equal(encodeEvents([]), "[[]]");
});

test("C3 a shape is written once a row, however many events have it", () => {
  const held = (hold: string, credits: bigint) => ({ hold, legs: [{ credits }], run: null });
  const events = [held("h1", 12n), { isOpen: true }, held("h2", -(2n ** 53n)), held("#3", 0n)];
  const encoded = encodeEvents(events);
  assert.equal(
    encoded,
    '[[{"hold":"s","legs":[{"credits":"b"}],"run":null},{"isOpen":true}],' +
      '[0,"h1",12],[1],[0,"h2","-9007199254740992"],[0,"#3",-12]]',
  );
  assert.deepEqual(decodeEvents(encoded, codecVersion), events);
});

test("C3 a text that comes again in a row is written as its number, unless it is long", () => {
  const long = "x".repeat(49);
  const events = [
    { lot: "grt_1", note: long },
    { lot: "grt_2", note: "grt_1" },
    { lot: "grt_2", note: long },
    { lot: 1, note: "1" },
  ];
  const encoded = encodeEvents(events);
  assert.equal(
    encoded,
    `[[{"lot":"s","note":"s"},{"lot":"n","note":"s"}],` +
      `[0,"grt_1","${long}"],[0,"grt_2",0],[0,1,"${long}"],[1,1,"1"]]`,
  );
  assert.deepEqual(decodeEvents(encoded, codecVersion), events);
});

test("C3 a price or a rule is one leaf, and its number when it comes again in a row", () => {
  const price = { row: "r1", prices: { input: 3n }, note: "x".repeat(60) };
  const again = { row: "r1", prices: { input: 3n }, note: "x".repeat(60) };
  const events = [
    { price, at: 1 },
    { at: 2, price: again },
    { price: null },
    { price: again, at: 3 },
  ];
  const encoded = encodeEvents(events);
  const shape = '{"#":{"row":"s","prices":{"input":"b"},"note":"s"}}';
  assert.equal(
    encoded,
    `[[{"price":${shape},"at":"n"},{"at":"n","price":${shape}},{"price":null}],` +
      `[0,${JSON.stringify(`["r1",3,"${price.note}"]`)},1],[1,2,0],[2],[0,0,2]]`,
  );
  assert.deepEqual(decodeEvents(encoded, codecVersion), events);
});

test("C4 a number is what it is more than in the event of its shape before", () => {
  const at = (now: number, available: bigint) => ({ at: now, balance: { available } });
  const events = [
    at(1_770_000_000_000, 10n ** 15n),
    at(1_770_000_000_000, 10n ** 15n - 7n),
    { at: 3 },
    at(1_770_000_000_001, 2n ** 60n),
    at(1_769_999_999_999, 10n ** 15n),
  ];
  const encoded = encodeEvents(events);
  assert.equal(
    encoded,
    '[[{"at":"n","balance":{"available":"b"}},{"at":"n"}],' +
      "[0,1770000000000,1000000000000000],[0,0,-7],[1,3]," +
      '[0,1,"1152921504606846976"],[0,-2,7]]',
  );
  assert.deepEqual(decodeEvents(encoded, codecVersion), events);
});

test("C4 numbers of events of one shape come back as they were", () => {
  const number = fc.maxSafeInteger().map((one) => one + 0);
  const members = {
    at: number,
    price: fc.record({ of: fc.bigInt() }, { noNullPrototype: true }),
    by: fc.tuple(text, fc.bigInt(), number),
    "1": fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  };
  const numbers = fc.record(members, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(numbers), (events) => {
      assert.deepEqual(recode(events), events);
      assert.equal(encodeEvents(recode(events)), encodeEvents(events));
    }),
    { numRuns: 300 },
  );
});

test("C4 a number whose difference is not exact is written as a text", () => {
  const most = Number.MAX_SAFE_INTEGER;
  const events = [
    { a: most, b: 1n },
    { a: -most, b: -BigInt(most) },
    { a: most - 1, b: 2n },
  ];
  const encoded = encodeEvents(events);
  assert.equal(
    encoded,
    '[[{"a":"n","b":"b"}],[0,9007199254740991,1],' +
      '[0,"-9007199254740991","-9007199254740991"],[0,-1,1]]',
  );
  assert.deepEqual(decodeEvents(encoded, codecVersion), events);
});

test("rows of codec 3, which wrote numbers as they are, are read", () => {
  const written = '[[{"at":"n","by":"b"}],[0,5,7],[0,6,"9007199254740992"]]';
  assert.deepEqual(decodeEvents(written, 3), [
    { at: 5, by: 7n },
    { at: 6, by: 2n ** 53n },
  ]);
});

test("rows of codec 2, which wrote prices leaf by leaf, are read", () => {
  const written = '[[{"price":{"row":"s","per":"b"},"by":"s"}],[0,"r1",7,"r1"],[0,0,8,"ana"]]';
  assert.deepEqual(decodeEvents(written, 2), [
    { price: { row: "r1", per: 7n }, by: "r1" },
    { price: { row: "r1", per: 8n }, by: "ana" },
  ]);
});

test("C3 a name that JSON would escape is written without a backslash, and read back", () => {
  const names = { "\n": 1, "#": 2, 'say "x"': 3, "\\": 4, "\ud800": 5, "": 6, plain: 7 };
  const encoded = encodeEvents([names]);
  assert.ok(!encoded.includes("\\"), encoded);
  assert.deepEqual(recode([names, names]), [names, names]);
});

test("C2 the text does not depend on what was written before it", () => {
  const events = [{ a: 1, b: { c: "x" } }, { b: 1 }, { a: 1, b: { d: "x" } }, { a: [1, 2] }];
  const before = encodeEvents(events);
  // More shapes than the writer remembers.
  for (let index = 0; index < 60_000; index += 1) encodeEvents([{ [`name${index}`]: { a: 1 } }]);
  assert.equal(encodeEvents(events), before);
  const many = Array.from({ length: 60_000 }, (_, index) => ({ [`other${index}`]: { a: 1 } }));
  const [shapes] = JSON.parse(encodeEvents([{ a: 1 }, ...many, { a: 1 }]));
  assert.equal(shapes.length, 1 + many.length, "nor on where in a row it happens");
});

test("the writer tells about how long its text is", () => {
  const writer = new EventsWriter();
  for (let index = 0; index < 100; index += 1)
    writer.add({ hold: `hld_${index}`, credits: 10n ** 15n, at: 1_700_000_000_000 });
  const { length } = writer.text();
  assert.ok(writer.bytes > length / 2 && writer.bytes < 2 * length, `${writer.bytes} of ${length}`);
});

test("C5 what has no exact form is refused", () => {
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
  for (const member of inexact) assert.throws(() => encodeEvents([{ member }]), TypeError);
  assert.throws(() => encodeEvents([{ list: [1, undefined] }]), TypeError);
});

test("rows of an unknown codec are refused", () => {
  assert.throws(() => decodeEvents("[]", codecVersion + 1), /codec 5 cannot be read/);
});
