/** Every route of the contract is answered, and every answer fits its schema. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type OperationName, ProblemSchema, type Route, routes } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { type CallOptions, type Reply, eventually, startApi } from "./api-server.ts";

const api = await startApi();
const asked = new Set<OperationName>();

/** Calls an operation by its name and checks the answer against the contract. */
async function ask(
  name: OperationName,
  params: Readonly<Record<string, string>> = {},
  options: CallOptions & { readonly query?: string } = {},
): Promise<Reply> {
  const route: Route = routes[name];
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(params[key] ?? ""),
  );
  const reply = await api.call(route.method, path + (options.query ?? ""), options);
  const schema = route.responses[reply.status];
  if (schema === undefined) {
    assert.equal(reply.headers.get("content-type"), "application/problem+json", reply.text);
    assert.ok(Compile(ProblemSchema).Check(reply.body), reply.text);
    assert.equal(reply.body["status"], reply.status);
  } else {
    const [fault] = Compile(schema).Errors(reply.body);
    assert.deepEqual(fault, undefined, `${name}: ${reply.text}`);
  }
  asked.add(name);
  return reply;
}

const acme = { workspace: "acme" };

test("a workspace is created with its defaults, read and changed", async () => {
  const created = await ask(
    "createWorkspace",
    {},
    {
      body: { id: "acme", name: "Acme", timeZone: "Europe/Berlin", currency: "EUR" },
    },
  );
  assert.equal(created.status, 201);
  assert.deepEqual(
    { ...created.body, createdAt: "" },
    {
      id: "acme",
      name: "Acme",
      timeZone: "Europe/Berlin",
      currency: "EUR",
      status: "active",
      overage: { kind: "plan" },
      members: "open",
      guestsMax: 1000,
      overrun: "draw_more_then_debt",
      fairness: { preset: "plan" },
      createdAt: "",
      at: { seq: 1, index: 0 },
    },
  );
  const read = await ask("getWorkspace", acme);
  assert.deepEqual(read.body, created.body);
  const patched = await ask("updateWorkspace", acme, {
    body: { name: "Acme Ltd", overage: { kind: "debt", limit: "500" } },
  });
  assert.equal(patched.body["name"], "Acme Ltd");
  assert.deepEqual(patched.body["overage"], { kind: "debt", limit: "500" });
  assert.equal((await ask("getWorkspace", acme)).body["name"], "Acme Ltd");
});

test("groups and members are registered, listed by id and deactivated", async () => {
  await ask("putGroup", { ...acme, group: "growth" }, { body: { name: "Growth" } });
  assert.equal((await ask("getGroup", { ...acme, group: "growth" })).body["name"], "Growth");
  assert.equal((await ask("getGroup", { ...acme, group: "none" })).status, 404);
  const ana = await ask(
    "putMember",
    { ...acme, member: "ana" },
    {
      body: { kind: "person", name: "Ana", groups: ["growth"] },
    },
  );
  assert.equal(ana.body["home"], "growth");
  await ask("putMember", { ...acme, member: "bot" }, { body: { kind: "agent", sponsor: "ana" } });
  const first = await ask("listMembers", acme, { query: "?limit=1" });
  assert.deepEqual(
    first.rows().map((one) => one["id"]),
    ["ana"],
  );
  const second = await ask("listMembers", acme, {
    query: `?limit=1&cursor=${first.textAt("nextCursor")}`,
  });
  assert.deepEqual(
    second.rows().map((one) => one["id"]),
    ["bot"],
  );
  assert.equal(second.body["nextCursor"], undefined);
  assert.equal((await ask("listGroups", acme)).at("data.0.name"), "Growth");
  await ask("deactivateMember", { ...acme, member: "bot" });
  assert.equal((await ask("getMember", { ...acme, member: "bot" })).body["status"], "inactive");
  assert.equal((await ask("getMember", { ...acme, member: "nobody" })).status, 404);
});

test("how the pool is shared is set, and what an owner says of one member's share", async () => {
  const fairness = { preset: "strict", reserve: 900 };
  const patched = await ask("updateWorkspace", acme, { body: { fairness } });
  assert.deepEqual(patched.body["fairness"], fairness);
  const off = await ask("updateWorkspace", acme, { body: { fairness: { preset: "off" } } });
  assert.deepEqual(off.body["fairness"], { preset: "off" });
  const wrong = { body: { fairness: { preset: "strict", reserve: 1001 } } };
  assert.equal((await ask("updateWorkspace", acme, wrong)).status, 422);
  const ana = { ...acme, member: "ana" };
  const guarantee = await ask("setGuarantee", ana, { body: { credits: "50" } });
  assert.equal(guarantee.body["guarantee"], "50");
  const together = await ask(
    "setGroupGuarantee",
    { ...acme, group: "growth" },
    { body: { credits: "80" } },
  );
  const { at: _at, ...ofGroup } = together.body;
  assert.deepEqual(ofGroup, { group: "growth", guarantee: "80" });
  const none = await ask(
    "setGroupGuarantee",
    { ...acme, group: "none" },
    { body: { credits: "1" } },
  );
  assert.equal(none.at("code"), "unknown_group");
  const reach = await ask("setReach", ana, { body: { reach: 500 } });
  const { at: _, ...terms } = reach.body;
  assert.deepEqual(terms, { member: "ana", guarantee: "50", reach: 500 });
  const nobody = await ask("setReach", { ...acme, member: "nobody" }, { body: { reach: 0 } });
  assert.equal(nobody.at("code"), "unknown_member");
  const standing = await ask("getFairness", acme);
  assert.deepEqual(standing.at("inForce"), "off");
  const replay = await ask("replayFairness", acme, { query: "?period=current" });
  assert.deepEqual(
    replay.rows("policies").map((one) => one["preset"]),
    ["off", "strict", "balanced", "lend_early"],
  );
  assert.equal((await ask("replayFairness", acme, { query: "?period=never" })).status, 422);
  const advice = await ask("getFairnessRecommendation", acme);
  assert.equal(advice.at("code"), "invalid_request", "no period is over");
  const chosen = await ask("applyFairness", acme, { body: { preset: "off", by: "ana" } });
  assert.equal(chosen.body["chosenBy"], "ana");
  assert.equal((await ask("getFairness", acme)).at("chosenBy"), "ana");
  const gift = await ask("createGift", acme, { body: { from: "ana", to: "bot", credits: "1" } });
  assert.equal(gift.at("code"), "fairness_off");
});

test("policies are set, read back as they were said, accepted, listed and removed", async () => {
  const body = {
    scope: { kind: "group", id: "growth" },
    meters: ["chat"],
    models: ["gpt-5*"],
    hours: [{ days: ["mon", "sun"], from: "22:00", to: "06:00" }],
  };
  const text = { version: "1", text: "Be kind." };
  const policy = { ...acme, policy: "rules" };
  const put = await ask("putPolicy", policy, { body: { ...body, text, mustAccept: true } });
  const hash = put.textAt("text.hash");
  const { at: _place, ...told } = put.body;
  const named = { version: "1", hash };
  assert.deepEqual(told, { id: "rules", ...body, text: named, mustAccept: true });
  const { at: _other, ...read } = (await ask("getPolicy", policy)).body;
  assert.deepEqual(read, told);
  const accepted = await ask("acceptPolicy", policy, { body: { member: "ana", version: "1" } });
  assert.equal(accepted.status, 201);
  const [row] = (await ask("listAcceptances", policy)).rows();
  assert.deepEqual([row?.["member"], row?.["text"], row?.["current"]], ["ana", named, true]);
  assert.equal((await ask("getPolicyText", { ...acme, hash })).at("text"), "Be kind.");
  assert.equal((await ask("listPolicies", acme)).rows().length, 1);
  assert.equal((await ask("removePolicy", policy)).at("removed"), true);
  for (const name of ["getPolicy", "listAcceptances", "removePolicy"] as const)
    assert.equal((await ask(name, policy)).at("code"), "unknown_policy");
  const none = { ...acme, hash: "0".repeat(64) };
  assert.equal((await ask("getPolicyText", none)).at("code"), "not_found");
});

test("limits of every kind are set, read back as they were said, listed and removed", async () => {
  const limits = {
    "ana-monthly": {
      scope: { kind: "member", id: "ana" },
      cap: { credits: "2000", window: "month" },
    },
    each: { scope: { kind: "eachMember" }, cap: { credits: null, window: { rolling: "PT5H" } } },
    first: {
      scope: { kind: "workspace" },
      cap: { credits: "9000", window: { onFirstUse: "PT5H" } },
    },
    past: { scope: { kind: "eachMember" }, overage: { credits: "5", window: "month" } },
    share: { scope: { kind: "workspace" }, cap: { percent: "12.5", window: "week" } },
    rate: {
      scope: { kind: "group", id: "growth" },
      rate: { requests: 60, per: "PT1M", burst: 100 },
    },
    spend: {
      scope: { kind: "member", id: "ana" },
      rate: { credits: "1000", per: "PT1M", burst: "3000" },
    },
  };
  for (const [limit, body] of Object.entries(limits)) {
    const { at: _, ...told } = (await ask("putLimit", { ...acme, limit }, { body })).body;
    assert.deepEqual(told, { id: limit, ...body });
  }
  const { at: _, ...read } = (await ask("getLimit", { ...acme, limit: "rate" })).body;
  assert.deepEqual(read, { id: "rate", ...limits.rate });
  assert.equal((await ask("getLimit", { ...acme, limit: "none" })).status, 404);
  assert.equal((await ask("listLimits", acme)).rows().length, 7);
  for (const limit of ["past", "share"]) await ask("removeLimit", { ...acme, limit });
  const removed = await ask("removeLimit", { ...acme, limit: "first" });
  assert.equal(removed.body["removed"], true);
  assert.equal((await ask("removeLimit", { ...acme, limit: "first" })).status, 404);
});

test("alert rules are set, read back as they were said, listed and removed; an alert that nobody raised is not reviewed", async () => {
  const rules = {
    low: {
      watch: { kind: "pool", percents: [50, 100] },
      recipients: [{ id: "ana", quiet: { from: "22:00", until: "07:30" } }, { id: "ben" }],
    },
    growth: { watch: { kind: "group", id: "growth", percents: [80] }, recipients: [{ id: "ben" }] },
    odd: { watch: { kind: "unusual", most: "lower" }, recipients: [{ id: "ana" }] },
  };
  for (const [rule, body] of Object.entries(rules)) {
    const { at: _, ...told } = (await ask("putAlertRule", { ...acme, rule }, { body })).body;
    assert.deepEqual(told, { id: rule, ...body });
  }
  const { at: _, ...read } = (await ask("getAlertRule", { ...acme, rule: "low" })).body;
  assert.deepEqual(read, { id: "low", ...rules.low });
  assert.equal((await ask("getAlertRule", { ...acme, rule: "none" })).status, 404);
  assert.equal((await ask("listAlertRules", acme)).rows().length, 3);
  for (const [pointer, body] of [
    ["/watch/percents", { ...rules.low, watch: { kind: "pool", percents: [50, 50] } }],
    ["/recipients", { ...rules.low, recipients: [] }],
  ] as const) {
    const refused = await ask("putAlertRule", { ...acme, rule: "low" }, { body });
    assert.deepEqual(
      refused.rows("violations").map((one) => one["pointer"]),
      [pointer],
      refused.text,
    );
  }
  for (const rule of Object.keys(rules))
    assert.equal((await ask("removeAlertRule", { ...acme, rule })).body["removed"], true);
  assert.equal((await ask("removeAlertRule", { ...acme, rule: "low" })).status, 404);
  for (const query of ["", "?awaiting=true&limit=1"])
    assert.equal((await ask("listAlerts", acme, { query })).rows().length, 0);
  const reviewed = await ask(
    "reviewAlert",
    { ...acme, alert: "alt_1" },
    { body: { verdict: "fine" } },
  );
  assert.equal(reviewed.body["code"], "unknown_alert");
});

test("many limits are set at once or none is, and an amount is split", async () => {
  const body = {
    limits: [
      { id: "plan:x", scope: { kind: "group", id: "none" }, cap: { credits: "1", window: "day" } },
      { id: "ok", scope: { kind: "workspace" }, cap: { percent: "99.5", window: "day" } },
    ],
    remove: ["ok", "gone"],
  };
  const refused = await ask("putLimits", acme, { body });
  assert.equal(refused.status, 422);
  assert.deepEqual(
    refused.rows("violations").map((one) => one["pointer"]),
    ["/limits/0/id", "/limits/0/scope/id", "/limits/1/id", "/remove/0", "/remove/1"],
  );
  assert.equal((await ask("getLimit", { ...acme, limit: "ok" })).status, 404);
  const split = { name: "fair", among: { kind: "workspace" }, credits: "7", window: "month" };
  const preview = await ask("previewSplit", acme, { body: split });
  assert.deepEqual(preview.at("limits.0.cap"), { credits: "7", window: "month" });
  const done = await ask("splitLimit", acme, { body: split });
  assert.deepEqual(done.body["limits"], preview.body["limits"]);
  const fair = { remove: ["fair:ana"] };
  assert.deepEqual((await ask("putLimits", acme, { body: fair })).body["removed"], fair.remove);
});

test("more is asked for, and given, declined or erased", async () => {
  const weekly = { scope: { kind: "member", id: "ana" }, cap: { credits: "2000", window: "week" } };
  await ask("putLimit", { ...acme, limit: "weekly" }, { body: weekly });
  const body = { member: "ana", limit: "weekly", credits: "5", reason: "Launch week" };
  const made = await ask("askForMore", acme, { body });
  assert.equal(made.status, 201, made.text);
  const request = { ...acme, request: made.textAt("id") };
  assert.equal((await ask("askForMore", acme, { body })).at("code"), "request_open");
  assert.equal((await ask("getRequest", request)).at("reason"), "Launch week");
  const given = await ask("approveRequest", request, { body: { by: "kim", as: "limit" } });
  assert.deepEqual(given.at("approval"), { as: "limit", credits: "2005" });
  const declined = await ask("declineRequest", request, { body: { by: "kim" } });
  assert.equal(declined.at("code"), "request_over");
  assert.equal((await ask("eraseRequestWords", request)).at("reason"), undefined);
  const rows = (await ask("listRequests", acme, { query: "?status=approved&member=ana" })).rows();
  assert.deepEqual(
    rows.map((one) => [one["id"], one["by"], one["reason"]]),
    [[request.request, "kim", undefined]],
  );
  await ask("removeLimit", { ...acme, limit: "weekly" });
});

test("credits are granted, listed, taken back, and told with their money", async () => {
  const granted = await ask("createGrant", acme, {
    body: {
      credits: "1000.5",
      source: "purchase",
      cost: { amount: "100050", currency: "EUR" },
      reference: "order 42",
    },
  });
  const grant = granted.textAt("id");
  assert.match(grant, /^grt_[0-9a-z]{26}$/);
  assert.equal(granted.body["available"], "1000.5");
  await ask("createGrant", acme, {
    body: { credits: "50", source: "promotion", appliesTo: { meters: ["image"] }, priority: 10 },
  });
  const revoked = await ask("revokeGrant", { ...acme, grant }, { body: { credits: "0.5" } });
  assert.equal(revoked.body["available"], "1000");
  assert.equal(revoked.body["revoked"], "0.5");
  assert.equal((await ask("getGrant", { ...acme, grant })).body["revoked"], "0.5");
  assert.equal((await ask("getGrant", { ...acme, grant: "grt_none" })).status, 404);
  const cost = { amount: "100", currency: "EUR" };
  const sale = { credits: "1", source: "purchase", cost, priority: 900 };
  for (const ending of ["createRepayment", "createChargeback", "escheatGrant"] as const) {
    const sold = await ask("createGrant", acme, { body: sale });
    const at = { ...acme, grant: sold.textAt("id") };
    const revised = await ask("putBreakage", at, { body: { breakageBps: 100 } });
    assert.equal(revised.body["breakageBps"], 100);
    const ended = await ask(ending, at, { body: {} });
    assert.ok(ended.status < 300, ended.text);
  }
  const owed = await ask("getCustomerBalance", acme);
  assert.equal(owed.textAt("free.amount"), "0");
  const payout = await ask("createPayout", acme, { body: {} });
  assert.equal(payout.at("code"), "payout_exceeds_balance");
  const page = await ask("listGrants", acme);
  assert.deepEqual(
    page.rows().map((one) => one["credits"]),
    ["1000.5", "50", "1", "1", "1"],
  );
});

test("a hold by estimate is quoted, opened with its rate limits, read, extended and settled by usage", async () => {
  const call = {
    member: "ana",
    meter: "chat",
    model: "gpt-5",
    estimate: { input_text: 100_000, output_text: 10_000 },
    project: "spring",
    attributes: { feature: "draft" },
  };
  const quote = await ask("createQuote", acme, { body: call });
  assert.deepEqual(quote.body, { credits: "22.5", allowed: true });
  const opened = await ask("openHold", acme, { body: call });
  assert.equal(opened.status, 201);
  assert.equal(opened.body["credits"], "22.5");
  assert.match(opened.textAt("rate.card"), /^built-in@[0-9a-f]{16}$/);
  assert.equal(opened.at("rate.row"), "chat/gpt-5");
  assert.match(opened.headers.get("ratelimit-policy") ?? "", /"rate";q=60;w=60/);
  assert.match(opened.headers.get("ratelimit") ?? "", /"rate";r=99;t=1/);
  const hold = opened.textAt("id");
  const read = await ask("getHold", { ...acme, hold });
  assert.equal(read.body["status"], "open");
  assert.equal((await ask("getHold", { ...acme, hold: "hld_none" })).status, 404);
  const extended = await ask(
    "extendHold",
    { ...acme, hold },
    {
      body: { credits: "7.5", ttl: "PT10M" },
    },
  );
  assert.equal(extended.body["credits"], "30");
  const settled = await ask(
    "settleHold",
    { ...acme, hold },
    {
      body: { usage: { input_text: 100_000, output_text: 2_000 } },
      idempotencyKey: null,
    },
  );
  assert.equal(settled.body["charged"], "14.5");
  assert.equal(settled.body["returned"], "15.5");
  const after = await ask("getHold", { ...acme, hold });
  assert.equal(after.body["status"], "settled");
  assert.equal(after.body["charged"], "14.5");
});

test("a hold is released without a key, a debit booked, and both kinds of usage refunded", async () => {
  const opened = await ask("openHold", acme, { body: { member: "ana", credits: "10" } });
  const hold = opened.textAt("id");
  const released = await ask("releaseHold", { ...acme, hold }, { idempotencyKey: null });
  assert.equal(released.body["returned"], "10");
  const debit = await ask("createDebit", acme, {
    body: { member: "ana", meter: "image", usage: { images: 2 } },
  });
  assert.equal(debit.body["charged"], "8");
  const refund = await ask("createRefund", acme, {
    body: { of: debit.body["id"], credits: "3", reason: "blurred" },
  });
  assert.equal(refund.body["credits"], "3");
  assert.equal(refund.at("lots.0.credits"), "3");
  const rest = await ask("createRefund", acme, { body: { of: debit.body["id"] } });
  assert.equal(rest.body["credits"], "5");
  assert.equal(rest.body["refundedInTotal"], "8");
});

test("balance now and in the past, and a member's allowance with what binds it", async () => {
  const now = await ask("getBalance", acme);
  assert.equal(now.body["available"], "985.5");
  assert.deepEqual(now.body["restricted"], { available: "50", held: "0" });
  const created = (await ask("getWorkspace", acme)).textAt("createdAt");
  const past = await ask("getBalance", acme, { query: `?at=${created}` });
  assert.equal(past.body["available"], "0");
  const allowance = await ask("getAllowance", { ...acme, member: "ana" });
  assert.equal(allowance.body["remaining"], "1485.5");
  assert.deepEqual(allowance.at("binding.scope"), { kind: "workspace", id: "acme" });
  const monthly = allowance.rows("limits").find((one) => one["id"] === "ana-monthly");
  assert.equal(monthly?.["used"], "14.5");
  assert.equal(monthly?.["cap"], "2000");
});

test("usage, ledger and events tell the same story", async () => {
  const usage = await eventually(
    () => ask("listUsage", acme),
    (page) => page.rows().length === 2 && page.rows()[1]?.["refunded"] === "8",
  );
  const [held, debited] = usage.rows();
  assert.equal(held?.["credits"], "14.5");
  assert.deepEqual(held?.["attributes"], { feature: "draft" });
  assert.deepEqual(held?.["groups"], ["growth"]);
  assert.equal(debited?.["refunded"], "8");
  const ledger = await ask("listLedger", acme, { query: "?kind=hold.settled" });
  const credits = ledger
    .rows("data.0.postings")
    .filter((one) => one["commodity"] === "CREDIT")
    .map((one) => one["amount"]);
  assert.deepEqual(new Set(credits), new Set(["14.5", "-14.5"]));

  const seen: string[] = [];
  let after = "0.0";
  for (;;) {
    const page = await ask("listEvents", acme, { query: `?limit=7&after=${after}` });
    const data = page.rows();
    if (data.length === 0) break;
    seen.push(...data.map((event) => String(event["type"])));
    after = page.textAt("next");
  }
  const warehouse = { consumer: "warehouse" };
  assert.equal((await ask("putConsumer", warehouse, { body: {} })).status, 200);
  const everywhere = await ask("listConsumerEvents", warehouse, { query: "?limit=100" });
  const through = everywhere.at("next");
  assert.equal((await ask("acknowledgeEvents", warehouse, { body: { through } })).status, 200);
  assert.equal((await ask("removeConsumer", warehouse)).body["removed"], true);
  assert.equal((await ask("removeConsumer", warehouse)).status, 404);
  const waited = await ask("listEvents", acme, { query: `?after=${after}&wait=PT1S` });
  assert.equal(waited.textAt("next"), after);
  const streamed = await ask("streamEvents", acme, { headers: { accept: "application/json" } });
  assert.equal(streamed.rows()[0]?.["type"], "workspace.created");
  assert.equal(seen[0], "workspace.created");
  for (const type of ["credits.granted", "credits.revoked", "hold.opened", "hold.extended"])
    assert.ok(seen.includes(type), type);
  assert.equal(seen.at(-1), "usage.refunded");
});

test("a month that is not over is not closed, and reports are made of what there is", async () => {
  const month = Temporal.Now.plainDateISO("Europe/Berlin").toString().slice(0, 7);
  const refused = await ask("closeMonth", acme, { body: { month } });
  assert.equal(refused.status, 422);
  assert.match(refused.textAt("detail"), /is not over in Europe\/Berlin/);
  const everywhere = await ask("closeBooks", {}, { body: { month: "2025-01" } });
  assert.deepEqual(everywhere.body, {
    month: "2025-01",
    closed: 0,
    closedBefore: 0,
    notBegun: 1,
    refused: [],
  });
  for (const name of [
    "getTrialBalance",
    "getRollForward",
    "getRevenue",
    "getUnbilled",
    "getCreditsOutstanding",
    "getBreakage",
  ] as const) {
    const report = await ask(name, {}, { query: `?month=${month}` });
    assert.equal(report.status, 200, report.text);
    assert.equal(report.body["month"], month);
  }
  const margin = await ask("getMargin", {}, { query: `?month=${month}` });
  assert.equal(margin.status, 200, margin.text);
  assert.equal(margin.body["from"], `${month}-01`);
  const query = `?from=${month}-01&to=${month}-28&by=member`;
  const shared = await ask("getCostAllocation", acme, { query });
  assert.equal(shared.status, 200, shared.text);
  const days = { query: `?from=${month}-01&to=${month}-28` };
  assert.equal((await ask("getPowerUsers", acme, days)).status, 200);
  assert.equal((await ask("getIdleSeats", acme)).at("paid"), 0);
  assert.equal((await ask("getInefficiency", acme, days)).status, 200);
});

test("before a catalog was pushed there is none to read", async () => {
  assert.deepEqual((await ask("listCatalogVersions")).body, { data: [] });
  for (const version of ["current", "1"]) {
    const none = await ask("getCatalogVersion", { version });
    assert.equal(none.status, 404);
    assert.equal(none.body["code"], "unknown_catalog_version");
  }
  assert.equal((await ask("listCatalogVersions", {}, { query: "?cursor=x" })).status, 422);
});

test("a catalog is pushed, once, and all that is wrong with one is told", async () => {
  const content = {
    meters: { chat: { buckets: ["input_text"] } },
    rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "1" } }] } },
  };
  const pushed = await ask("pushCatalog", {}, { body: { content } });
  assert.equal(pushed.status, 200, pushed.text);
  assert.deepEqual([pushed.body["version"], pushed.body["status"]], [1, "upcoming"]);
  const again = await ask("pushCatalog", {}, { body: { content } });
  assert.deepEqual(again.body, { ...pushed.body, unchanged: true });
  const bad = {
    ...content,
    rateCards: { standard: { rows: [{ meter: "paint", perMillion: { input_text: "-1" } }, 7] } },
  };
  const faulty = await ask("pushCatalog", {}, { body: { content: bad } });
  assert.equal(faulty.status, 422);
  assert.deepEqual(
    faulty.rows("violations").map(({ pointer }) => pointer),
    [
      "/content/rateCards/standard/rows/0/perMillion/input_text",
      "/content/rateCards/standard/rows/1",
      "/content/rateCards/standard/rows/0/meter",
    ],
  );
  const both = { input_text: "1", output_text: "0" };
  const other = {
    ...content,
    meters: { chat: { buckets: ["input_text", "output_text"] } },
    rateCards: { standard: { rows: [{ meter: "chat", perMillion: both }] } },
  };
  for (const effectiveAt of ["2020-01-01T00:00:00Z", "tomorrow"]) {
    const refused = await ask("pushCatalog", {}, { body: { content: other, effectiveAt } });
    assert.equal(refused.status, 422, refused.text);
  }
  assert.equal((await ask("pushCatalog", {}, { body: {} })).status, 422);
  const diff = await ask("diffCatalog", {}, { body: { content: other } });
  assert.deepEqual(diff.at("changes.0.details"), [
    "buckets: input_text -> input_text, output_text",
  ]);
  assert.deepEqual(diff.rows("subscriptions"), []);
});

test("without a catalog there is no plan to subscribe to, and no subscription", async () => {
  for (const name of ["putSubscription", "previewSubscription"] as const)
    assert.equal((await ask(name, acme, { body: { plan: "team" } })).at("code"), "unknown_plan");
  assert.equal((await ask("getSubscription", acme)).status, 404);
  assert.equal((await ask("putSeats", acme, { body: { seats: 3 } })).status, 404);
  for (const name of [
    "cancelSubscription",
    "previewCancellation",
    "pauseSubscription",
    "resumeSubscription",
    "previewResumption",
  ] as const)
    assert.equal((await ask(name, acme, { body: {} })).at("code"), "no_subscription");
});

test("without a plan nothing is closed, no feature is open, and there is no seat", async () => {
  assert.deepEqual((await ask("getEntitlements", acme)).at("features"), []);
  const one = await ask("getEntitlement", { ...acme, feature: "sso" });
  assert.equal(one.at("included"), false);
  assert.deepEqual((await ask("listSeats", acme)).rows(), []);
  const ana = { ...acme, member: "ana" };
  assert.equal((await ask("assignSeat", ana)).at("code"), "no_subscription");
  assert.equal((await ask("previewSeat", ana, { body: {} })).at("code"), "no_subscription");
  assert.equal((await ask("releaseSeat", ana)).at("code"), "seat_not_assigned");
});

test("a run is opened, read, listed, raised and closed", async () => {
  const opened = await ask("openRun", acme, {
    body: { id: "r1", member: "ana", limit: "10", deadline: "2100-01-01T00:00:00Z", idle: "P1D" },
  });
  assert.equal(opened.status, 201);
  assert.deepEqual(
    { ...opened.body, openedAt: "", at: "" },
    {
      id: "r1",
      member: "ana",
      status: "open",
      limit: "10",
      maxSameAction: 5,
      deadline: "2100-01-01T00:00:00Z",
      idle: "P1D",
      used: "0",
      remaining: "10",
      steps: 0,
      toolCalls: 0,
      openHolds: 0,
      openRuns: 0,
      openedAt: "",
      at: "",
    },
  );
  const run = { ...acme, run: "r1" };
  assert.equal((await ask("getRun", run)).at("used"), "0");
  assert.equal((await ask("listRuns", acme)).at("data.0.id"), "r1");
  assert.equal((await ask("raiseRun", run, { body: { limit: "20" } })).at("remaining"), "20");
  assert.equal(
    (await ask("raiseRun", run, { body: { limit: "1" } })).at("code"),
    "invalid_request",
  );
  assert.equal((await ask("closeRun", run, { body: {} })).at("status"), "closed");
  assert.equal((await ask("closeRun", run, { body: {} })).at("code"), "run_ended");
  const none = { ...acme, run: "none" };
  assert.equal((await ask("getRun", none)).at("code"), "unknown_run");
});

test("without a plan no outcome is paid for, and there is none to speak of", async () => {
  const about = { customer: "cus_1", topic: "refund" };
  const claim = { type: "resolution", ...about, conversation: "c1" };
  const claimed = await ask("createOutcome", acme, { body: claim });
  assert.equal(claimed.at("code"), "no_subscription");
  const told = await ask("createSignal", acme, { body: { kind: "contact", ...about } });
  assert.equal(told.at("code"), "no_subscription");
  assert.deepEqual((await ask("listOutcomes", acme)).rows(), []);
  const none = { ...acme, outcome: "out_none" };
  assert.equal((await ask("getOutcome", none)).at("code"), "unknown_outcome");
  for (const name of ["reopenOutcome", "confirmOutcome", "disputeOutcome"] as const)
    assert.equal((await ask(name, none, { body: {} })).at("code"), "unknown_outcome");
});

test("usage arrives as events, of one workspace and of any", async () => {
  const event = { specversion: "1.0", id: "1", source: "s", type: "usage.report" };
  const data = { member: "ana", credits: "1" };
  const taken = await ask("takeEvents", acme, { body: { ...event, data } });
  assert.equal(taken.at("results.0.charged"), "1");
  const many = [
    { ...event, data, subject: "acme" },
    { ...event, id: "2" },
  ];
  const ofAll = await ask("takeEventsOfAll", {}, { body: many });
  assert.deepEqual(
    ofAll.rows("results").map((one) => one["status"]),
    ["refused", "refused"],
    "the first says another subject now",
  );
  assert.deepEqual((await ask("takeTraces", {}, { body: { resourceSpans: [] } })).body, {});
  const span = "?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z";
  assert.equal((await ask("getReconciliation", acme, { query: span })).at("observed"), 0);
  const backwards = "?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z";
  assert.equal((await ask("getReconciliation", acme, { query: backwards })).status, 422);
});

test("without a catalog there is no pack to buy, and nothing is bought by itself", async () => {
  const eur = { amount: "50000", currency: "EUR" };
  const rule = { enabled: true, pack: "small", threshold: "1", target: "2", monthlyCeiling: eur };
  const bought = await ask("createTopUp", acme, { body: { pack: "small" } });
  assert.equal(bought.at("code"), "unknown_pack");
  assert.equal((await ask("putTopUpRule", acme, { body: rule })).at("code"), "unknown_pack");
  assert.equal((await ask("getTopUpRule", acme)).at("code"), "no_top_up_rule");
  assert.deepEqual((await ask("listTopUps", acme)).rows(), []);
  const none = { ...acme, topUp: "top_none" };
  assert.equal((await ask("getTopUp", none)).at("code"), "unknown_top_up");
  const paid = await ask("markTopUpPaid", none, { body: { payment: "pay_1" } });
  assert.equal(paid.at("code"), "unknown_top_up");
  const failed = await ask("markTopUpFailed", none, { body: { reason: "none came" } });
  assert.equal(failed.at("code"), "unknown_top_up");
});

test("without a subscription there is no invoice; what they will be made with can be said", async () => {
  assert.deepEqual((await ask("listInvoices", acme)).body, { data: [] });
  const upcoming = await ask("getUpcomingInvoice", acme);
  assert.deepEqual(upcoming.at("total"), { amount: "0", currency: "EUR" });
  assert.equal((await ask("invoiceNow", acme)).at("code"), "nothing_to_invoice");
  const none = { ...acme, invoice: "inv_none" };
  assert.equal((await ask("getInvoice", none)).at("code"), "unknown_invoice");
  const note = await ask("getCreditNote", { ...none, creditNote: "crn_none" });
  assert.equal(note.at("code"), "unknown_invoice");
  for (const [name, body] of [
    ["finalizeInvoice", {}],
    ["payInvoice", { payment: "p" }],
    ["voidInvoice", {}],
    ["writeOffInvoice", {}],
    ["creditInvoice", { amount: { amount: "1", currency: "EUR" } }],
  ] as const)
    assert.equal((await ask(name, none, { body })).at("code"), "unknown_invoice", name);
  assert.deepEqual((await ask("getBillingProfile", acme)).body, { termsDays: 30 });
  const profile = { customer: { name: "Acme GmbH" }, termsDays: 14, purchaseOrder: "PO 7" };
  assert.deepEqual((await ask("putBillingProfile", acme, { body: profile })).body, profile);
  const erased = await ask("eraseBillingCustomer", acme);
  assert.deepEqual(erased.body, { termsDays: 14, purchaseOrder: "PO 7" });
  assert.equal((await ask("getIssuer")).at("invoicePrefix"), "INV-");
  const issuer = await ask("putIssuer", {}, { body: { name: "Vendor Ltd" } });
  assert.deepEqual(issuer.body, {
    name: "Vendor Ltd",
    invoicePrefix: "INV-",
    creditNotePrefix: "CN-",
  });
});

test("keys are made, shown once, listed without their secret, and revoked", async () => {
  const body = { name: "backend", scopes: ["usage:write"], workspace: "acme" };
  const made = await ask("createKey", {}, { body, idempotencyKey: "key-1" });
  assert.match(made.textAt("key"), /^cst_[0-9A-Za-z]{40}$/);
  const again = await ask("createKey", {}, { body, idempotencyKey: "key-1" });
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.body["key"], undefined);
  assert.equal(again.body["id"], made.body["id"]);
  const listed = await ask("listKeys");
  assert.ok(!listed.text.includes(made.textAt("key")));
  assert.equal(listed.rows().length, 2);
  const revoked = await ask("revokeKey", { key: made.textAt("id") });
  assert.ok(revoked.body["revokedAt"]);
  assert.equal((await ask("revokeKey", { key: "key_none" })).status, 404);
});

test("a batch and the state of the service", async () => {
  const batch = await ask(
    "runBatch",
    {},
    {
      body: {
        operations: [
          {
            method: "POST",
            path: "/v1/workspaces/acme/holds",
            idempotencyKey: "b1",
            body: { member: "ana", credits: "1" },
          },
        ],
      },
    },
  );
  assert.equal(batch.at("results.0.status"), 201);
  assert.equal((await ask("livez", {}, { apiKey: null })).status, 200);
  assert.equal((await ask("readyz", {}, { apiKey: null })).status, 200);
});

test("webhooks are set, read, tested, rotated, replayed, enabled and removed", async () => {
  const crm = { webhook: "crm" };
  // A port of this machine is refused without the development flag, and TEST-NET is nobody's.
  const made = await ask("putWebhook", crm, {
    body: { url: "https://receiver.invalid/in", types: ["hold.*"], description: "CRM" },
  });
  assert.equal(made.status, 201);
  assert.match(made.textAt("secret"), /^whsec_/);
  const again = await ask("putWebhook", crm, { body: { url: "https://receiver.invalid/in" } });
  assert.deepEqual(
    [again.status, again.body["secret"], again.body["types"]],
    [200, undefined, undefined],
  );
  assert.equal((await ask("listWebhooks")).at("data.0.id"), "crm");
  assert.equal((await ask("getWebhook", crm)).body["status"], "active");
  assert.equal((await ask("getWebhook", { webhook: "none" })).at("code"), "unknown_webhook");
  const tested = await ask("testWebhook", crm);
  assert.equal(tested.body["taken"], false);
  const rotated = await ask("rotateWebhook", crm, { body: { overlap: "PT1H" } });
  assert.notEqual(rotated.textAt("secret"), made.textAt("secret"));
  assert.equal((await ask("listWebhookAttempts", crm)).rows().length, 0);
  const since = "2026-01-01T00:00:00Z";
  const replay = await ask("replayWebhook", crm, { body: { since, workspace: "acme" } });
  assert.equal(replay.status, 200);
  assert.equal((await ask("enableWebhook", crm)).body["status"], "active");
  assert.equal((await ask("removeWebhook", crm)).body["removed"], true);
  assert.equal((await ask("removeWebhook", crm)).status, 404);
});

test("no route of the contract was left out", () => {
  const names = Object.keys(routes);
  assert.deepEqual([...asked].toSorted(), names.toSorted());
});
