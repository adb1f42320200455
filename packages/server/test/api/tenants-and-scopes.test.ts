/** Who may do what: scopes, keys bound to one workspace, revocation. Another tenant's id answers as one that does not exist. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();
await workspaceWith(api, "acme", "100");
await workspaceWith(api, "rival", "100");

async function newKey(scopes: readonly string[], workspace?: string): Promise<string> {
  const made = await api.post("/v1/keys", {
    name: "k",
    scopes,
    ...(workspace ? { workspace } : {}),
  });
  assert.equal(made.status, 201, made.text);
  return made.textAt("key");
}

const hold = { member: "ana", credits: "1" };
const writer = await newKey(["usage:write"], "acme");
const reader = await newKey(["read"], "acme");
const boundAdmin = await newKey(["admin"], "acme");
const everywhere = await newKey(["usage:write"]);

test("without a key, with an unknown one or a mistyped one: 401, before the body is looked at", async () => {
  const mistyped = `${writer.slice(0, -1)}${writer.endsWith("a") ? "b" : "a"}`;
  for (const apiKey of [null, "", "secret", mistyped, `cst_${"0".repeat(40)}`]) {
    const reply = await api.call("POST", "/v1/workspaces/acme/holds", { apiKey, text: "{" });
    assert.equal(reply.status, 401, `${apiKey}`);
    assert.equal(reply.body["code"], "unauthenticated");
    assert.equal(reply.headers.get("www-authenticate"), "Bearer");
  }
  const basic = await api.call("GET", "/v1/keys", {
    apiKey: null,
    headers: { authorization: `Basic ${api.key}` },
  });
  assert.equal(basic.status, 401);
});

test("a key that writes usage spends, and neither grants nor reads the ledger", async () => {
  const options = { apiKey: writer };
  assert.equal((await api.post("/v1/workspaces/acme/holds", hold, options)).status, 201);
  assert.equal((await api.get("/v1/workspaces/acme/balance", options)).status, 200);
  const grant = { credits: "1", source: "purchase" };
  const refused = await api.post("/v1/workspaces/acme/grants", grant, options);
  assert.equal(refused.status, 403);
  assert.equal(refused.body["code"], "forbidden");
  assert.match(refused.textAt("detail"), /admin/);
  assert.equal((await api.get("/v1/workspaces/acme/ledger", options)).status, 403);
  assert.equal((await api.get("/v1/keys", options)).status, 403);
});

test("a key that reads asks and quotes, and spends nothing", async () => {
  const options = { apiKey: reader };
  assert.equal((await api.get("/v1/workspaces/acme/ledger", options)).status, 200);
  assert.equal((await api.post("/v1/workspaces/acme/quotes", hold, options)).status, 200);
  assert.equal((await api.post("/v1/workspaces/acme/holds", hold, options)).status, 403);
});

test("in a batch each operation needs its own scope and workspace", async () => {
  const operation = (workspace: string) => ({
    method: "POST",
    path: `/v1/workspaces/${workspace}/holds`,
    idempotencyKey: "b",
    body: hold,
  });
  const quote = { method: "POST", path: "/v1/workspaces/acme/quotes", body: hold };
  const read = await api.post(
    "/v1/batch",
    { operations: [operation("acme"), quote] },
    { apiKey: reader },
  );
  assert.deepEqual(
    read.rows("results").map((one) => one["status"]),
    [403, 200],
  );
  const written = await api.post(
    "/v1/batch",
    { operations: [operation("rival"), operation("acme")] },
    { apiKey: writer },
  );
  assert.deepEqual(
    written.rows("results").map((one) => one["status"]),
    [404, 201],
  );
});

test("another tenant's workspace answers exactly as one that does not exist", async () => {
  const calls = [
    ["GET", "", undefined],
    ["GET", "/balance", undefined],
    ["GET", "/events", undefined],
    ["GET", "/usage", undefined],
    ["GET", "/members/ana", undefined],
    ["GET", "/holds/hld_x", undefined],
    ["POST", "/holds", hold],
    ["POST", "/grants", { credits: "1", source: "purchase" }],
    ["PUT", "/members/ana", {}],
    ["PATCH", "", { status: "suspended" }],
  ] as const;
  for (const [method, path, body] of calls) {
    const ask = async (workspace: string) => {
      const reply = await api.call(method, `/v1/workspaces/${workspace}${path}`, {
        apiKey: boundAdmin,
        ...(body === undefined ? {} : { body }),
      });
      return { status: reply.status, text: reply.text.replaceAll(workspace, "?") };
    };
    const rival = await ask("rival");
    assert.equal(rival.status, 404, `${method} ${path}`);
    assert.deepEqual(rival, await ask("absent"), `${method} ${path}`);
  }
  assert.equal((await api.get("/v1/workspaces/rival")).body["status"], "active");
});

test("a key that is bound creates no workspaces, and makes and sees only keys of its own", async () => {
  const options = { apiKey: boundAdmin };
  assert.equal((await api.post("/v1/workspaces", { id: "mine" }, options)).status, 403);
  const key = { name: "k", scopes: ["admin"] };
  assert.equal((await api.post("/v1/keys", key, options)).status, 403);
  assert.equal((await api.post("/v1/keys", { ...key, workspace: "rival" }, options)).status, 404);
  const made = await api.post("/v1/keys", { ...key, workspace: "acme" }, options);
  assert.equal(made.status, 201);
  const seen = (await api.get("/v1/keys", options)).rows();
  assert.ok(seen.every((one) => one["workspace"] === "acme"));
  const all = (await api.get("/v1/keys")).rows();
  const [foreign] = all.filter((one) => one["workspace"] === undefined);
  const revoked = await api.call("DELETE", `/v1/keys/${String(foreign?.["id"])}`, options);
  assert.equal(revoked.status, 404);
});

test("a key without a workspace spends from any", async () => {
  for (const workspace of ["acme", "rival"])
    assert.equal(
      (await api.post(`/v1/workspaces/${workspace}/holds`, hold, { apiKey: everywhere })).status,
      201,
    );
});

test("a revoked key opens nothing from the very next call on", async () => {
  const made = await api.post("/v1/keys", {
    name: "k",
    scopes: ["usage:write"],
    workspace: "acme",
  });
  const options = { apiKey: made.textAt("key") };
  assert.equal((await api.post("/v1/workspaces/acme/holds", hold, options)).status, 201);
  await api.call("DELETE", `/v1/keys/${made.textAt("id")}`);
  assert.equal((await api.post("/v1/workspaces/acme/holds", hold, options)).status, 401);
  const again = await api.call("DELETE", `/v1/keys/${made.textAt("id")}`);
  assert.equal(again.status, 200);
});

test("keys are listed by page", async () => {
  const first = await api.get("/v1/keys?limit=2");
  const second = await api.get(`/v1/keys?limit=2&cursor=${first.textAt("nextCursor")}`);
  const ids = [...first.rows(), ...second.rows()].map((one) => String(one["id"]));
  assert.deepEqual(
    ids,
    [...new Set(ids)].toSorted((a, b) => (a < b ? -1 : 1)),
  );
});
