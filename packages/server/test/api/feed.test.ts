/** The events feed: gapless, in order, in the words of the API; a lost place is noticed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudEventSchema, eventTypeNames } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { cloudEvent } from "../../src/api/answers/cloud-event.ts";
import { lifeOfAWorkspace } from "../audit/life-of-a-workspace.ts";
import { postgresStore } from "../../src/journal/index.ts";
import { pastOn, workspace } from "../books/past-workspaces.ts";
import { type Json, eventually, valueAt } from "./api-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { inForce, serverOn } from "./catalog-server.ts";

const catalogAt = (input_text: string) => ({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text } }] } },
});
const { url } = await freshDatabase();
await inForce(url, catalogAt("2"), 1);
const api = await serverOn(url);
const path = "/v1/workspaces/acme";
// It began in the past, so that a month of it is over.
const pool = api.server.node.database.openPool({ purpose: "past", connectionsMax: 1 });
const begun = "2026-01-15T12:00:00Z";
await pastOn(postgresStore({ pool }), begun).at(begun, "acme", workspace("acme"));
await api.call("PATCH", path, { body: { overage: { kind: "deny" }, name: "Secret Name Ltd" } });

async function allEvents(limit = 100): Promise<readonly Json[]> {
  const events: Json[] = [];
  let after = "0.0";
  for (;;) {
    const page = await api.get(`${path}/events?limit=${limit}&after=${after}`);
    if (page.rows().length === 0) return events;
    events.push(...page.rows());
    after = page.textAt("next");
  }
}

const chat = { member: "bob", meter: "chat", model: "gpt-5", usage: { input_text: 1 } };
const use = () => api.post(`${path}/debits`, chat);

test("every kind of event is told, as a CloudEvent with a unique id, and no name among them", async () => {
  assert.equal((await use()).status, 201);
  await inForce(url, catalogAt("1"), Date.now());
  const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
  const none = { idempotencyKey: null };
  await api.post(`${path}/closings`, { month: "2026-01" }, none);
  await api.put(`${path}/groups/g`, { name: "Secret Group" });
  await api.put(`${path}/members/ana`, { name: "Secret Ana", groups: ["g"] });
  await api.call("PATCH", path, { body: { guestsMax: 5, name: "Secret Two" } });
  const limit = { scope: { kind: "member", id: "ana" }, cap: { credits: "60", window: "day" } };
  await api.put(`${path}/limits/l`, limit);
  const policy = { scope: { kind: "workspace" }, text: { version: "1", text: "Secret rules" } };
  await api.put(`${path}/policies/p`, policy);
  await api.post(`${path}/policies/p/acceptances`, { member: "ana", version: "1" });
  await api.call("DELETE", `${path}/policies/p`);
  const grants = `${path}/grants`;
  const bought = await api.post(grants, {
    credits: "500",
    source: "purchase",
    cost: { amount: "5000", currency: "EUR" },
  });
  await api.post(grants, { credits: "5", source: "promotion", effectiveAt: soon(4_000) });
  await api.post(grants, {
    credits: "6",
    source: "promotion",
    expiresAt: soon(4_000),
    priority: 900,
  });
  await api.post(`${grants}/${bought.textAt("id")}/revoke`, { credits: "1" });
  await api.call("PATCH", path, { body: { lowBalance: "9999" } });
  for (const ending of ["repayments", "chargebacks", "escheat"]) {
    const sold = await api.post(grants, {
      credits: "7",
      source: "purchase",
      cost: { amount: "70", currency: "EUR" },
    });
    const lot = `${grants}/${sold.textAt("id")}`;
    await api.put(`${lot}/breakage`, { breakageBps: 700 });
    await api.post(`${lot}/${ending}`, {});
  }
  const open = async (member: string, credits: string, ttl = "PT5M") =>
    (await api.post(`${path}/holds`, { member, credits, ttl })).textAt("id");
  const settled = await open("ana", "60");
  await api.post(`${path}/holds/${settled}/extend`, { ttl: "PT9M" });
  await api.post(`${path}/holds/${settled}/settle`, { credits: "40" }, none);
  await api.post(`${path}/holds/${await open("bob", "10")}/release`, {}, none);
  await open("bob", "10", "PT1S");
  await api.post(`${path}/debits`, { member: "bob", credits: "2" });
  await api.post(`${path}/refunds`, { of: settled, credits: "1" });
  await api.call("DELETE", `${path}/members/ana`);
  await api.call("DELETE", `${path}/limits/l`);

  const quote = { ...chat, estimate: { input_text: 1_000_000 }, usage: undefined };
  await eventually(
    () => api.post(`${path}/quotes`, quote, none),
    (one) => one.body["credits"] === "1",
  );
  await use();
  const byItself = ["hold.expired", "credits.expired", "credits.effective", "rate_card.changed"];
  const events = await eventually(allEvents, (found) =>
    byItself.every((type) => found.some((one) => one["type"] === type)),
  );
  const check = Compile(CloudEventSchema);
  for (const event of events) assert.ok(check.Check(event), JSON.stringify(event));
  // Periods last a day at least: what their ends bring is told from a journal that was made in no time.
  const later = lifeOfAWorkspace().map((event, index) =>
    cloudEvent(event, {
      workspaceId: "acme",
      position: { seq: index + 1, index: 0 },
      hash: "00000000",
      currency: "USD",
    }),
  );
  for (const event of later) assert.ok(check.Check(event), JSON.stringify(event));
  const types = new Set<unknown>([
    ...events.map((one) => one["type"]),
    ...later.map(({ type }) => type),
  ]);
  assert.deepEqual(types, new Set<unknown>(eventTypeNames));
  assert.equal(new Set(events.map((one) => one["id"])).size, events.length);
  assert.ok(!JSON.stringify(events).includes("Secret"));
  const [grant] = events.filter((one) => one["type"] === "credits.granted");
  assert.deepEqual(valueAt(grant, "data.cost"), { amount: "5000", currency: "EUR" });
  const [settlement] = events.filter((one) => one["type"] === "hold.settled");
  assert.deepEqual(
    [valueAt(settlement, "subject"), valueAt(settlement, "data.charged")],
    [settled, "40"],
  );
});

test("pages join without a gap, and a page past the end gives a cursor to wait with", async () => {
  const idsOf = (events: readonly Json[]) => events.map((one) => one["id"]);
  const all = idsOf((await api.get(`${path}/events?limit=100`)).rows());
  assert.deepEqual(idsOf(await allEvents(3)), all);
  const end = (await api.get(`${path}/events?limit=100`)).textAt("next");
  const beyond = await api.get(`${path}/events?after=${end}`);
  assert.deepEqual(beyond.rows(), []);
  assert.equal(beyond.textAt("next"), end);
  await api.post(`${path}/debits`, { member: "bob", credits: "0.5" });
  const [next] = (await api.get(`${path}/events?after=${end}`)).rows();
  assert.equal(next?.["type"], "usage.debited");
});

test("a cursor whose row is another one than the journal's is refused: its tail was lost", async () => {
  const lost = await api.get(`${path}/events?after=3.0.00000000`);
  assert.equal(lost.status, 410);
  assert.equal(lost.body["code"], "cursor_lost");
  const beyond = await api.get(`${path}/events?after=999999.0.00000000`);
  assert.equal(beyond.status, 410);
  const unchecked = await api.get(`${path}/events?after=3.0`);
  assert.equal(unchecked.status, 200);
});
