/** Subscriptions as a vendor's developer meets them: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AllowanceSchema,
  ProblemSchema,
  SubscriptionChangeSchema,
  SubscriptionSchema,
} from "@cistern/contract";
import { createCistern } from "@cistern/client";
import { Compile } from "typebox/compile";
import { eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: { rows: [{ meter: "chat", perMillion: { input_text: "100", output_text: "100" } }] },
  },
  plans: {
    starter: {
      currency: "USD",
      base: { fee: "100.00", value: "60.00" },
      included: { credits: "5000", value: "40.00" },
    },
    business: {
      currency: "USD",
      base: { fee: "250.00", value: "150.00" },
      included: { credits: "15000", value: "150.00" },
    },
    team: {
      currency: "USD",
      seats: { fee: "20.00", minimum: 2 },
      included: { credits: "500", per: "seat", recognition: "ratable" },
    },
    metered: {
      currency: "USD",
      usage: {
        chat: { kind: "graduated", tiers: [{ upTo: 100, price: "0" }, { price: "0.002" }] },
      },
      overage: { kind: "bill", price: "0.012" },
      spendCap: "8.00",
      minimum: { amounts: ["50.00"] },
    },
    euro: { currency: "EUR", base: { fee: "9.00" } },
  },
});

const change = Compile(SubscriptionChangeSchema);
const subscription = Compile(SubscriptionSchema);

/** Ids, instants and places differ between two calls; nothing else may. */
const without = (text: string): string =>
  text
    .replaceAll(/"(id|start|end|from|to|startedAt|planVersion)":"[^"]*"/g, '"$1":""')
    .replaceAll(/"(part|whole)":"[^"]*"/g, '"$1":""')
    .replaceAll(/"at":\{[^}]*\}/g, '"at":{}');

test("a plan is subscribed to: its fee is a line, its credits are in the pool at once", async () => {
  await workspaceWith(api, "s1", "0");
  const preview = await api.post("/v1/workspaces/s1/subscription/preview", { plan: "starter" });
  assert.equal(preview.status, 200, preview.text);
  const put = await api.put("/v1/workspaces/s1/subscription", { plan: "starter" });
  assert.equal(put.status, 200, put.text);
  assert.ok(change.Check(put.body), put.text);
  assert.equal(without(put.text), without(preview.text), "the preview is the act");
  assert.equal(put.at("amount.amount"), "10000");
  assert.equal(put.at("credits"), "5000");
  assert.equal((await api.get("/v1/workspaces/s1/balance")).at("available"), "5000");
  const read = await api.get("/v1/workspaces/s1/subscription");
  assert.ok(subscription.Check(read.body), read.text);
  assert.deepEqual(read.at("id"), put.at("subscription.id"));
});

test("an upgrade charges the rest of the period, as its preview says", async () => {
  await workspaceWith(api, "s2", "0");
  await api.put("/v1/workspaces/s2/subscription", { plan: "starter" });
  const put = await api.put("/v1/workspaces/s2/subscription", { plan: "business" });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual(
    put.rows("lines").map(({ kind }) => kind),
    ["unused_time", "remaining_time"],
  );
  // Within the first second of a month nearly all of it is left.
  assert.equal(put.at("amount.amount"), "15000");
  assert.equal((await api.get("/v1/workspaces/s2/balance")).at("available"), "15000");
});

test("the same PUT once more changes nothing and charges nothing", async () => {
  await workspaceWith(api, "s3", "0");
  await api.put("/v1/workspaces/s3/subscription", { plan: "starter" });
  const again = await api.put("/v1/workspaces/s3/subscription", { plan: "starter" });
  assert.equal(again.status, 200, again.text);
  assert.deepEqual(again.rows("lines"), []);
  assert.equal(again.at("credits"), "0");
  assert.equal((await api.get("/v1/workspaces/s3/balance")).at("available"), "5000");
});

test("ten of the same PUT at once begin one subscription", async () => {
  await workspaceWith(api, "s4", "0");
  const put = () => api.put("/v1/workspaces/s4/subscription", { plan: "starter" });
  const replies = await Promise.all(Array.from({ length: 10 }, put));
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(replies.map((one) => one.at("subscription.id"))).size, 1);
  assert.equal((await api.get("/v1/workspaces/s4/balance")).at("available"), "5000");
});

test("seats are added at once with their credits, and removed at the end of the period", async () => {
  await workspaceWith(api, "s5", "0");
  const begun = await api.put("/v1/workspaces/s5/subscription", { plan: "team", seats: 3 });
  assert.equal(begun.at("amount.amount"), "6000", begun.text);
  const more = await api.put("/v1/workspaces/s5/seats", { seats: 5 });
  assert.equal(more.at("amount.amount"), "4000", more.text);
  assert.equal(more.at("credits"), "1000");
  const fewer = await api.put("/v1/workspaces/s5/seats", { seats: 2 });
  assert.equal(fewer.at("subscription.seats"), 5);
  assert.equal(fewer.at("subscription.next.seats"), 2);
});

test("a subscription is cancelled, paused and resumed; each needs its key", async () => {
  await workspaceWith(api, "s6", "0");
  await api.put("/v1/workspaces/s6/subscription", { plan: "starter" });
  for (const [verb, atEnd] of [
    ["cancel", "end"],
    ["pause", "pause"],
    ["resume", "renew"],
  ] as const) {
    const path = `/v1/workspaces/s6/subscription/${verb}`;
    assert.equal((await api.post(path, {}, { idempotencyKey: null })).status, 400);
    const reply = await api.post(path, {}, { idempotencyKey: `k-${verb}` });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.at(verb === "pause" ? "atEnd" : "subscription.atEnd"), atEnd);
    const again = await api.post(path, {}, { idempotencyKey: `k-${verb}` });
    assert.equal(again.headers.get("idempotency-replayed"), "true");
  }
});

test("a subscription that is cancelled now gives the rest of its period back", async () => {
  await workspaceWith(api, "s8", "0");
  await api.put("/v1/workspaces/s8/subscription", { plan: "starter" });
  const ended = await api.post("/v1/workspaces/s8/subscription/cancel", { when: "now" });
  assert.equal(ended.at("subscription.status"), "ended", ended.text);
  assert.equal(ended.at("amount.amount"), "-10000");
  assert.equal((await api.get("/v1/workspaces/s8/balance")).at("available"), "0");
});

test("usage past the pool is billed within the spend cap, an allowance first", async () => {
  await workspaceWith(api, "s9", "0");
  await api.put("/v1/workspaces/s9/subscription", { plan: "metered" });
  const holds = "/v1/workspaces/s9/holds";
  const open = (body: object) => api.post(holds, { member: "ana", ...body });
  const hold = await open({ meter: "chat", credits: "300" });
  assert.equal(hold.at("overage"), "300", hold.text);
  const settled = await api.post(`${holds}/${hold.textAt("id")}/settle`, { credits: "250" });
  assert.equal(settled.at("billed"), "250", settled.text);
  // 0.30 are billed; 642 credits at 1.2c would be 7.70 and a little, which rounds to 7.70; 643 are 7.72.
  const refused = await open({ credits: "643" });
  assert.equal(refused.at("code"), "spend_cap_reached", refused.text);
  assert.equal(refused.status, 402);
  assert.match(refused.textAt("detail"), /7\.72 USD .* 0\.30 USD of the period's cap of 8\.00 USD/);
  assert.equal((await open({ credits: "642" })).status, 201);
  const upcoming = await api.get("/v1/workspaces/s9/invoices/upcoming");
  assert.deepEqual(
    upcoming.rows("lines").map(({ kind, quantity, arithmetic }) => [kind, quantity, arithmetic]),
    [["usage", "250", "100 x 0.00 + 150 x 0.002"]],
    upcoming.text,
  );
  const ledger = await eventually(
    () => api.get("/v1/workspaces/s9/ledger?kind=hold.settled"),
    (reply) => reply.rows().length > 0,
  );
  assert.ok(ledger.text.includes('{"account":"Unbilled","commodity":"USD","amount":"30"}'));
});

test("prices are negotiated over a plan, told with it, and taken back", async () => {
  await workspaceWith(api, "s11", "0");
  const path = "/v1/workspaces/s11/subscription";
  const usd = (amount: string) => ({ amount, currency: "USD" });
  const negotiated = { base: usd("8000"), until: "2099-01-01T00:00:00Z" };
  const body = { plan: "starter", negotiated };
  const preview = await api.post(`${path}/preview`, body);
  const put = await api.put(path, body);
  assert.equal(without(put.text), without(preview.text), "the preview is the act");
  assert.equal(put.at("amount.amount"), "8000", put.text);
  assert.ok(change.Check(put.body), put.text);
  assert.deepEqual(put.at("subscription.negotiated"), negotiated);
  assert.match(put.textAt("subscription.planVersion"), /^starter@[0-9a-f]{16}\+[0-9a-f]{8}$/);
  assert.deepEqual((await api.put(path, body)).rows("lines"), []);
  const euro = { negotiated: { base: { amount: "1", currency: "EUR" } } };
  assert.equal((await api.put(path, euro)).at("code"), "currency_mismatch");
  const seat = await api.put(path, { negotiated: { seat: usd("1") } });
  assert.ok(seat.text.includes('"pointer":"/negotiated/seat"'), seat.text);
  const listed = await api.put(path, { negotiated: null, change: "now" });
  assert.equal(listed.at("subscription.negotiated"), undefined, listed.text);
  assert.equal(listed.at("amount.amount"), "2000");
});

test("what cannot be is a problem that says what to do, and changes nothing", async () => {
  await workspaceWith(api, "s7", "0");
  const problem = Compile(ProblemSchema);
  const rows = [
    [{ plan: "gold" }, 422, "unknown_plan"],
    [{ plan: "euro" }, 422, "currency_mismatch"],
    [{ plan: "team", seats: 1 }, 422, "invalid_request"],
    [{ plan: "starter", seats: 4 }, 422, "invalid_request"],
    [{ seats: 4 }, 404, "no_subscription"],
    [{}, 422, "invalid_request"],
    [{ plan: "starter", when: "2020-01-01T00:00:00Z" }, 422, "invalid_request"],
  ] as const;
  for (const [body, status, code] of rows) {
    const reply = await api.put("/v1/workspaces/s7/subscription", body);
    assert.equal(reply.status, status, reply.text);
    assert.equal(reply.at("code"), code);
    assert.ok(problem.Check(reply.body), reply.text);
  }
  assert.equal((await api.get("/v1/workspaces/s7/subscription")).status, 404);
  assert.equal((await api.get("/v1/workspaces/s7/balance")).at("available"), "0");
});

test("the client previews, subscribes, changes seats, pauses, resumes, cancels and reads", async () => {
  await workspaceWith(api, "s10", "0");
  const { subscription: team } = createCistern({ url: api.url, apiKey: api.key }).workspace("s10");
  const preview = await team.preview({ plan: "team", seats: 3 });
  assert.equal(preview.amount.amount, "6000");
  assert.equal((await team.put({ plan: "team", seats: 3 })).amount.amount, "6000");
  assert.equal((await team.seats({ seats: 4 })).credits, "500");
  assert.equal((await team.pause()).atEnd, "pause");
  assert.equal((await team.resume()).subscription.atEnd, "renew");
  assert.equal((await team.get()).seats, 4);
  assert.equal((await team.cancel({ when: "now" })).subscription.status, "ended");
});

test("its ledger balances, and the feed tells of it", async () => {
  const ledger = await eventually(
    () => api.get("/v1/workspaces/s1/ledger"),
    (reply) => reply.rows().length > 0,
  );
  const [entry] = ledger.rows();
  assert.equal(entry?.["kind"], "subscription.started");
  const feed = await api.get("/v1/workspaces/s1/events?after=0.0");
  assert.deepEqual(
    feed.rows().map(({ type }) => type),
    ["workspace.created", "subscription.started"],
  );
});

test("the allowance tells what may still be billed, each call in flight on its own line", async () => {
  await workspaceWith(api, "s_cap", "0");
  await api.put("/v1/workspaces/s_cap/subscription", { plan: "metered" });
  // By its own line 2,100 credits of chat cost 4.00; by that of all others they would be 25.20.
  const chat = { member: "ana", meter: "chat", credits: "2100" };
  const hold = await api.post("/v1/workspaces/s_cap/holds", chat);
  assert.equal(hold.status, 201, hold.text);
  const told = await api.get("/v1/workspaces/s_cap/members/ana/allowance");
  assert.ok(Compile(AllowanceSchema).Check(told.body), told.text);
  const usd = (amount: string) => ({ amount, currency: "USD" });
  assert.deepEqual(told.at("overage"), {
    spendCap: usd("800"),
    billed: usd("0"),
    inFlight: usd("400"),
    left: usd("400"),
    credits: "333.749999",
  });
  assert.deepEqual([told.at("remaining"), told.at("binding.reason")], ["333.749999", "spend_cap"]);
});

test("RULES 15 credits in flight during a downgrade are clawed back and credited when they return; feed and preview say so", async () => {
  await workspaceWith(api, "s15", "0");
  await api.put("/v1/workspaces/s15/subscription", { plan: "business" });
  const hold = await api.post("/v1/workspaces/s15/holds", { member: "ana", credits: "15000" });
  assert.equal(hold.status, 201, hold.text);
  const body = { plan: "starter", change: "now" };
  const preview = await api.post("/v1/workspaces/s15/subscription/preview", body);
  const put = await api.put("/v1/workspaces/s15/subscription", body);
  assert.equal(put.status, 200, put.text);
  assert.ok(change.Check(put.body), put.text);
  assert.equal(without(put.text), without(preview.text), "the preview is the act");
  assert.equal(put.at("heldCredits.credits"), "10000");
  const upTo = String(put.at("heldCredits.upTo.amount"));
  const given = -Number(put.at("amount.amount"));
  const id = String(hold.at("id"));
  await api.post(`/v1/workspaces/s15/holds/${id}/release`, {});
  assert.equal((await api.get("/v1/workspaces/s15/balance")).at("available"), "5000");
  const upcoming = await api.get("/v1/workspaces/s15/invoices/upcoming");
  const lines = upcoming.rows("lines").filter(({ kind }) => kind === "used_credits");
  assert.deepEqual(
    lines.map(({ quantity }) => quantity),
    ["10000", "-10000"],
  );
  assert.equal(
    given + Number(upTo),
    15_000,
    "150.00 of 250.00 in all: as if nothing had been held",
  );
  const feed = await api.get("/v1/workspaces/s15/events?after=0.0&limit=100");
  const released = feed.rows("data").find(({ type }) => type === "hold.released");
  assert.deepEqual(released?.["data"], {
    ...Object(released?.["data"]),
    clawedBack: { credits: "10000", amount: { amount: upTo, currency: "USD" } },
  });
});
