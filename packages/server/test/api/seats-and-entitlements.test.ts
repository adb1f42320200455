/** What a plan opens and who has its seats, over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EntitlementSchema,
  EntitlementsSchema,
  SeatPageSchema,
  SeatReleasedSchema,
  SeatSchema,
} from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { type Reply, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const row = (price: string) => ({ meter: "chat", perUnit: { input_text: price } });
const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text"] }, image: { buckets: ["images"] } },
  rateCards: {
    standard: { rows: [row("1"), { meter: "image", perUnit: { images: "5" } }] },
    gold: { rows: [row("2"), { meter: "image", perUnit: { images: "5" } }] },
  },
  plans: {
    open: { currency: "USD" },
    chatty: {
      currency: "USD",
      rateCard: "gold",
      features: ["sso", "audit.log"],
      meters: ["chat"],
      models: ["small", "gpt-5*"],
      usage: { chat: { kind: "graduated", tiers: [{ upTo: 100, price: "0" }, { price: "0.01" }] } },
      spendCap: "9.00",
    },
    seated: { currency: "USD", seats: { fee: "20.00", required: true } },
    growing: { currency: "USD", seats: { fee: "20.00", autoAdd: true } },
  },
});

const fits = (schema: TSchema, reply: Reply): void => {
  const [fault] = Compile(schema).Errors(reply.body);
  assert.equal(fault, undefined, reply.text);
};

async function on(workspace: string, plan: string, seats?: number): Promise<string> {
  await workspaceWith(api, workspace, "1000");
  const path = `/v1/workspaces/${workspace}`;
  const body = seats === undefined ? { plan } : { plan, seats };
  const put = await api.put(`${path}/subscription`, body);
  assert.equal(put.status, 200, put.text);
  return path;
}

test("a plan goes by its own rate card, in holds and in quotes, refused ones too", async () => {
  const [standard, gold] = [await on("e1", "open"), await on("e2", "chatty")];
  const call = { member: "ana", meter: "chat", model: "small", estimate: { input_text: 3 } };
  for (const [path, credits] of [
    [standard, "3"],
    [gold, "6"],
  ] as const) {
    assert.equal((await api.post(`${path}/holds`, call)).at("credits"), credits);
    assert.equal((await api.post(`${path}/quotes`, call)).at("credits"), credits);
  }
  const large = { ...call, estimate: { input_text: 100_000 } };
  const refused = await api.post(`${gold}/quotes`, large);
  assert.equal(refused.at("allowed"), false, refused.text);
  assert.equal(refused.at("credits"), "200000");
});

test("what the plan does not include is refused before it is priced, and a debit is not", async () => {
  const path = await on("e3", "chatty");
  const rows = [
    [{ meter: "image", estimate: { images: 1 } }, "image"],
    [{ meter: "chat", model: "claude", estimate: { input_text: 1 } }, "claude"],
  ] as const;
  for (const [call, named] of rows) {
    const refused = await api.post(`${path}/holds`, { member: "ana", ...call });
    assert.equal(refused.status, 402, refused.text);
    assert.equal(refused.at("code"), "feature_not_in_plan");
    assert.match(refused.textAt("detail"), new RegExp(`plan chatty .* ${named}\\.`));
  }
  const debit = { member: "ana", meter: "image", usage: { images: 1 } };
  assert.equal((await api.post(`${path}/debits`, debit)).status, 201);
});

test("entitlements tell what is open and used, and of one feature whether it is", async () => {
  const path = await on("e4", "chatty");
  await api.post(`${path}/debits`, { member: "ana", meter: "chat", credits: "1040" });
  const told = await api.get(`${path}/entitlements`);
  fits(EntitlementsSchema, told);
  assert.deepEqual(told.at("features"), ["sso", "audit.log"]);
  assert.deepEqual(told.at("meters"), ["chat"]);
  const [{ resetsAt, ...free } = {}] = told.rows("allowances");
  assert.deepEqual(free, {
    meter: "chat",
    included: "100",
    used: "40",
    held: "0",
    left: "60",
    past: "0",
    beyond: "bill",
  });
  assert.equal(resetsAt, (await api.get(`${path}/subscription`)).at("period.end"));
  assert.deepEqual(told.at("spend"), {
    cap: { amount: "900", currency: "USD" },
    billed: { amount: "0", currency: "USD" },
  });
  for (const [feature, included] of [
    ["sso", true],
    ["audit.log", true],
    ["scim", false],
    ["chat", true],
    ["image", false],
    ["small", true],
    ["gpt-5-mini", true],
    ["claude", false],
  ] as const) {
    const one = await api.get(`${path}/entitlements/${feature}`);
    fits(EntitlementSchema, one);
    assert.deepEqual([one.at("included"), one.at("plan")], [included, "chatty"]);
  }
  for (const [meter, model, isOpen] of [
    ["chat", "gpt-5-mini", true],
    ["image", "small", false],
    ["chat", "claude", false],
  ] as const) {
    const bucket = meter === "chat" ? "input_text" : "images";
    const estimate = { [bucket]: 1 };
    const hold = await api.post(`${path}/holds`, { member: "ana", meter, model, estimate });
    assert.equal(hold.at("code") !== "feature_not_in_plan", isOpen, hold.text);
  }
  // A name may be of two kinds, and a row for any model prices every name.
  for (const [name, kind, included] of [
    ["sso", "feature", true],
    ["sso", "meter", false],
    ["sso", "model", false],
    ["chat", "feature", false],
    ["chat", "meter", true],
    ["image", "meter", false],
    ["gpt-5-mini", "model", true],
    ["claude", "model", false],
  ] as const) {
    const one = await api.get(`${path}/entitlements/${name}?kind=${kind}`);
    assert.equal(one.at("included"), included, `${kind} ${name}`);
  }
  assert.equal((await api.get(`${path}/entitlements/sso?kind=plan`)).status, 422);
  await workspaceWith(api, "e5", "10");
  const bare = await api.get("/v1/workspaces/e5/entitlements");
  fits(EntitlementsSchema, bare);
  assert.equal(bare.at("plan"), undefined);
  assert.equal((await api.get("/v1/workspaces/e5/entitlements/sso")).at("included"), false);
  assert.equal((await api.get("/v1/workspaces/e5/entitlements/image")).at("included"), true);
  const unnamed = "/v1/workspaces/e5/entitlements/claude";
  assert.equal((await api.get(unnamed)).at("included"), false);
  assert.equal((await api.get(`${unnamed}?kind=model`)).at("included"), true, "as a hold does");
  const call = { member: "ana", meter: "chat", model: "claude", estimate: { input_text: 1 } };
  assert.equal((await api.post("/v1/workspaces/e5/holds", call)).status, 201);
  assert.equal((await api.get("/v1/workspaces/none/entitlements")).status, 404);
});

test("a seat is given, listed and taken back, and without one nothing is held", async () => {
  const path = await on("s1", "seated", 2);
  await api.put(`${path}/members/ana`, {});
  await api.put(`${path}/members/bot`, { kind: "agent", sponsor: "ana" });
  const hold = (member: string) => api.post(`${path}/holds`, { member, credits: "1" });
  const refused = await hold("bot");
  assert.deepEqual([refused.status, refused.at("code")], [403, "seat_required"]);
  const allowance = await api.get(`${path}/members/ana/allowance`);
  assert.deepEqual([allowance.at("remaining"), allowance.at("binding.reason")], ["0", "status"]);
  const given = await api.call("PUT", `${path}/seats/ana`);
  fits(SeatSchema, given);
  assert.equal(given.at("assigned"), 1);
  assert.equal((await hold("bot")).status, 201);
  const listed = await api.get(`${path}/seats`);
  fits(SeatPageSchema, listed);
  assert.deepEqual([listed.at("paid"), listed.at("assigned")], [2, 1]);
  assert.equal(listed.rows()[0]?.["member"], "ana");
  assert.deepEqual((await api.get(`${path}/entitlements`)).at("seats"), { paid: 2, assigned: 1 });
  assert.equal((await api.put(`${path}/seats`, { seats: 1 })).status, 200);
  const taken = await api.call("DELETE", `${path}/seats/ana`);
  fits(SeatReleasedSchema, taken);
  assert.equal((await hold("ana")).at("code"), "seat_required");
  assert.equal((await api.call("DELETE", `${path}/seats/ana`)).at("code"), "seat_not_assigned");
  const feed = await api.get(`${path}/events?after=0.0`);
  const types = feed.rows().map(({ type }) => type);
  assert.ok(types.includes("seat.assigned") && types.includes("seat.released"), feed.text);
});

test("ten at once ask for the last seat: one has it, nine are told that there is none", async () => {
  const path = await on("s2", "seated", 3);
  const members = Array.from({ length: 12 }, (_, index) => `m${index}`);
  for (const member of members) await api.put(`${path}/members/${member}`, {});
  for (const member of members.slice(0, 2))
    assert.equal((await api.call("PUT", `${path}/seats/${member}`)).status, 200);
  const replies = await Promise.all(
    members.slice(2).map((member) => api.call("PUT", `${path}/seats/${member}`)),
  );
  assert.deepEqual(
    replies.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, ...Array.from({ length: 9 }, () => 409)],
  );
  for (const one of replies)
    if (one.status === 409) assert.equal(one.at("code"), "seats_exhausted", one.text);
  assert.equal((await api.get(`${path}/seats`)).at("assigned"), 3);
  const fewer = await api.put(`${path}/seats`, { seats: 2 });
  assert.deepEqual([fewer.status, fewer.at("code")], [409, "seats_assigned"]);
});

test("ten at once on a plan that adds seats: each has one, each is charged for, once", async () => {
  const path = await on("s3", "growing", 1);
  const members = Array.from({ length: 10 }, (_, index) => `m${index}`);
  for (const member of members) await api.put(`${path}/members/${member}`, {});
  const replies = await Promise.all(
    members.map((member) => api.call("PUT", `${path}/seats/${member}`)),
  );
  for (const one of replies) {
    assert.equal(one.status, 200, one.text);
    fits(SeatSchema, one);
  }
  assert.equal(replies.filter((one) => one.at("change") !== undefined).length, 9);
  const listed = await api.get(`${path}/seats`);
  assert.deepEqual([listed.at("paid"), listed.at("assigned")], [10, 10]);
});
