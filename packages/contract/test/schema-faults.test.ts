// Which errors of a validator are told of a union (F1 to F3).
import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import {
  LimitRequestSchema,
  UnitPriceSchema,
  oneOf,
  schemaFaults,
  strictObject,
} from "../src/index.ts";

const shape = Compile(
  strictObject({
    shape: Type.Union([
      strictObject({ kind: Type.Literal("circle"), radius: Type.Integer({ minimum: 1 }) }),
      strictObject({
        kind: oneOf(["box", "cube"]),
        side: Type.Integer({ minimum: 1 }),
        price: Type.Optional(UnitPriceSchema),
      }),
    ]),
    many: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
  }),
);
const told = (value: unknown, most = 1_000): readonly string[] =>
  schemaFaults(shape, value, most).map(({ instancePath, message }) => `${instancePath} ${message}`);

test("of a union the errors of the form that is meant are told, and of no other", () => {
  assert.deepEqual(told({ shape: { kind: "circle", radius: 0 } }), ["/shape/radius must be >= 1"]);
  assert.deepEqual(told({ shape: { kind: "cube", side: 0, radius: 2 } }), [
    "/shape must not have additional properties",
    "/shape/side must be >= 1",
  ]);
});

test("a union in a union is read from within", () => {
  const price = { kind: "graduated", tiers: [{ price: "-1" }] };
  const [first, ...more] = told({ shape: { kind: "box", side: 1, price } });
  assert.match(first ?? "", /^\/shape\/price\/tiers\/0\/price must match pattern/);
  assert.deepEqual(more, []);
  assert.match(
    told({ shape: { kind: "box", side: 1, price: "-1" } })[0] ?? "",
    /^\/shape\/price must match/,
  );
});

test("of forms that have no constant the one with the fields of the value is meant", () => {
  const limit = Compile(LimitRequestSchema);
  const faults = (rule: object): readonly string[] =>
    schemaFaults(limit, { scope: { kind: "workspace" }, ...rule }, 1_000).map(
      ({ instancePath, message }) => `${instancePath} ${message.slice(0, 18)}`,
    );
  assert.deepEqual(faults({ cap: { percent: "101", window: "month" } }), [
    "/cap/percent must match pattern",
  ]);
  assert.deepEqual(faults({ cap: { credits: "x", window: "month" } }), [
    "/cap/credits must match pattern",
  ]);
  assert.deepEqual(faults({ overage: { credits: "1", window: "year" } }), [
    "/overage/window must be equal to o",
  ]);
  assert.deepEqual(faults({ cap: { per: 1 }, rate: {} }), [" must match a schem"]);
});

test("where no form is meant, one error stands at the constant that tells them apart", () => {
  assert.deepEqual(told({ shape: { kind: "star", radius: 1 } }), [
    '/shape/kind must be one of ["circle","box","cube"]',
  ]);
  assert.deepEqual(told({ shape: 3 }), ["/shape must match a schema in anyOf"]);
});

test("all errors are told, up to so many", () => {
  const value = {
    shape: { kind: "circle", radius: 1 },
    many: Array.from({ length: 30 }, () => -1),
  };
  assert.equal(told(value).length, 30);
  assert.equal(told(value, 10).length, 10);
  assert.deepEqual(told({ shape: { kind: "circle", radius: 1 } }), []);
});
