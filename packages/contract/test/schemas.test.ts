import assert from "node:assert/strict";
import { test } from "node:test";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import * as contract from "../src/index.ts";

type SchemaWithExamples = TSchema & { readonly examples: readonly unknown[] };

function hasExamples(value: unknown): value is SchemaWithExamples {
  return (
    typeof value === "object" &&
    value !== null &&
    "~kind" in value &&
    "examples" in value &&
    Array.isArray(value.examples)
  );
}

test("every example of every schema fits it", () => {
  let examples = 0;
  for (const [name, schema] of Object.entries<unknown>(contract)) {
    if (!hasExamples(schema)) continue;
    for (const example of schema.examples) {
      examples += 1;
      assert.ok(Value.Check(schema, example), `${name}: ${JSON.stringify(example)}`);
    }
  }
  assert.ok(examples > 40);
});

const accepted: readonly (readonly [TSchema, unknown])[] = [
  [contract.HoldRequestSchema, { member: "ana", credits: "0" }],
  [contract.HoldRequestSchema, { member: "ana", credits: "75", meter: "image" }],
  [contract.HoldRequestSchema, { member: "a:b@c.d-e_f", meter: "chat", estimate: {} }],
  [contract.SettleRequestSchema, { credits: "0", final: false, part: 1 }],
  [contract.ExtendRequestSchema, { ttl: "PT5M" }],
  [contract.RevokeRequestSchema, {}],
  [
    contract.LimitRequestSchema,
    { scope: { kind: "eachMember" }, cap: { credits: "0", window: "day" } },
  ],
  [
    contract.LimitRequestSchema,
    { scope: { kind: "member", id: "ana" }, cap: { credits: null, window: { rolling: "PT5H" } } },
  ],
  [
    contract.LimitRequestSchema,
    { scope: { kind: "workspace" }, rate: { requests: 60, per: "PT1M", burst: 100 } },
  ],
  [contract.OverageSchema, { kind: "debt", limit: "0" }],
  [contract.IdempotencyKeySchema, "order 42"],
];

const refused: readonly (readonly [string, TSchema, unknown])[] = [
  ["an unknown field", contract.HoldRequestSchema, { member: "ana", credits: "1", foo: 1 }],
  ["neither credits nor estimate", contract.HoldRequestSchema, { member: "ana" }],
  ["an estimate without a meter", contract.HoldRequestSchema, { member: "ana", estimate: {} }],
  [
    "credits and estimate",
    contract.HoldRequestSchema,
    { member: "ana", credits: "1", meter: "chat", estimate: {} },
  ],
  [
    "an action of more than 128 characters",
    contract.HoldRequestSchema,
    { member: "ana", credits: "1", action: "x".repeat(129) },
  ],
  ["credits as a number", contract.HoldRequestSchema, { member: "ana", credits: 75 }],
  ["negative credits", contract.HoldRequestSchema, { member: "ana", credits: "-1" }],
  ["a seventh decimal", contract.HoldRequestSchema, { member: "ana", credits: "0.0000001" }],
  ["huge credits", contract.HoldRequestSchema, { member: "ana", credits: "1000000000000" }],
  ["an id with a slash", contract.HoldRequestSchema, { member: "a/b", credits: "1" }],
  ["an id of 65 characters", contract.HoldRequestSchema, { member: "a".repeat(65), credits: "1" }],
  ["an empty id", contract.HoldRequestSchema, { member: "", credits: "1" }],
  [
    "a fraction of a token",
    contract.HoldRequestSchema,
    { member: "ana", meter: "chat", estimate: { input_text: 1.5 } },
  ],
  ["negative usage", contract.SettleRequestSchema, { usage: { input_text: -1 } }],
  ["a bucket in camelCase", contract.SettleRequestSchema, { usage: { inputText: 1 } }],
  [
    "a number as attribute",
    contract.HoldRequestSchema,
    { member: "ana", credits: "1", attributes: { a: 1 } },
  ],
  ["credits and usage", contract.SettleRequestSchema, { credits: "1", usage: {} }],
  ["part zero", contract.SettleRequestSchema, { credits: "1", part: 0 }],
  ["an extend of nothing", contract.ExtendRequestSchema, { part: 1 }],
  ["a release with a body", contract.ReleaseRequestSchema, { credits: "1" }],
  ["a grant of zero", contract.GrantRequestSchema, { credits: "0.00", source: "purchase" }],
  ["a grant without source", contract.GrantRequestSchema, { credits: "1" }],
  [
    "a restriction to nothing",
    contract.GrantRequestSchema,
    { credits: "1", source: "purchase", appliesTo: {} },
  ],
  ["a refund of zero", contract.RefundRequestSchema, { of: "hld_1", credits: "0" }],
  ["a refund of a grant", contract.RefundRequestSchema, { of: "grt_1" }],
  [
    "billed overage, which comes with the plans",
    contract.WorkspaceRequestSchema,
    { id: "a", overage: { kind: "bill" } },
  ],
  ["another currency later", contract.WorkspacePatchSchema, { currency: "USD" }],
  ["a patch of nothing", contract.WorkspacePatchSchema, {}],
  [
    "a limit with cap and rate",
    contract.LimitRequestSchema,
    {
      scope: { kind: "workspace" },
      cap: { credits: "1", window: "day" },
      rate: { requests: 1, per: "PT1S" },
    },
  ],
  [
    "a limit on a member without id",
    contract.LimitRequestSchema,
    { scope: { kind: "member" }, cap: { credits: "1", window: "day" } },
  ],
  [
    "a rate of nothing",
    contract.LimitRequestSchema,
    { scope: { kind: "workspace" }, rate: { requests: 0, per: "PT1S" } },
  ],
  ["an Idempotency-Key with an umlaut", contract.IdempotencyKeySchema, "ü"],
  ["an Idempotency-Key of 256 characters", contract.IdempotencyKeySchema, "k".repeat(256)],
  ["an empty batch", contract.BatchRequestSchema, { operations: [] }],
  [
    "a batch with a read",
    contract.BatchRequestSchema,
    { operations: [{ method: "GET", path: "/v1/keys" }] },
  ],
  ["a key without scopes", contract.ApiKeyRequestSchema, { name: "a", scopes: [] }],
];

test("what callers may send is taken", () => {
  for (const [schema, body] of accepted) assert.ok(Value.Check(schema, body), JSON.stringify(body));
});

for (const [what, schema, body] of refused)
  test(`a request with ${what} is refused`, () => assert.ok(!Value.Check(schema, body)));

test("a batch takes as many operations as its limit, and no more", () => {
  const operation = { method: "POST", path: "/v1/workspaces/acme/holds" };
  const batch = (count: number) => ({ operations: Array.from({ length: count }, () => operation) });
  const { batchOperationsMax } = contract.limits;
  assert.ok(Value.Check(contract.BatchRequestSchema, batch(batchOperationsMax)));
  assert.ok(!Value.Check(contract.BatchRequestSchema, batch(batchOperationsMax + 1)));
});

test("attributes fit up to their bytes as JSON, counted in UTF-8", () => {
  const bytesOfFrame = '{"a":""}'.length;
  const room = contract.limits.attributesBytesMax - bytesOfFrame;
  assert.ok(contract.attributesFit({ a: "x".repeat(room) }));
  assert.ok(!contract.attributesFit({ a: "x".repeat(room + 1) }));
  assert.ok(!contract.attributesFit({ a: "ü".repeat(room / 2 + 1) }));
});
