import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  FormatFault,
  parseCursor,
  parseDuration,
  parseInstant,
  printCursor,
  printDuration,
  printInstant,
} from "../src/index.ts";

const instants = fc.integer({ min: 0, max: 253_402_300_799_999 });

test("an instant is read and written as the platform's calendar does", () => {
  fc.assert(
    fc.property(instants, (at) => {
      const text = printInstant(at);
      assert.equal(Date.parse(text), at);
      assert.equal(parseInstant(text), at);
      assert.equal(parseInstant(new Date(at).toISOString()), at);
    }),
  );
});

test("what is finer than a millisecond is cut off, so that an instant never moves ahead (I2)", () => {
  assert.equal(parseInstant("1970-01-01T00:00:00.0019999Z"), 1);
  assert.equal(parseInstant("1970-01-01T00:00:00.5Z"), 500);
});

test("leap days exist in leap years alone", () => {
  assert.equal(parseInstant("2024-02-29T00:00:00Z"), Date.UTC(2024, 1, 29));
  assert.equal(parseInstant("2000-02-29T23:59:59Z"), Date.UTC(2000, 1, 29, 23, 59, 59));
  for (const day of ["2023-02-29", "2100-02-29", "2026-02-30", "2026-04-31", "2026-11-31"])
    assert.throws(() => parseInstant(`${day}T00:00:00Z`), FormatFault);
});

test("an instant has a zone, and it is UTC", () => {
  const refused = ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00", "now", ""];
  for (const text of [
    ...refused,
    "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "1969-12-31T23:59:59Z",
  ])
    assert.throws(() => parseInstant(text), FormatFault);
});

test("a duration is read and written in whole seconds", () => {
  const rows = [
    ["PT5M", 300_000],
    ["PT1H30M", 5_400_000],
    ["PT24H", 86_400_000],
    ["P1W", 604_800_000],
    ["P1DT12H", 129_600_000],
    ["PT0S", 0],
  ] as const;
  for (const [text, length] of rows) assert.equal(parseDuration(text), length);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8_000_000_000 }), (seconds) => {
      assert.equal(parseDuration(printDuration(seconds * 1000)), seconds * 1000);
    }),
  );
});

test("what has no fixed length is no duration", () => {
  for (const text of ["P1M", "P1Y", "PT", "P", "", "PT1.5S", "-PT1S", "5M", "P1D1W", "PT1S1M"])
    assert.throws(() => parseDuration(text), FormatFault);
});

test("a cursor of the feed holds a place and, where known, the hash", () => {
  for (const text of ["0.0", "7.3.1f3a90bc", "123.4"])
    assert.equal(printCursor(parseCursor(text)), text);
  assert.deepEqual(parseCursor("9.0.1f3a90bc"), { seq: 9, index: 0, hash: "1f3a90bc" });
  for (const text of ["", "7", "7.3.xyz", "-1.0", "7.3.1F3A90BC", "01.0"])
    assert.throws(() => parseCursor(text), FormatFault);
});
