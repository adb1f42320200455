import assert from "node:assert/strict";
import { test } from "node:test";
import { findPrice, rate } from "@cistern/kernel";
import { RatesFault, builtInRates, readRateCard } from "../../src/host/index.ts";

const row = { meter: "chat", model: "m", perMillion: { input_text: "2.5" } };

test("the built-in rates are a card, and price a call exactly", () => {
  const card = readRateCard(builtInRates, "rates");
  const found = findPrice(card, { meter: "chat", model: "gpt-5", attributes: null });
  assert.ok(found.kind === "price");
  assert.equal(rate(found.price, { input_text: 1200, output_text: 800 }), 950_000n);
  assert.deepEqual(found.price.row, "chat/gpt-5");
});

test("a row without a model prices every model that has no row of its own", () => {
  const any = { meter: "chat", perMillion: { input_text: "1" } };
  const card = readRateCard({ id: "c", rows: [row, any] }, "rates");
  const found = findPrice(card, { meter: "chat", model: "other", attributes: null });
  assert.ok(found.kind === "price");
  assert.equal(found.price.row, "chat/*");
});

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ["no object", [], /rates\.json: \/ must be object/],
  ["no rows", { id: "c", rows: [] }, /\/rows/],
  [
    "a price as a number",
    { id: "c", rows: [{ ...row, perMillion: { input_text: 2.5 } }] },
    /\/rows\/0\/perMillion\/input_text must be string/,
  ],
  [
    "a price below zero",
    { id: "c", rows: [{ ...row, perMillion: { input_text: "-1" } }] },
    /\/rows\/0\/perMillion\/input_text/,
  ],
  [
    "a price finer than a micro-credit",
    { id: "c", rows: [{ ...row, perMillion: { input_text: "0.0000001" } }] },
    /input_text/,
  ],
  ["an unknown field", { id: "c", rows: [{ ...row, colour: "blue" }] }, /\/rows\/0 .*colour/],
  [
    "a bucket with a space",
    { id: "c", rows: [{ ...row, perMillion: { "in put": "1" } }] },
    /in put/,
  ],
  ["a pattern", { id: "c", rows: [{ ...row, model: "gpt-*" }] }, /chat\/gpt-\* is a pattern/],
  ["two rows for one model", { id: "c", rows: [row, row] }, /two rows price chat\/m/],
];
for (const [what, rates, words] of refused)
  test(`rates with ${what} are refused with the place`, () => {
    assert.throws(
      () => readRateCard(rates, "rates.json"),
      (error) => error instanceof RatesFault && words.test(error.message),
    );
  });
