import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  creditsPattern,
  FormatFault,
  parseCredits,
  parseMoneyAmount,
  positiveCreditsPattern,
  printCredits,
  printMoneyAmount,
  readCredits,
} from "../src/index.ts";

const micro = fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n });
const texts = fc.stringMatching(new RegExp(creditsPattern));

test("credits are read and written exactly", () => {
  const rows = [
    ["0", 0n],
    ["3.5", 3_500_000n],
    ["0.000001", 1n],
    ["999999999999.999999", 999_999_999_999_999_999n],
    ["10", 10_000_000n],
  ] as const;
  for (const [text, amount] of rows) {
    assert.equal(parseCredits(text), amount);
    assert.equal(printCredits(amount), text);
  }
});

test("what was written is read back as the same credits (C2)", () => {
  fc.assert(fc.property(micro, (amount) => parseCredits(printCredits(amount)) === amount));
});

test("what an answer says is read back, below zero and above what anybody may send too", () => {
  const any = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
  fc.assert(fc.property(any, (amount) => readCredits(printCredits(amount)) === amount));
  assert.deepEqual(["-12.5", "-0.5", "7"].map(readCredits), [-12_500_000n, -500_000n, 7_000_000n]);
});

test("writing drops idle zeros and nothing else (C1)", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const shortest = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
      assert.equal(printCredits(parseCredits(text)), shortest);
    }),
  );
});

test("credits are never rounded on the way: the digits are those of the integer (C3)", () => {
  fc.assert(
    fc.property(micro, (amount) => {
      const [whole = "", fraction = ""] = printCredits(amount).split(".");
      assert.equal(BigInt(whole + fraction.padEnd(6, "0")), amount);
    }),
  );
});

test("a posting is written with its sign", () => {
  assert.equal(printCredits(-1n), "-0.000001");
  assert.equal(printCredits(-60_000_000n), "-60");
});

test("what is no such decimal is refused with the text and the form", () => {
  const refused = ["", "-1", "+1", "01", "1.", ".5", "1.0000001", "1e3", "1,5", " 1", "NaN", "1\n"];
  for (const text of [...refused, "1000000000000", "٣", "0x10", "Infinity"])
    assert.throws(
      () => parseCredits(text),
      (fault) => fault instanceof FormatFault && fault.text === text,
    );
});

test("the form without zero takes every amount but zero", () => {
  const positive = new RegExp(positiveCreditsPattern);
  fc.assert(fc.property(texts, (text) => positive.test(text) === parseCredits(text) > 0n));
  fc.assert(fc.property(micro, (amount) => positive.test(printCredits(amount)) === amount > 0n));
  for (const text of ["0", "0.0", "0.000000", "-1", "0.0000001", "0.0000010"])
    assert.ok(!positive.test(text), text);
});

test("money is integer minor units", () => {
  assert.equal(parseMoneyAmount("1250"), 1250n);
  assert.equal(printMoneyAmount(-1250n), "-1250");
  for (const text of ["", "12.5", "-1", "01", "1000000000000000"])
    assert.throws(() => parseMoneyAmount(text), FormatFault);
});
