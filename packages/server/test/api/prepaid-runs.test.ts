/** Prepaid runs over HTTP: what was set aside for a run is there for its calls, and goes back when it ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();

/** A workspace with 100 credits. */
const workspace = async (id: string) => {
  await workspaceWith(api, id, "100");
  const within = `/v1/workspaces/${id}`;
  return {
    open: async (run: string, more: object = {}): Promise<Reply> =>
      await api.post(`${within}/runs`, { id: run, member: "ana", prepay: true, ...more }),
    raise: async (run: string, more: object): Promise<Reply> =>
      await api.post(`${within}/runs/${run}/raise`, more),
    close: async (run: string): Promise<Reply> => await api.post(`${within}/runs/${run}/close`, {}),
    run: async (run: string): Promise<Reply> => await api.get(`${within}/runs/${run}`),
    hold: async (credits: string, more: object = {}): Promise<Reply> =>
      await api.post(`${within}/holds`, { member: "ana", credits, ...more }),
    end: async (hold: Reply, verb: string, body: object): Promise<Reply> =>
      await api.post(`${within}/holds/${hold.textAt("id")}/${verb}`, body),
    refund: async (of: string): Promise<Reply> => await api.post(`${within}/refunds`, { of }),
    balance: async (): Promise<Reply> => await api.get(`${within}/balance`),
    purse: async (hold: string): Promise<Reply> => await api.get(`${within}/holds/${hold}`),
    feed: async (): Promise<Reply> => await api.get(`${within}/events`),
  };
};

test("calls of a prepaid run are approved though a hog took all that the pool had left", async () => {
  const acme = await workspace("acme");
  const opened = await acme.open("nightly", { limit: "60" });
  assert.equal(opened.status, 201);
  assert.equal(opened.at("prepaid.left"), "60");
  assert.equal((await acme.hold("40", { member: "ben" })).status, 201);
  assert.equal((await acme.hold("1")).at("code"), "credits_held");
  const call = await acme.hold("50", { run: "nightly" });
  assert.equal(call.status, 201);
  assert.equal((await acme.run("nightly")).at("prepaid.left"), "10");
  assert.equal((await acme.end(call, "settle", { credits: "20" })).at("charged"), "20");
  assert.equal((await acme.run("nightly")).at("prepaid.left"), "40");
  const beyond = await acme.hold("5", { run: "nightly" });
  assert.equal((await acme.end(beyond, "settle", { credits: "15" })).at("charged"), "15");
  const { used, remaining, prepaid } = (await acme.run("nightly")).body;
  assert.deepEqual([used, remaining], ["35", "25"]);
  assert.deepEqual(prepaid, { hold: opened.textAt("prepaid.hold"), left: "25" });
});

test("what is left goes back when the run is closed, and a refund after that to the pool", async () => {
  const globex = await workspace("globex");
  await globex.open("nightly", { limit: "60" });
  const used = await globex.hold("30", { run: "nightly" });
  const open = await globex.hold("20", { run: "nightly" });
  await globex.end(used, "settle", { credits: "30" });
  const closed = await globex.close("nightly");
  assert.equal(closed.at("status"), "closed");
  assert.equal((await globex.balance()).at("available"), "50");
  await globex.end(open, "settle", { credits: "5" });
  assert.equal((await globex.balance()).at("available"), "65");
  await globex.refund(used.textAt("id"));
  assert.equal((await globex.balance()).at("available"), "95");
  assert.equal((await globex.run("nightly")).at("prepaid.left"), "0");
});

test("a prepaid run is told of as a run, and its purse is nobody's hold", async () => {
  const initech = await workspace("initech");
  const opened = await initech.open("nightly", { limit: "60" });
  const raised = await initech.raise("nightly", { limit: "80" });
  assert.equal(raised.at("prepaid.left"), "80");
  assert.equal((await initech.balance()).at("available"), "20");
  assert.equal((await initech.purse(opened.textAt("prepaid.hold"))).status, 404);
  const told = (await initech.feed()).rows("data").slice(-2);
  assert.deepEqual(
    told.map(({ type, subject }) => ({ type, subject })),
    [
      { type: "run.opened", subject: "nightly" },
      { type: "run.raised", subject: "nightly" },
    ],
  );
});

test("prepaying is refused without a limit, beyond a day, and where the pool has less", async () => {
  const umbrella = await workspace("umbrella");
  const unlimited = await umbrella.open("nightly");
  assert.equal(unlimited.status, 422);
  assert.equal(unlimited.at("violations.0.pointer"), "/limit");
  const deadline = new Date(Date.now() + 25 * 60 * 60 * 1_000).toISOString();
  const late = await umbrella.open("nightly", { limit: "10", deadline });
  assert.equal(late.status, 422);
  assert.equal(late.at("violations.0.pointer"), "/deadline");
  const large = await umbrella.open("nightly", { limit: "101" });
  assert.equal(large.status, 402);
  assert.equal(large.at("code"), "pool_exhausted");
  assert.equal((await umbrella.run("nightly")).status, 404);
});

test("prepaid once for one key", async () => {
  const key = { idempotencyKey: "once" };
  const hooli = await workspace("hooli");
  const body = { id: "nightly", member: "ana", limit: "60", prepay: true };
  const first = await api.post("/v1/workspaces/hooli/runs", body, key);
  const again = await api.post("/v1/workspaces/hooli/runs", body, key);
  assert.deepEqual([again.status, again.body], [201, first.body]);
  assert.equal((await hooli.balance()).at("available"), "40");
});
