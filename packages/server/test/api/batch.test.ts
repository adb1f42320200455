/** Many operations in one call: in order, each for itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApi } from "./api-server.ts";

const api = await startApi();

interface Wanted {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

async function batch(...operations: readonly Wanted[]) {
  const reply = await api.post(
    "/v1/batch",
    {
      operations: operations.map((one, index) => ({
        method: "POST",
        idempotencyKey: `key-${index}-${one.path}`,
        ...one,
      })),
    },
    { idempotencyKey: null },
  );
  assert.equal(reply.status, 200, reply.text);
  return reply;
}

test("operations of one workspace run in the order in which they stand", async () => {
  const reply = await batch(
    { path: "/v1/workspaces", body: { id: "acme", name: "Acme" } },
    {
      path: "/v1/workspaces/acme/holds",
      body: { member: "ana", credits: "75" },
      idempotencyKey: "h0",
    },
    { path: "/v1/workspaces/acme/grants", body: { credits: "100", source: "purchase" } },
    { path: "/v1/workspaces/acme/holds", body: { member: "ana", credits: "75" } },
    {
      path: "/v1/workspaces/acme/holds",
      body: { member: "bob", credits: "75" },
      idempotencyKey: "h1",
    },
    { method: "PUT", path: "/v1/workspaces/acme/groups/g", body: {} },
    {
      method: "PUT",
      path: "/v1/workspaces/acme/members/ana",
      body: { groups: ["g"], name: "Ana" },
    },
    { path: "/v1/workspaces/acme/quotes", body: { member: "ana", credits: "25" } },
  );
  const results = reply.rows("results");
  assert.deepEqual(
    results.map((one) => one["status"]),
    [201, 402, 201, 201, 409, 200, 200, 200],
  );
  assert.equal(reply.at("results.4.retryAfter") !== undefined, true);
  assert.equal(reply.at("results.7.body.allowed"), true);
});

test("a refused operation does not stop the later ones, and each is validated for itself", async () => {
  const before = (await api.get("/v1/workspaces/acme/balance")).at("available");
  const reply = await batch(
    { path: "/v1/workspaces/acme/holds", body: { member: "ana", credits: "-1" } },
    { path: "/v1/workspaces/acme/holds", body: { member: "ana", credits: "1", foo: 1 } },
    { path: "/v1/nowhere", body: {} },
    { method: "PUT", path: "/v1/workspaces/acme/holds", body: {} },
    { path: "/v1/batch", body: { operations: [] } },
    { path: "/v1/workspaces/none/holds", body: { member: "ana", credits: "1" } },
    { path: "/v1/workspaces/%zz/holds", body: { member: "ana", credits: "1" } },
    {
      path: "/v1/workspaces/acme/holds",
      body: { member: "ana", credits: "1" },
      idempotencyKey: "last",
    },
  );
  assert.deepEqual(
    reply.rows("results").map((one) => one["status"]),
    [422, 422, 404, 405, 422, 404, 404, 201],
  );
  assert.equal(before, "25");
  assert.equal((await api.get("/v1/workspaces/acme/balance")).at("available"), "24");
});

test("an operation without a key is refused, and one with a bad key too", async () => {
  const reply = await api.post("/v1/batch", {
    operations: [
      { method: "POST", path: "/v1/workspaces/acme/holds", body: { member: "ana", credits: "1" } },
      {
        method: "POST",
        path: "/v1/workspaces/acme/holds",
        idempotencyKey: " ",
        body: { member: "ana", credits: "1" },
      },
    ],
  });
  assert.deepEqual(
    reply.rows("results").map((one) => one["status"]),
    [400, 422],
  );
});

test("an operation and its own call are the same request: each answers the other's retry", async () => {
  const body = { member: "ana", credits: "2" };
  const path = "/v1/workspaces/acme/holds";
  const single = await api.post(path, body, { idempotencyKey: "both" });
  const batched = await batch({ path, body, idempotencyKey: "both" });
  assert.equal(batched.at("results.0.replayed"), true);
  assert.deepEqual(batched.at("results.0.body"), single.body);
});

test("two operations under one key in one batch are one operation", async () => {
  const one = {
    path: "/v1/workspaces/acme/holds",
    body: { member: "ana", credits: "3" },
    idempotencyKey: "twin",
  };
  const reply = await batch(one, one);
  assert.deepEqual(reply.at("results.0.body"), reply.at("results.1.body"));
  assert.deepEqual(
    reply.rows("results").map((result) => result["replayed"]),
    [undefined, true],
  );
});

test("the key of the batch itself is ignored", async () => {
  const operations = (credits: string) => [
    {
      method: "POST",
      path: "/v1/workspaces/acme/holds",
      idempotencyKey: `own-${credits}`,
      body: { member: "ana", credits },
    },
  ];
  for (const credits of ["0.1", "0.2"]) {
    const reply = await api.post(
      "/v1/batch",
      { operations: operations(credits) },
      { idempotencyKey: "outer" },
    );
    assert.equal(reply.at("results.0.body.credits"), credits);
    assert.equal(reply.headers.get("idempotency-replayed"), null);
  }
});

test("a batch of many workspaces answers in the order of its operations", async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `many-${index}`);
  const made = await batch(
    ...ids.map((id) => ({ path: "/v1/workspaces", body: { id }, idempotencyKey: id })),
  );
  assert.deepEqual(
    made.rows("results").map((one) => (typeof one["body"] === "object" ? one["status"] : 0)),
    ids.map(() => 201),
  );
  assert.deepEqual(
    ids.map((_, index) => made.at(`results.${index}.body.id`)),
    ids,
  );
});
