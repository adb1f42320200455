/** Top-ups as a vendor's developer meets them: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TopUpPageSchema, TopUpRuleSchema, TopUpSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { type Reply, eventually, valueAt, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: { rows: [{ meter: "chat", perMillion: { input_text: "100", output_text: "100" } }] },
  },
  packs: {
    small: { currency: "USD", price: "100.00", credits: "10000" },
    large: {
      currency: "USD",
      price: "900.00",
      credits: "100000",
      bonus: "20000",
      expiresAfter: "P12M",
      priority: 60,
    },
    euro: { currency: "EUR", price: "90.00", credits: "10000" },
  },
  plans: { team: { currency: "USD", topUps: ["large"] } },
});

const topUp = Compile(TopUpSchema);
const page = Compile(TopUpPageSchema);
const ruleCheck = Compile(TopUpRuleSchema);
const usd = (amount: number) => ({ amount: `${amount}`, currency: "USD" });

/** A workspace without credits. */
async function empty(id: string): Promise<string> {
  await workspaceWith(api, id, "0", { currency: "USD" });
  return `/v1/workspaces/${id}`;
}

async function bought(path: string, body: object = { pack: "small" }): Promise<string> {
  const asked = await api.post(`${path}/top-ups`, body);
  assert.equal(asked.status, 201, asked.text);
  assert.ok(topUp.Check(asked.body), asked.text);
  return asked.textAt("id");
}

const available = async (path: string): Promise<unknown> =>
  (await api.get(`${path}/balance`)).at("available");

/** Money by account that the event of an answer posted. */
async function posted(path: string, { body }: Reply): Promise<object> {
  const ledger = await eventually(
    () => api.get(`${path}/ledger?limit=100`),
    (found) => found.rows().some((row) => isAt(row, body["at"])),
  );
  const row = ledger.rows().find((one) => isAt(one, body["at"]));
  const lines = Object.values(valueAt(row, "postings") ?? {}).filter(
    (one) => valueAt(one, "commodity") !== "CREDIT",
  );
  return Object.fromEntries(
    lines.map((one) => [
      String(valueAt(one, "account")).replace(/grt_\w+/, "lot"),
      Number(valueAt(one, "amount")),
    ]),
  );
}

const isAt = (row: unknown, at: unknown): boolean =>
  JSON.stringify(valueAt(row, "position")) === JSON.stringify(at);

test("E1 a pack is asked for, its money is awaited, and when somebody saw it its credits are there", async () => {
  const path = await empty("t1");
  const id = await bought(path);
  const waiting = await eventually(
    () => api.get(`${path}/top-ups/${id}`),
    (read) => read.at("status") === "processing",
  );
  assert.equal(await available(path), "0");
  assert.deepEqual(waiting.at("amount"), usd(10_000));
  const paid = await api.post(`${path}/top-ups/${id}/mark-paid`, {
    payment: "pay_1",
    amount: usd(10_000),
    tax: usd(825),
    fee: usd(344),
  });
  assert.equal(paid.status, 200, paid.text);
  assert.ok(topUp.Check(paid.body), paid.text);
  assert.equal(await available(path), "10000");
  assert.deepEqual(await posted(path, paid), {
    Cash: 10_481,
    "Deferred:lot": -10_000,
    Tax: -825,
    PaymentFees: 344,
  });
  const listed = await api.get(`${path}/top-ups`);
  assert.ok(page.Check(listed.body), listed.text);
  assert.deepEqual(
    listed.rows().map((one) => [one["id"], one["status"], one["payment"]]),
    [[id, "succeeded", "pay_1"]],
  );
  const grant = await api.get(`${path}/grants/${String(paid.at("grants.0"))}`);
  assert.deepEqual([grant.at("source"), grant.at("reference")], ["purchase", id]);
});

test("a payment that is told again is answered as it was, without a key, and grants nothing", async () => {
  const path = await empty("t2");
  const [id, other] = [await bought(path), await bought(path)];
  const mark = (of: string, payment: string) =>
    api.post(`${path}/top-ups/${of}/mark-paid`, { payment }, { idempotencyKey: null });
  const told = await Promise.all(Array.from({ length: 5 }, () => mark(id, "pay_1")));
  const [first] = told;
  for (const one of told) assert.equal(one.text, first?.text);
  const replayed = told.filter((one) => one.headers.get("idempotency-replayed") === "true");
  assert.equal(replayed.length, 4);
  assert.equal(await available(path), "10000");
  assert.equal((await mark(other, "pay_1")).at("code"), "payment_known");
  const twice = await mark(id, "pay_2");
  assert.deepEqual([twice.status, twice.at("code")], [409, "top_up_status"]);
  assert.equal(await available(path), "10000");
});

test("a bonus, an expiry and a quantity come with a pack", async () => {
  const path = await empty("t3");
  const id = await bought(path, { pack: "large", quantity: 2, note: "transfer" });
  const paid = await api.post(`${path}/top-ups/${id}/mark-paid`, { payment: "pay_t3" });
  assert.deepEqual([paid.at("credits"), paid.at("amount")], ["240000", usd(180_000)]);
  const lots = (await api.get(`${path}/balance`)).rows("lots");
  assert.deepEqual(
    new Set(
      lots.map((lot) => [lot["granted"], lot["priority"], typeof lot["expiresAt"]].join(" ")),
    ),
    new Set(["200000 60 string", "40000 60 string"]),
  );
  const grants = Object.values(paid.at("grants") ?? {}).map(String);
  const costs = grants.map(async (grant) => (await api.get(`${path}/grants/${grant}`)).at("cost"));
  assert.deepEqual(await Promise.all(costs), [usd(150_000), usd(30_000)], "by R3 over the credits");
});

test("one whose money will not come has failed; another key is told that it has", async () => {
  const path = await empty("t4");
  const id = await bought(path);
  const fail = (key: string) =>
    api.post(`${path}/top-ups/${id}/mark-failed`, { reason: "none came" }, { idempotencyKey: key });
  const failed = await fail("t4-1");
  assert.deepEqual([failed.at("status"), failed.at("reason")], ["failed", "none came"]);
  assert.equal((await fail("t4-1")).text, failed.text);
  assert.equal((await fail("t4-2")).at("code"), "top_up_status");
});

test("what the plan does not offer, another currency, and another amount are refused", async () => {
  const path = await empty("t5");
  const buy = (body: object) => api.post(`${path}/top-ups`, body);
  assert.equal((await buy({ pack: "euro" })).at("code"), "currency_mismatch");
  assert.equal((await buy({ pack: "huge" })).at("code"), "unknown_pack");
  for (const body of [{ pack: "small", quantity: 0 }, { pack: "small", colour: "red" }, {}])
    assert.equal((await buy(body)).status, 422);
  const id = await bought(path);
  const mark = (body: object) => api.post(`${path}/top-ups/${id}/mark-paid`, body);
  const short = await mark({ payment: "p", amount: usd(9_999) });
  assert.equal(short.at("violations.0.pointer"), "/amount", short.text);
  assert.equal(
    (await mark({ payment: "p", fee: { amount: "1", currency: "EUR" } })).at("code"),
    "currency_mismatch",
  );
  for (const body of [{}, { payment: " bank" }, { payment: "bänk" }])
    assert.equal((await mark(body)).status, 422);
  await api.put(`${path}/subscription`, { plan: "team" });
  const refused = await buy({ pack: "small" });
  assert.deepEqual([refused.status, refused.at("code")], [402, "pack_not_in_plan"]);
  assert.equal((await buy({ pack: "large" })).status, 201);
  assert.equal((await api.post("/v1/workspaces/none/top-ups", { pack: "small" })).status, 404);
});

test("a rule buys by itself once too little is left, and a burst of calls lets it ask once", async () => {
  const path = await empty("t6");
  await api.post(`${path}/grants`, { credits: "3000", source: "promotion" });
  const rule = {
    enabled: true,
    pack: "small",
    threshold: "2000",
    target: "12000",
    monthlyCeiling: usd(20_000),
  };
  const put = await api.put(`${path}/top-up-rule`, rule);
  assert.equal(put.status, 200, put.text);
  assert.ok(ruleCheck.Check(put.body), put.text);
  assert.equal(put.at("status"), "on");
  await Promise.all(
    Array.from({ length: 20 }, () => api.post(`${path}/debits`, { member: "ana", credits: "100" })),
  );
  const asked = await eventually(
    () => api.get(`${path}/top-ups`),
    (found) => found.rows().some((one) => one["status"] === "processing"),
  );
  assert.equal(asked.rows().length, 1, asked.text);
  const [one] = asked.rows();
  assert.deepEqual([one?.["automatic"], one?.["quantity"]], [true, 2]);
  const read = await api.get(`${path}/top-up-rule`);
  assert.ok(ruleCheck.Check(read.body), read.text);
  assert.equal(read.at("pending"), one?.["id"]);
  const id = String(one?.["id"]);
  await api.post(`${path}/top-ups/${id}/mark-paid`, { payment: "bank 4711" });
  assert.deepEqual((await api.get(`${path}/top-up-rule`)).at("spent.amount"), usd(20_000));
  await api.post(`${path}/debits`, { member: "ana", credits: "20900" });
  assert.equal((await api.get(`${path}/top-ups`)).rows().length, 1, "the ceiling is met");
  const events = await api.get(`${path}/events?limit=100`);
  const types = events.rows().map(({ type }) => String(type));
  assert.deepEqual(
    types.filter((type) => type.startsWith("top_up.")),
    ["top_up.rule_updated", "top_up.requested", "top_up.pending", "top_up.succeeded"],
  );
});

test("a failure makes the rule wait, and whoever puts it again arms it", async () => {
  const path = await empty("t7");
  const rule = {
    enabled: true,
    pack: "small",
    threshold: "1",
    target: "1",
    monthlyCeiling: usd(20_000),
  };
  await api.put(`${path}/top-up-rule`, rule);
  const asked = await eventually(
    () => api.get(`${path}/top-ups`),
    (found) => found.rows().length === 1,
  );
  const id = String(asked.rows()[0]?.["id"]);
  await api.post(`${path}/top-ups/${id}/mark-failed`, { reason: "card expired" });
  const failed = await api.get(`${path}/top-up-rule`);
  assert.deepEqual([failed.at("status"), failed.at("failures")], ["on", 1]);
  assert.ok(failed.at("retryAt"), failed.text);
  const again = await api.put(`${path}/top-up-rule`, { ...rule, enabled: false });
  assert.deepEqual([again.at("status"), again.at("failures")], ["off", 1]);
  assert.equal((await api.put(`${path}/top-up-rule`, rule)).at("failures"), 0);
  const wrong = { ...rule, target: "0.5", threshold: "0.6" };
  assert.equal((await api.put(`${path}/top-up-rule`, wrong)).at("violations.0.pointer"), "/target");
});
