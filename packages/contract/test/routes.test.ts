import assert from "node:assert/strict";
import { test } from "node:test";
import * as contract from "../src/index.ts";

/** The routes as their common type, so that every optional part can be asked for. */
const routes: readonly (readonly [string, contract.Route])[] = Object.entries(contract.routes);

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

/** Every schema of a schema, itself included. */
function* within(schema: unknown): Generator<Json> {
  if (!isJson(schema)) return;
  if (!Array.isArray(schema)) yield schema;
  for (const [key, value] of Object.entries(schema)) if (key !== "examples") yield* within(value);
}

function schemasOf(route: contract.Route): readonly unknown[] {
  return [route.params, route.query, route.body, ...Object.values(route.responses)];
}

test("a method with a path stands once (R1)", () => {
  const places = routes.map(([, route]) => `${route.method} ${route.path}`);
  assert.equal(new Set(places).size, places.length);
});

/** Open objects: the fact inside an event differs by type, and what others send is read by itself, with what they add. */
const isOpen: ReadonlySet<unknown> = new Set([
  contract.EventFactSchema,
  ...within(contract.EventsRequestSchema),
  ...within(contract.TracesRequestSchema),
]);

test("every object of every route refuses unknown fields", () => {
  const open = routes.flatMap(([name, route]) =>
    schemasOf(route).flatMap((schema) =>
      [...within(schema)]
        .filter((part) => part["type"] === "object" && part["additionalProperties"] !== false)
        .filter((part) => !isOpen.has(part))
        .map((part) => `${name}: ${JSON.stringify(part)}`),
    ),
  );
  assert.deepEqual(open, []);
});

test("the parameters of a path are those of its schema", () => {
  for (const [name, { path, params }] of routes) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    assert.deepEqual(Object.keys(params?.properties ?? {}), named, name);
  }
});

/** They ask what would happen: nothing does. */
const questions = [
  "createQuote",
  "previewSubscription",
  "previewCancellation",
  "previewResumption",
  "previewSeat",
  "previewSplit",
];

test("every POST asks for a key but quotes, previews, the batch, what a month, a payment or a cursor proves, and what has ids of its own", () => {
  const without = routes
    .filter(([, { method, idempotency }]) => method === "POST" && idempotency.kind === "ignored")
    .map(([name]) => name);
  assert.deepEqual(
    without.toSorted(),
    [
      ...questions,
      "acknowledgeEvents",
      "diffCatalog",
      "closeMonth",
      "closeBooks",
      "markTopUpPaid",
      "takeTraces",
      "runBatch",
      "takeEvents",
      "takeEventsOfAll",
      "testWebhook",
    ].toSorted(),
  );
});

test("a key is required, defaulted or optional exactly where something changes", () => {
  for (const [name, { method, idempotency }] of routes) {
    if (method === "GET") assert.equal(idempotency.kind, "ignored", name);
    if (method === "PUT" || method === "PATCH" || method === "DELETE")
      assert.equal(idempotency.kind, "optional", name);
  }
});

test("every mutation needs more than a key that may only read", () => {
  for (const [name, { method, scopes }] of routes)
    if (method !== "GET" && !questions.includes(name) && name !== "runBatch")
      assert.ok(!scopes.includes("read"), name);
});

test("routes that keep keys can say that one was reused, and those under a workspace that it is unknown", () => {
  for (const [name, { path, idempotency, problems }] of routes) {
    if (idempotency.kind !== "ignored" && path.includes("{workspace}"))
      assert.ok(problems.includes("idempotency_key_reused"), name);
    if (path.includes("{workspace}")) assert.ok(problems.includes("unknown_workspace"), name);
  }
});

test("the problems of a route stand in order of precedence, each once", () => {
  for (const [name, { problems }] of routes)
    assert.deepEqual(
      problems,
      contract.problemCodes.filter((code) => problems.includes(code)),
      name,
    );
});

test("a path is spelled for the router with colons", () => {
  assert.equal(
    contract.colonPath("/v1/workspaces/{workspace}/holds/{hold}/settle"),
    "/v1/workspaces/:workspace/holds/:hold/settle",
  );
});
