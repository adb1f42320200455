/** The events of all workspaces, for a consumer whose places the server keeps: over real sockets and two nodes on one database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { execute, freshDatabase } from "../fresh-database.ts";
import { type Json, type Reply, eventually, workspaceWith } from "./api-server.ts";
import { serverOn } from "./catalog-server.ts";

const { url } = await freshDatabase();
const api = await serverOn(url);
const other = await serverOn(url);
const nodes = [api, other];
const workspaces = ["w-1", "w-2", "w-3", "w-4", "w-5"];
for (const id of workspaces) await workspaceWith(api, id, "1000000");

let used = 0;
async function use(node: typeof api, workspace: string): Promise<void> {
  used += 1;
  const debit = { member: "bob", credits: "1" };
  const options = { idempotencyKey: `use-${used}` };
  const made = await node.post(`/v1/workspaces/${workspace}/debits`, debit, options);
  assert.equal(made.status, 201, made.text);
}

const idsOf = (rows: readonly Json[]): string[] => rows.map((one) => String(one["id"]));
const workspaceIn = (id: string): string => id.split(":")[0] ?? "";
const put = (name: string, body: object = {}) => api.put(`/v1/consumers/${name}`, body);
const read = (node: typeof api, name: string, query = "") =>
  node.get(`/v1/consumers/${name}/events${query}`);
const acknowledge = (node: typeof api, name: string, page: Reply) =>
  node.post(`/v1/consumers/${name}/ack`, { through: page.at("next") });

/** Every event of a workspace, as its own feed tells them. */
async function feedOf(workspace: string): Promise<string[]> {
  const ids: string[] = [];
  for (let after = "0.0"; ;) {
    const page = await api.get(`/v1/workspaces/${workspace}/events?limit=100&after=${after}`);
    if (page.rows().length === 0) return ids;
    ids.push(...idsOf(page.rows()));
    after = page.textAt("next");
  }
}

/** Reads and acknowledges until nothing is new. */
async function readAll(node: typeof api, name: string, limit = 100): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await read(node, name, `?limit=${limit}`);
    if (page.rows().length === 0) return ids;
    ids.push(...idsOf(page.rows()));
    assert.equal((await acknowledge(node, name, page)).status, 200);
  }
}

async function assertAll(ids: readonly string[]): Promise<void> {
  for (const workspace of workspaces)
    assert.deepEqual(
      ids.filter((id) => workspaceIn(id) === workspace),
      await feedOf(workspace),
    );
}

test("while both nodes write everywhere, one who reads over both has every event of every workspace once and in order", async () => {
  await put("busy");
  let isOver = false;
  const writers = nodes.map(async (node, offset) => {
    for (let made = 0; made < 60; made += 1)
      await use(node, workspaces[(made * 2 + offset) % workspaces.length] ?? "");
  });
  const done = (async () => {
    await Promise.all(writers);
    isOver = true;
  })();
  const ids: string[] = [];
  for (let turn = 0; ; turn += 1) {
    const wasOver = isOver;
    const node = nodes[turn % 2] ?? api;
    const page = await read(node, "busy", "?limit=7");
    ids.push(...idsOf(page.rows()));
    await acknowledge(node, "busy", page);
    if (page.rows().length === 0 && wasOver) break;
  }
  await done;
  await assertAll(ids);
});

test("of a batch that was read in part the rest comes, though nothing more happens there", async () => {
  await put("parts");
  await readAll(api, "parts");
  const operations = Array.from({ length: 10 }, (_, at) => ({
    method: "POST",
    path: "/v1/workspaces/w-1/debits",
    idempotencyKey: `part-${at}`,
    body: { member: "bob", credits: "1" },
  }));
  await api.post("/v1/batch", { operations });
  const made = (await feedOf("w-1")).slice(-10);
  assert.equal(new Set(made.map((id) => id.split(".")[0])).size, 1, "they stand in one row");
  assert.deepEqual(await readAll(api, "parts", 3), made);
});

test("a reader that dies before it acknowledges has the same again, and goes on after that", async () => {
  await put("dying");
  const first = await read(api, "dying", "?limit=10");
  const kept = await acknowledge(api, "dying", first);
  assert.equal(kept.status, 200);
  const unsaid = await read(api, "dying", "?limit=10");
  assert.equal(unsaid.rows().length, 10);
  // Another node is as one that was started anew: it knows only what the database does.
  const rest = await readAll(other, "dying", 9);
  await assertAll([...idsOf(first.rows()), ...rest]);
  assert.ok(idsOf(unsaid.rows()).every((id) => rest.includes(id)));
});

test("what was acknowledged twice, or before, changes nothing; a start begins anew", async () => {
  await put("twice");
  await readAll(api, "twice");
  const through = { "w-1": await cursorOf("w-1", 1) };
  await api.post("/v1/consumers/twice/ack", { through });
  assert.deepEqual((await read(api, "twice")).rows(), []);
  await api.post("/v1/consumers/twice/ack", { through: { "w-1": "0.0" } });
  assert.deepEqual(await readAll(api, "twice"), await feedOf("w-1"));
});

async function cursorOf(workspace: string, index: number): Promise<string> {
  const id = (await feedOf(workspace))[index] ?? "";
  return id.split(":").slice(1).join(".");
}

test("a page takes every workspace in turn, so that a busy one keeps no other waiting", async () => {
  await put("fair");
  const page = await read(api, "fair", "?limit=5");
  assert.deepEqual(new Set(idsOf(page.rows()).map(workspaceIn)), new Set(workspaces));
  const two = await read(api, "fair", "?limit=2");
  const next = await read(api, "fair", "?limit=2");
  const seen = [...idsOf(two.rows()), ...idsOf(next.rows())].map(workspaceIn);
  assert.equal(new Set(seen).size, 4);
});

test("one that begins now has what happens from here on, in workspaces that are made later too", async () => {
  await put("fresh", { from: "now" });
  const again = await put("fresh", { from: "start" });
  assert.equal(typeof again.body["since"], "string");
  assert.deepEqual((await read(api, "fresh")).rows(), []);
  await use(other, "w-3");
  await workspaceWith(other, "later", "1");
  const events = (await read(api, "fresh")).rows();
  assert.deepEqual(
    events.map((one) => `${workspaceIn(String(one["id"]))} ${String(one["type"])}`),
    ["later workspace.created", "later credits.granted", "w-3 usage.debited"],
  );
});

test("an empty page is held until some workspace has something, on whichever node", async () => {
  await put("waits", { from: "now" });
  for (const node of nodes) {
    const held = read(api, "waits", "?wait=PT60S");
    const { feed } = api.server.node.parts;
    assert.ok(await eventually(async () => feed.stats().waiting === 1, Boolean));
    await use(node, "w-2");
    const page = await held;
    assert.deepEqual(idsOf(page.rows()).map(workspaceIn), ["w-2"]);
    await acknowledge(api, "waits", page);
  }
});

test("a place that the journal lost is told, and what is read again is told apart by its id", async () => {
  await put("losing");
  const [last] = (await readAll(api, "losing"))
    .filter((id) => workspaceIn(id) === "w-4")
    .toReversed();
  const cursor = last?.split(":").slice(1).join(".") ?? "";
  // As after a failover: the head is another one than that which was acknowledged.
  await execute(
    url,
    "UPDATE feed_places SET hash = '00000000' WHERE consumer = 'losing' AND workspace_id = 'w-4'",
  );
  const told = await read(api, "losing");
  assert.deepEqual(told.rows("lost"), [
    { workspace: "w-4", cursor: cursor.replace(/\w{8}$/, "00000000") },
  ]);
  const lost = await api.post("/v1/consumers/losing/ack", {
    through: { "w-4": cursor.replace(/\w{8}$/, "00000000") },
  });
  assert.deepEqual([lost.status, lost.body["code"]], [410, "cursor_lost"]);
  // One that the journal has lies before the lost one, and counts all the same.
  const back = { through: { "w-4": await cursorOf("w-4", 2) } };
  assert.equal((await api.post("/v1/consumers/losing/ack", back)).status, 200);
  assert.deepEqual(await readAll(api, "losing"), (await feedOf("w-4")).slice(3));
});

test("only a key without a workspace reads all of them; cursors without hash are refused", async () => {
  const made = await api.post("/v1/keys", { name: "own", scopes: ["admin"], workspace: "w-1" });
  const apiKey = made.textAt("key");
  await put("guarded");
  for (const [method, path] of [
    ["PUT", "/v1/consumers/mine"],
    ["GET", "/v1/consumers/guarded/events"],
    ["DELETE", "/v1/consumers/guarded"],
  ] as const) {
    const body = method === "PUT" ? { body: {} } : {};
    assert.equal((await api.call(method, path, { apiKey, ...body })).status, 403, path);
  }
  const unchecked = await api.post("/v1/consumers/guarded/ack", { through: { "w-1": "1.0" } });
  assert.equal(unchecked.status, 422);
  const nobody = await read(api, "nobody");
  assert.deepEqual([nobody.status, nobody.body["code"]], [404, "unknown_consumer"]);
  await api.call("DELETE", "/v1/consumers/guarded");
  await put("guarded");
  assert.ok((await read(api, "guarded")).rows().length > 0);
});
