import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type RateMatch, bySpecificity, clash, clashes, matches } from "../src/index.ts";

const none = {};
const row = (model: string | null, attributes: Readonly<Record<string, string>> = none) => ({
  model,
  attributes,
});

test("the most specific row comes first: by the model, then by the attributes", () => {
  const rows = [
    row(null),
    row(null, { tier: "batch" }),
    row("gpt-*"),
    row("gpt-5*"),
    row("gpt-5*", { tier: "batch" }),
    row("gpt-5"),
    row("gpt-5", { tier: "batch" }),
    row("gpt-5", { tier: "batch", region: "eu" }),
  ];
  assert.deepEqual(
    rows.toSorted(bySpecificity).map((one) => rows.indexOf(one)),
    [7, 6, 5, 4, 3, 2, 1, 0],
  );
});

const pairs: readonly (readonly [string, RateMatch, RateMatch, boolean])[] = [
  ["the same model twice", row("gpt-5"), row("gpt-5"), true],
  ["any model twice", row(null), row(null), true],
  ["patterns that meet and spell out as much", row("gpt-*"), row("*-pro"), true],
  ["patterns that never meet", row("gpt-*"), row("sora*"), false],
  ["a longer and a shorter pattern", row("gpt-5*"), row("gpt-*"), false],
  ["a name and a pattern", row("gpt-5"), row("gpt-5*"), false],
  ["one attribute with two values", row("m", { tier: "a" }), row("m", { tier: "b" }), false],
  ["two attributes that a call may both have", row("m", { a: "1" }), row("m", { b: "1" }), true],
  ["a row with an attribute and one without", row("m", { a: "1" }), row("m"), false],
];
for (const [what, a, b, expected] of pairs)
  test(`rows for ${what} ${expected ? "clash" : "do not clash"}`, () => {
    assert.equal(clash(a, b), expected);
    assert.equal(clash(b, a), expected);
  });

test("an attribute that every object inherits is no attribute of the call", () => {
  const call = { model: "m", attributes: {} };
  assert.equal(matches(row(null, { toString: "x" }), call), false);
});

const letters = (extra: readonly string[]) =>
  fc.string({ unit: fc.constantFrom("a", "b", ...extra), maxLength: 5 });
const texts = (function all(length: number): string[] {
  return length === 0 ? [""] : ["", ...all(length - 1).flatMap((rest) => [`a${rest}`, `b${rest}`])];
})(8);

test("a pattern fits what the regular expression of it fits", () => {
  const property = fc.property(letters(["*"]), letters([]), (pattern, model) => {
    const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
    const call = { model, attributes: none };
    assert.equal(matches(row(pattern), call), expression.test(model));
  });
  fc.assert(property, { numRuns: 2_000 });
});

test("two rows clash exactly when some call matches both and neither is more specific", () => {
  const property = fc.property(letters(["*"]), letters(["*"]), (left, right) => {
    const [a, b] = [row(left), row(right)];
    const isMet = texts.some((model) => {
      const call = { model, attributes: none };
      return matches(a, call) && matches(b, call);
    });
    assert.equal(clash(a, b), isMet && bySpecificity(a, b) === 0);
  });
  fc.assert(property, { numRuns: 500 });
});

test("of many rows those clash that clash with one before them", () => {
  const matched = fc.record({
    model: fc.option(letters(["*"])),
    attributes: fc.dictionary(fc.constantFrom("t", "u"), fc.constantFrom("1", "2")),
  });
  const property = fc.property(fc.array(matched, { maxLength: 12 }), (all) => {
    const expected = all.flatMap((later, at) => {
      const before = all.slice(0, at).find((one) => clash(one, later));
      return before === undefined ? [] : [[all.indexOf(before), at]];
    });
    const found = clashes(all).map((one) => [all.indexOf(one.before), all.indexOf(one.row)]);
    const inOrder = (numbers: number[][]) => numbers.toSorted(([, a = 0], [, b = 0]) => a - b);
    assert.deepEqual(inOrder(found), inOrder(expected));
  });
  fc.assert(property, { numRuns: 2_000 });
});

test("of rows that do not clash exactly one is the most specific of those that match a call", () => {
  const matched = fc.record({
    model: fc.option(letters(["*"])),
    attributes: fc.dictionary(fc.constantFrom("t", "u"), fc.constantFrom("1", "2")),
  });
  const call = fc.record({
    model: fc.option(letters([])),
    attributes: matched.map((m) => m.attributes),
  });
  const property = fc.property(fc.array(matched, { maxLength: 5 }), call, (all, one) => {
    const card = all.filter((a, index) => all.slice(0, index).every((b) => !clash(a, b)));
    const [first, second] = card.filter((a) => matches(a, one)).toSorted(bySpecificity);
    if (first !== undefined && second !== undefined) assert.ok(bySpecificity(first, second) < 0);
  });
  fc.assert(property, { numRuns: 2_000 });
});
