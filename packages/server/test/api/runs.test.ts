/** Runs over HTTP: what bounds an agent holds whatever becomes of its calls, and however many come at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CisternProblem } from "@cistern/client";
import { createTestCistern } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { type Reply, eventually, startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();
await workspaceWith(api, "acme", "100000");
const within = "/v1/workspaces/acme";

const open = async (id: string, bounds: object = {}): Promise<Reply> =>
  await api.post(`${within}/runs`, { id, member: "ana", ...bounds });
const hold = async (run: string, more: object = {}): Promise<Reply> =>
  await api.post(`${within}/holds`, { member: "ana", credits: "1", run, ...more });
const read = async (id: string): Promise<Reply> => await api.get(`${within}/runs/${id}`);
const raise = async (id: string, bounds: object = {}): Promise<Reply> =>
  await api.post(`${within}/runs/${id}/raise`, bounds);

test("the 151st call of a run of 150 is refused, whatever became of the others", async () => {
  await open("agent", { maxSteps: 150 });
  const operations = Array.from({ length: 150 }, (_, index) => ({
    method: "POST",
    path: `${within}/holds`,
    idempotencyKey: `agent-${index}`,
    body: { member: "ana", credits: "1", run: "agent" },
  }));
  const opened = await api.post("/v1/batch", { operations });
  const ids = opened.rows("results").map((_, index) => opened.textAt(`results.${index}.body.id`));
  const endings = [
    { verb: "release", body: {} },
    { verb: "settle", body: { credits: "0" } },
    { verb: "settle", body: { outcome: "failed" } },
    { verb: "settle", body: { credits: "3" } },
  ];
  await api.post("/v1/batch", {
    operations: ids.slice(0, 149).map((id, index) => {
      const { verb, body } = endings[index % endings.length] ?? { verb: "release", body: {} };
      return { method: "POST", path: `${within}/holds/${id}/${verb}`, body };
    }),
  });
  await api.post(`${within}/refunds`, { of: ids[3] });
  const refused = await hold("agent");
  assert.equal(refused.status, 403);
  assert.equal(refused.at("code"), "limit_reached");
  assert.deepEqual(refused.at("scope"), { kind: "run", id: "agent", limit: "maxSteps" });
  assert.equal(refused.at("available"), "0");
  assert.equal(refused.at("unit"), "steps");
  assert.match(refused.textAt("detail"), /asks for 1 step; run agent has 0 left/);
  const { steps, openHolds, status, because } = (await read("agent")).body;
  assert.deepEqual(
    { steps, openHolds, status, because },
    {
      steps: 150,
      openHolds: 1,
      status: "paused",
      because: { run: "agent", bound: "maxSteps" },
    },
  );
});

test("of ten calls at once for the last step one gets it", async () => {
  await open("race", { maxSteps: 1 });
  const replies = await Promise.all(Array.from({ length: 10 }, async () => await hold("race")));
  const approved = replies.filter((one) => one.status === 201);
  assert.equal(approved.length, 1);
  for (const one of replies.filter((reply) => reply.status !== 201))
    assert.match(String(one.at("code")), /^(limit_reached|run_paused)$/);
  assert.equal((await read("race")).at("steps"), 1);
});

test("a refusal pauses the run, also for what would still fit, until it is raised", async () => {
  await open("budget", { limit: "10" });
  assert.equal((await hold("budget", { credits: "6" })).status, 201);
  const refused = await hold("budget", { credits: "5" });
  assert.equal(refused.at("available"), "4");
  assert.equal(refused.at("missing"), "1");
  const paused = await hold("budget", { credits: "1" });
  assert.equal(paused.status, 409);
  assert.equal(paused.at("code"), "run_paused");
  assert.deepEqual(paused.at("scope"), { kind: "run", id: "budget", limit: "limit" });
  assert.equal((await raise("budget", { limit: "20" })).at("status"), "open");
  assert.equal((await hold("budget", { credits: "5" })).status, 201);
  assert.equal((await read("budget")).at("remaining"), "9");
});

test("a call that only asks for a price pauses nothing", async () => {
  await open("asked", { limit: "1" });
  const asked = await api.post(`${within}/quotes`, { member: "ana", credits: "2", run: "asked" });
  assert.equal(asked.at("problem.code"), "limit_reached");
  assert.equal((await read("asked")).at("status"), "open");
});

test("a child is promised more than its parent has left, and never gets it", async () => {
  await open("root", { member: "kim", limit: "10" });
  await open("child", { member: "kim", parent: "root", limit: "50" });
  await open("leaf", { member: "kim", parent: "child", limit: "50" });
  const inLeaf = await hold("leaf", { member: "kim", credits: "7" });
  assert.equal(inLeaf.at("run"), "leaf");
  for (const id of ["root", "child", "leaf"]) assert.equal((await read(id)).at("used"), "7");
  const refused = await hold("leaf", { member: "kim", credits: "4" });
  assert.deepEqual(refused.at("scope"), { kind: "run", id: "root", limit: "limit" });
  assert.deepEqual((await read("leaf")).at("because"), { run: "root", bound: "limit" });
  await api.post(`${within}/holds/${inLeaf.textAt("id")}/settle`, { credits: "2" });
  for (const id of ["root", "child", "leaf"]) assert.equal((await read(id)).at("used"), "2");
  const usage = await eventually(
    async () => await api.get(`${within}/usage?member=kim&limit=100`),
    (found) => found.rows().some((one) => one["run"] === "leaf"),
  );
  assert.deepEqual(
    usage.rows().flatMap((one) => (one["run"] === "leaf" ? [one["credits"]] : [])),
    ["2"],
  );
});

test("the same action is refused when it was approved as often as the run allows", async () => {
  await open("loop", { maxSameAction: 3 });
  const same = { action: "read ./README.md", toolCall: true };
  for (let times = 0; times < 3; times += 1) assert.equal((await hold("loop", same)).status, 201);
  const refused = await hold("loop", same);
  assert.equal(refused.status, 403);
  assert.equal(refused.at("code"), "runaway_loop");
  assert.equal((await hold("loop", { action: "other" })).at("code"), "run_paused");
  await raise("loop");
  assert.equal((await hold("loop", same)).status, 201);
  const feed = await api.get(`${within}/events?limit=100`);
  assert.ok(!feed.text.includes("README.md"), "what a call does is kept as a hash");
});

test("a closed run refuses new holds and extensions, and its open ones settle", async () => {
  await open("done");
  const held = await hold("done", { credits: "5" });
  const path = `${within}/holds/${held.textAt("id")}`;
  assert.equal((await api.post(`${within}/runs/done/close`, {})).at("openHolds"), 1);
  assert.equal((await hold("done")).at("code"), "run_ended");
  const more = await api.post(`${path}/extend`, { credits: "1", part: 1 });
  assert.equal(more.at("code"), "run_ended");
  assert.equal((await api.post(`${path}/settle`, { credits: "4" })).status, 200);
  assert.equal((await read("done")).at("used"), "4");
});

test("a run is opened once, by its key or by its id", async () => {
  const body = { id: "twice", member: "ana" };
  const first = await api.post(`${within}/runs`, body, { idempotencyKey: "k-twice" });
  const again = await api.post(`${within}/runs`, body, { idempotencyKey: "k-twice" });
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  const other = await api.post(`${within}/runs`, body);
  assert.equal(other.status, 409);
  assert.equal(other.at("code"), "run_exists");
});

test("whoever is bound by a run cannot raise it", async () => {
  const made = await api.post("/v1/keys", { name: "agent", scopes: ["usage:write"] });
  await open("bound", { limit: "1" });
  const raised = await api.post(
    `${within}/runs/bound/raise`,
    { limit: "9" },
    { apiKey: made.textAt("key") },
  );
  assert.equal(raised.status, 403);
  assert.equal(raised.at("code"), "forbidden");
});

test("an idle run expires by itself, and a deadline is kept to the moment", async (t) => {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ now: "2026-03-02T09:00:00Z", databaseUrl });
  t.after(async () => await cistern.close());
  await cistern.createWorkspace({ id: "acme" });
  const acme = cistern.workspace("acme");
  await acme.grant({ credits: "100", source: "purchase" });
  await acme.runs.open({ id: "short", member: "ana", deadline: "2026-03-02T09:10:00Z" });
  await cistern.advanceTo("2026-03-02T09:09:59Z");
  await acme.run({ member: "ana", run: "short", credits: "1" }, () => "done");
  await cistern.advanceTo("2026-03-02T09:10:00Z");
  await assert.rejects(
    acme.authorize({ member: "ana", run: "short", credits: "1" }),
    (error) => error instanceof CisternProblem && error.code === "run_deadline_passed",
  );
  await acme.runs.raise("short", { deadline: "2026-03-02T10:00:00Z" });
  await acme.authorize({ member: "ana", run: "short", credits: "1" });
  // Its hold runs out at 09:15; an hour later nothing has happened in it.
  await cistern.advanceTo("2026-03-02T10:14:59Z");
  assert.equal((await acme.runs.get("short")).endedAt, undefined);
  await cistern.advanceTo("2026-03-02T10:15:00Z");
  const { status, endedAt, used, steps } = await acme.runs.get("short");
  assert.deepEqual(
    { status, endedAt, used, steps },
    { status: "expired", endedAt: "2026-03-02T10:15:00Z", used: "1", steps: 2 },
  );
});

const allowanceIn = async (query: string, member = "ana"): Promise<Reply> =>
  await api.get(`${within}/members/${member}/allowance${query}`);
const boundIn = (reply: Reply) => [
  reply.at("remaining"),
  reply.at("binding.scope"),
  reply.at("binding.reason"),
];

test("an allowance in a run is the least of the member's own and of what the run and those around it leave", async () => {
  await open("outer", { limit: "50", maxSteps: 3 });
  await open("inner", { limit: "80", parent: "outer" });
  const inner = { kind: "run", id: "inner", limit: "limit" };
  const outer = { kind: "run", id: "outer", limit: "limit" };
  assert.deepEqual(boundIn(await allowanceIn("?run=inner")), ["50", outer, "run"]);
  await hold("inner", { credits: "30" });
  assert.deepEqual(boundIn(await allowanceIn("?run=inner")), ["20", outer, "run"]);
  assert.equal((await hold("inner", { credits: "21" })).status, 403, "as it said");
  await raise("outer", { limit: "500" });
  assert.deepEqual(boundIn(await allowanceIn("?run=inner")), ["50", inner, "run"]);
  assert.deepEqual(boundIn(await allowanceIn("?run=outer")), ["470", outer, "run"]);
  assert.equal((await hold("inner", { credits: "50" })).status, 201, "as it said");
  assert.equal((await hold("outer", { credits: "1" })).status, 201);
  const steps = { kind: "run", id: "outer", limit: "maxSteps" };
  assert.deepEqual(boundIn(await allowanceIn("?run=outer")), ["0", steps, "run"]);
  const { body } = await allowanceIn("");
  assert.ok(Number(body["remaining"]) > 470, "outside of runs it is the member's own");
  await api.post(`${within}/runs/outer/close`, {});
  const ended = { kind: "run", id: "outer" };
  assert.deepEqual(boundIn(await allowanceIn("?run=outer")), ["0", ended, "run"]);
  await open("paid", { limit: "40", prepay: true });
  const cap = { credits: "0", window: "day" };
  await api.put(`${within}/limits/none`, { scope: { kind: "member", id: "ana" }, cap });
  const paid = { kind: "run", id: "paid", limit: "limit" };
  assert.deepEqual(boundIn(await allowanceIn("?run=paid")), ["40", paid, "run"], "it is set aside");
  assert.equal((await allowanceIn("")).at("remaining"), "0");
  assert.equal((await hold("paid", { credits: "40" })).status, 201, "as it said");
  await api.call("DELETE", `${within}/limits/none`);
  assert.equal((await allowanceIn("?run=none")).at("code"), "unknown_run");
  assert.equal((await allowanceIn("?run=outer", "bob")).at("code"), "run_of_another");
});
