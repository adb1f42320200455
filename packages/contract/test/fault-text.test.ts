/** T1: a fault of form is told in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { faultText, oneOf, schemaFaults, strictObject } from "../src/index.ts";

const record = (pattern: string) =>
  Type.Record(Type.String({ pattern }), Type.Integer(), { additionalProperties: false });
const shape = strictObject({
  size: Type.Optional(oneOf(["small", "large"])),
  kind: Type.Optional(Type.Literal("box")),
  share: Type.Optional(Type.String({ pattern: "^[0-9]{1,2}$", description: "a share in percent" })),
  other: Type.Optional(Type.String({ pattern: "^q$" })),
  plans: Type.Optional(record("^[a-z][a-z0-9_-]{0,63}$")),
  marks: Type.Optional(record("^![0-9]$")),
});
const told = (value: unknown): readonly string[] =>
  schemaFaults(Compile(shape), value, 100).map((fault) => faultText(shape, fault));

test("what is right is said: the values that are allowed, the description, or what a name is", () => {
  assert.deepEqual(told({ size: "huge" }), ['must be one of ["small","large"]']);
  assert.deepEqual(told({ kind: "bag" }), ['must be "box"']);
  assert.deepEqual(told({ share: "101" }), ["does not fit: a share in percent"]);
  assert.deepEqual(told({ plans: { ratA: 1, "x/y": 2 } }), [
    'must not have the name "ratA","x/y": names are up to 64 lower-case letters, digits, _ and -, beginning with a letter',
  ]);
  assert.deepEqual(told({ colour: 1 }), ['must not have the unknown field "colour"']);
});

test("where there are no words for it, the pattern is told", () => {
  assert.deepEqual(told({ other: "x" }), ['must match pattern "^q$"']);
  assert.deepEqual(told({ marks: { a: 1 } }), [
    'must not have the name "a", which does not match ^![0-9]$',
  ]);
});
