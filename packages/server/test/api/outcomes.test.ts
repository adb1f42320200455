/** Billable outcomes as a vendor's developer meets them: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type BillableOutcome,
  type BillableOutcomePage,
  BillableOutcomePageSchema,
  BillableOutcomeSchema,
  ProblemSchema,
  type Signal,
  SignalSchema,
} from "@cistern/contract";
import { createCistern } from "@cistern/client";
import { Compile } from "typebox/compile";
import { defineCatalog } from "../../src/catalog/index.ts";
import { type TestCistern, createTestCistern } from "../../src/test-cistern.ts";
import { type Reply, eventually, valueAt, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const form = {
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "100" } }] } },
  outcomes: {
    resolution: { kind: "conversation", parts: { assisted: "50" } },
    document: { kind: "quantity" },
    report: { kind: "quantity", confirmation: true },
  },
  plans: {
    results: {
      currency: "USD",
      outcomes: {
        resolution: "0.99",
        document: { kind: "graduated", tiers: [{ upTo: 10, price: "0.10" }, { price: "0.05" }] },
        report: "2.00",
      },
    },
    plain: { currency: "USD", base: { fee: "10.00" } },
  },
} as const;
const api = await startWithCatalog(form);
const catalog = defineCatalog(form);

const outcome = Compile(BillableOutcomeSchema);
const signal = Compile(SignalSchema);
const page = Compile(BillableOutcomePageSchema);
const hourMs = 60 * 60 * 1_000;
const before = (cistern: TestCistern, hours: number): string =>
  new Date(Date.parse(cistern.now()) - hours * hourMs).toISOString();

interface Leg {
  readonly account: string;
  readonly amount: string;
}

/** A workspace on the plan for four days: what happened in them may be told. */
async function livedSince(id: string) {
  const cistern = await createTestCistern({ catalog, now: "2026-11-01T00:00:00Z" });
  after(() => cistern.close());
  await cistern.createWorkspace({ id, currency: "USD" });
  await cistern.put(`/v1/workspaces/${id}/subscription`, { plan: "results" });
  await cistern.advanceTo("2026-11-05T00:00:00Z");
  return { cistern, path: `/v1/workspaces/${id}/outcomes` };
}

async function subscribed(id: string, plan = "results"): Promise<string> {
  await workspaceWith(api, id, "0");
  const put = await api.put(`/v1/workspaces/${id}/subscription`, { plan });
  assert.equal(put.status, 200, put.text);
  return `/v1/workspaces/${id}/outcomes`;
}

const about = (customer: string, conversation = "c1") => ({
  type: "resolution",
  customer,
  topic: "refund",
  conversation,
});

function isOutcome(reply: Reply, status: number): Reply {
  assert.equal(reply.status, status, reply.text);
  assert.deepEqual(outcome.Errors(reply.body)[0], undefined, reply.text);
  return reply;
}

async function problemOf(reply: Promise<Reply>): Promise<unknown> {
  const { body, status, text } = await reply;
  assert.ok(Compile(ProblemSchema).Check(body), text);
  return `${status} ${body["code"]}`;
}

/** Money of the ledger so far, by account. */
const booksOf = (workspace: string, enough: (books: Readonly<Record<string, number>>) => boolean) =>
  eventually(async () => {
    const sums: Record<string, number> = {};
    const ledger = await api.get(`/v1/workspaces/${workspace}/ledger?limit=100`);
    for (const [index] of ledger.rows().entries())
      for (const { account, commodity, amount } of ledger.rows(`data.${index}.postings`))
        if (commodity !== "CREDIT")
          sums[String(account)] = (sums[String(account)] ?? 0) + Number(amount);
    return sums;
  }, enough);

test("a claim rests until it has matured; told late it is billed at once, and the ledger has it", async () => {
  const { cistern, path } = await livedSince("o1");
  const fresh = await cistern.post<BillableOutcome>(path, about("cus_1"));
  assert.equal(fresh.status, "claimed");
  const body = { ...about("cus_2"), occurredAt: before(cistern, 25) };
  const late = await cistern.post<BillableOutcome>(path, body);
  assert.equal(late.status, "billed");
  assert.deepEqual(late.amount, { amount: "99", currency: "USD" });
  assert.equal(late.changes?.[0]?.moves[0]?.kind, "billed");
  const ledger = await cistern.get<{ data: readonly { postings: readonly Leg[] }[] }>(
    "/v1/workspaces/o1/ledger?limit=100",
  );
  const legs = ledger.data.flatMap(({ postings }) => postings);
  const sumOf = (name: string) =>
    legs.reduce((sum, { account, amount }) => sum + (account === name ? Number(amount) : 0), 0);
  assert.deepEqual([sumOf("Unbilled"), sumOf("Outcomes")], [99, -99]);
  assert.equal((await cistern.get<BillableOutcome>(`${path}/${late.id}`)).status, "billed");
  const all = await cistern.get<BillableOutcomePage>(path);
  assert.ok(page.Check(all));
  assert.equal(all.data.length, 2);
});

test("a retry of the same key gets the first answer, and another body under it is refused", async () => {
  const path = await subscribed("o2");
  const body = { type: "document", quantity: 12 };
  const first = await api.post(path, body, { idempotencyKey: "d1" });
  assert.deepEqual(first.at("amount"), { amount: "110", currency: "USD" });
  const again = await api.post(path, body, { idempotencyKey: "d1" });
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(again.body, first.body);
  const other = api.post(path, { ...body, quantity: 13 }, { idempotencyKey: "d1" });
  assert.equal(await problemOf(other), "422 idempotency_key_reused");
  assert.equal((await api.get(path)).rows().length, 1);
});

test("contact that is told late takes a billed outcome back, and the answer says so", async () => {
  const { cistern, path } = await livedSince("o3");
  const body = { ...about("cus_1"), occurredAt: before(cistern, 48) };
  const billed = await cistern.post<BillableOutcome>(path, body);
  assert.equal(billed.status, "billed");
  const told = await cistern.post<Signal>(`${path}/signals`, {
    kind: "contact",
    customer: "cus_1",
    topic: "refund",
    conversation: "c1",
    occurredAt: before(cistern, 1),
  });
  assert.ok(signal.Check(told));
  const [change] = told.changes;
  assert.deepEqual([change?.id, change?.status], [billed.id, "reversed"]);
  assert.equal(change?.moves[0]?.amount.amount, "-99");
  assert.equal(change.moves[0]?.reverses, billed.line);
  const read = await cistern.get<BillableOutcome>(`${path}/${billed.id}`);
  assert.deepEqual([read.reason, read.amount], ["contacted_again", undefined]);
});

test("what needs it is billed when it is confirmed; reopened, it comes back", async () => {
  const path = await subscribed("o4");
  const claimed = await api.post(path, { type: "report" });
  const one = `${path}/${claimed.textAt("id")}`;
  const confirmed = isOutcome(await api.post(`${one}/confirm`, { attestor: "ana" }), 200);
  assert.equal(confirmed.at("amount.amount"), "200");
  const again = isOutcome(await api.post(`${one}/confirm`, {}), 200);
  assert.deepEqual(again.at("changes"), []);
  const reopened = isOutcome(await api.post(`${one}/reopen`, {}), 200);
  assert.equal(reopened.at("status"), "reversed");
  const books = await booksOf("o4", (sums) => sums["Outcomes"] === 0);
  assert.equal(books["Unbilled"], 0);
});

test("a dispute holds an outcome back until it is resolved, once at a time", async () => {
  const path = await subscribed("o5");
  const claimed = await api.post(path, { type: "report" });
  const one = `${path}/${claimed.textAt("id")}`;
  assert.equal(
    await problemOf(api.post(`${one}/dispute`, { resolution: "upheld" })),
    "409 outcome_not_disputed",
  );
  isOutcome(await api.post(`${one}/dispute`, { reason: "wrong numbers" }), 200);
  assert.equal(await problemOf(api.post(`${one}/dispute`, {})), "409 outcome_disputed");
  const upheld = isOutcome(await api.post(`${one}/dispute`, { resolution: "upheld" }), 200);
  assert.equal(upheld.at("reason"), "dispute_upheld");
  const confirmed = isOutcome(await api.post(`${one}/confirm`, {}), 200);
  assert.equal(confirmed.at("status"), "not_billable");
});

test("what bills at once comes off its line while it is disputed; who said what is read in the outcome and in the feed", async () => {
  const path = await subscribed("o11");
  const evidence = { hash: "sha256:9f86d081884c7d65", attestor: "helpdesk" };
  const billed = await api.post(path, { type: "document", quantity: 10, evidence });
  assert.equal(billed.at("amount.amount"), "100");
  const one = `${path}/${billed.textAt("id")}`;
  const raised = isOutcome(await api.post(`${one}/dispute`, { reason: "not ours" }), 200);
  const read = isOutcome(await api.get(one), 200);
  for (const told of [raised, read]) {
    assert.equal(told.at("status"), "disputed");
    assert.equal(told.at("dispute.status"), "waiting");
    assert.equal(told.at("dispute.reason"), "not ours");
    assert.equal(told.at("dispute.holdsBack"), true);
    assert.equal(told.at("amount"), undefined);
    assert.deepEqual(told.at("evidence"), evidence);
  }
  assert.equal(raised.at("changes.0.moves.0.amount.amount"), "-100");
  const upcoming = await api.get("/v1/workspaces/o11/invoices/upcoming");
  assert.equal(upcoming.at("subtotal.amount"), "0", upcoming.text);
  const report = await api.post(path, { type: "report" });
  const claimed = `${path}/${report.textAt("id")}`;
  await api.post(`${claimed}/confirm`, { attestor: "ana" });
  const confirmed = isOutcome(await api.get(claimed), 200);
  assert.equal(confirmed.at("confirmation.attestor"), "ana");
  const feed = (await api.get("/v1/workspaces/o11/events?limit=100")).rows();
  const dataOf = (type: string) => feed.find((event) => event["type"] === type)?.["data"];
  assert.equal(valueAt(dataOf("outcome.disputed"), "dispute.reason"), "not ours");
  assert.equal(valueAt(dataOf("outcome.disputed"), "evidence.hash"), evidence.hash);
  assert.equal(valueAt(dataOf("outcome.confirmed"), "confirmation.attestor"), "ana");
  isOutcome(await api.post(`${one}/dispute`, { resolution: "rejected" }), 200);
  assert.equal((await api.get(one)).at("amount.amount"), "100");
});

test("two claims at once of one case are billed once", async () => {
  const { cistern, path } = await livedSince("o6");
  const occurredAt = before(cistern, 30);
  await Promise.all(
    ["c1", "c2", "c3", "c4", "c5"].map((conversation) =>
      cistern.post(path, { ...about("cus_1", conversation), occurredAt }),
    ),
  );
  const { data } = await cistern.get<BillableOutcomePage>(path);
  assert.equal(data.filter(({ status }) => status === "billed").length, 1);
});

test("the client claims, signals, confirms, reopens, disputes and reads outcomes", async () => {
  await subscribed("o10");
  const cistern = createCistern({ url: api.url, apiKey: api.key });
  const { outcomes } = cistern.workspace("o10");
  try {
    const { id, status } = await outcomes.claim(about("cus_1"));
    assert.equal(status, "claimed");
    assert.equal((await outcomes.confirm(id, { attestor: "cus_1" })).amount?.amount, "99");
    const refund = { customer: "cus_1", topic: "refund", conversation: "c1" };
    const told = await outcomes.signal({ kind: "contact", ...refund });
    assert.equal(told.changes[0]?.status, "reversed");
    assert.equal((await outcomes.confirm(id)).status, "billed");
    assert.equal((await outcomes.reopen(id)).reason, "reopened");
    await outcomes.dispute(id, { reason: "not solved" });
    assert.equal((await outcomes.dispute(id, { resolution: "upheld" })).reason, "dispute_upheld");
    assert.equal((await outcomes.get(id)).status, "not_billable");
    assert.equal((await outcomes.list({ limit: 1 })).data[0]?.id, id);
  } finally {
    await cistern.close();
  }
});

test("what cannot be claimed is refused with its problem", async () => {
  const path = await subscribed("o7");
  await subscribed("o8", "plain");
  await workspaceWith(api, "o9", "0");
  const claim = (workspace: string, body: object) =>
    problemOf(api.post(`/v1/workspaces/${workspace}/outcomes`, body));
  assert.equal(await claim("o7", { ...about("cus_1"), type: "sale" }), "402 outcome_not_in_plan");
  assert.equal(await claim("o8", about("cus_1")), "402 outcome_not_in_plan");
  assert.equal(await claim("o9", about("cus_1")), "404 no_subscription");
  assert.equal(await claim("nowhere", about("cus_1")), "404 unknown_workspace");
  for (const body of [
    { type: "resolution" },
    { ...about("cus_1"), quantity: 2 },
    { ...about("cus_1"), occurredAt: new Date(Date.now() - 36 * 24 * hourMs).toISOString() },
    { ...about("cus_1"), mood: "good" },
    { type: "document", quantity: 0 },
    { type: "document", customer: "cus_1" },
  ])
    assert.equal(await claim("o7", body), "422 invalid_request", JSON.stringify(body));
  for (const verb of ["reopen", "confirm", "dispute"])
    assert.equal(await problemOf(api.post(`${path}/out_none/${verb}`, {})), "404 unknown_outcome");
  assert.equal(await problemOf(api.get(`${path}/out_none`)), "404 unknown_outcome");
});
