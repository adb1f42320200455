/** How refusals are told: each of the kernel's codes, each fault of ours, and the headers that go with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Problem, ProblemSchema, problems } from "@cistern/contract";
import { type Rejection, type RejectionCode, credits, instant, money } from "@cistern/kernel";
import { Compile } from "typebox/compile";
import { faultRefusal } from "../../src/api/problems/fault-problem.ts";
import { rejectionRefusal } from "../../src/api/problems/rejection-problem.ts";
import { DatabaseFault } from "../../src/database/index.ts";
import { EngineFault, type EngineFaultCode } from "../../src/engine/index.ts";
import { startApi, workspaceWith } from "./api-server.ts";

const at = instant(1_795_000_000_000);
const later = instant(1_795_000_030_500);
const scope = { kind: "member", id: "ana", limit: "ana-daily" } as const;
const shortage = {
  scope,
  requested: credits(75_000_000n),
  available: credits(50_000_000n),
  missing: credits(25_000_000n),
  retryAt: later,
};
const shareShortage = {
  ...shortage,
  member: "ana",
  maxNow: credits(50_000_000n),
  poolLeft: credits(90_000_000n),
  reservedForOthers: credits(40_000_000n),
  others: 3,
  openToYou: credits(50_000_000n),
  share: credits(60_000_000n),
  used: credits(10_000_000n),
  limit: credits(5_000_000n),
  potLeft: credits(20_000_000n),
  renewsAt: later,
};
const unitShortage = {
  plan: "team",
  meter: "api",
  bucket: "calls",
  requested: 4n,
  available: 3n,
  held: 2n,
};
const rule = { kind: "rate", unit: "requests", quantity: 60n, perMs: 60_000, burst: 100n } as const;

/** One of each; a new code does not compile without a row. */
const rejections: {
  readonly [Code in RejectionCode]: Extract<Rejection, { readonly code: Code }>;
} = {
  unknown_workspace: { code: "unknown_workspace" },
  workspace_exists: { code: "workspace_exists", workspace: "acme" },
  workspace_suspended: { code: "workspace_suspended" },
  member_inactive: { code: "member_inactive", member: "ana" },
  unknown_member: { code: "unknown_member", member: "ana", reason: "too_many_guests" },
  seat_required: { code: "seat_required", member: "ana", plan: "team" },
  feature_not_in_plan: { code: "feature_not_in_plan", plan: "team", kind: "model", feature: "o3" },
  policy_not_accepted: {
    code: "policy_not_accepted",
    policy: "rules",
    text: { version: "2", hash: "5e".repeat(32) },
    member: "ana",
    last: "1",
  },
  not_allowed: {
    code: "not_allowed",
    policy: "office",
    scope: { kind: "group", id: "growth" },
    forbids: {
      kind: "hours",
      timeZone: "Europe/Berlin",
      allowed: [{ days: [1, 5], fromMinute: 480, toMinute: 1_440 }],
    },
    retryAt: later,
  },
  unknown_policy: { code: "unknown_policy", policy: "none" },
  policy_text_differs: { code: "policy_text_differs", policy: "rules", version: "1", stands: "2" },
  seats_exhausted: { code: "seats_exhausted", paid: 3, assigned: 3 },
  seats_assigned: { code: "seats_assigned", asked: 2, assigned: 3 },
  seat_not_assigned: { code: "seat_not_assigned", member: "ana" },
  unknown_run: { code: "unknown_run", run: "r1" },
  run_of_another: { code: "run_of_another", run: "r1", member: "ben" },
  run_ended: { code: "run_ended", run: "r1", status: "expired" },
  run_paused: { code: "run_paused", run: "r1", bound: "maxSteps" },
  run_deadline_passed: { code: "run_deadline_passed", run: "r1", deadline: at },
  run_limit_reached: {
    code: "run_limit_reached",
    run: "r1",
    bound: "maxToolCalls",
    requested: 1n,
    available: 0n,
    used: 150n,
    most: 150n,
  },
  runaway_loop: { code: "runaway_loop", run: "r1", action: "ls", times: 5 },
  run_exists: { code: "run_exists", run: "r1" },
  too_many_runs: { code: "too_many_runs", open: 10_000 },
  unknown_meter: { code: "unknown_meter", meter: "smell" },
  unknown_model: { code: "unknown_model", meter: "chat", model: "gpt-0" },
  rate_limited: { code: "rate_limited", scope, rule, requested: 1n, remaining: 0n, retryAt: later },
  limit_reached: {
    code: "limit_reached",
    ...shortage,
    cap: credits(500_000_000n),
    used: credits(450_000_000n),
  },
  unknown_request: { code: "unknown_request", request: "crq_1" },
  request_open: { code: "request_open", request: "crq_1", member: "ana", limit: "each" },
  request_over: { code: "request_over", request: "crq_1", status: "expired" },
  request_outdated: { code: "request_outdated", request: "crq_1", limit: "each" },
  not_an_owner: { code: "not_an_owner", member: "ben", owners: ["ana"] },
  not_an_approver: { code: "not_an_approver", request: "crq_1", by: "ben" },
  allowance_held: { code: "allowance_held", ...unitShortage, retryAt: later },
  allowance_exhausted: {
    code: "allowance_exhausted",
    ...unitShortage,
    included: 10n,
    used: 5n,
    resetsAt: later,
  },
  never_this_period: { code: "never_this_period", ...shareShortage, retryAt: null },
  reserved_for_others: { code: "reserved_for_others", ...shareShortage },
  borrow_limit: { code: "borrow_limit", ...shareShortage },
  fairness_off: { code: "fairness_off" },
  gift_exceeds_reserve: { code: "gift_exceeds_reserve", member: "ana", reserved: credits(1n) },
  credits_held: { code: "credits_held", ...shortage },
  spend_cap_reached: {
    code: "spend_cap_reached",
    workspace: "acme",
    currency: "USD",
    cap: money(300n),
    billed: money(120n),
    asked: money(210n),
    resetsAt: later,
  },
  pool_exhausted: { code: "pool_exhausted", ...shortage },
  unknown_group: { code: "unknown_group", group: "g" },
  unknown_alert_rule: { code: "unknown_alert_rule", rule: "r" },
  unknown_alert: { code: "unknown_alert", alert: "alt_1" },
  unknown_limit: { code: "unknown_limit", limit: "l" },
  limit_of_plan: { code: "limit_of_plan", limit: "plan:l" },
  unknown_grant: { code: "unknown_grant", grant: "grt_x" },
  unknown_hold: { code: "unknown_hold", hold: "hld_x" },
  hold_already_settled: { code: "hold_already_settled", hold: "hld_x" },
  hold_released: { code: "hold_released", hold: "hld_x" },
  hold_expired: { code: "hold_expired", hold: "hld_x", expiredAt: at },
  refund_exceeds_charge: { code: "refund_exceeds_charge", of: "hld_x", left: credits(1n) },
  grant_over: { code: "grant_over", grant: "grt_x", phase: "revoked" },
  repayment_exceeds_payment: {
    code: "repayment_exceeds_payment",
    grant: "grt_x",
    left: money(1n),
  },
  revoke_exceeds_grant: { code: "revoke_exceeds_grant", grant: "grt_x", left: credits(1n) },
  unknown_invoice: { code: "unknown_invoice", invoice: "inv_x" },
  invoice_status: { code: "invoice_status", invoice: "inv_x", status: "paid" },
  payment_known: { code: "payment_known", payment: "pay_x", invoice: "inv_x" },
  unknown_top_up: { code: "unknown_top_up", topUp: "top_x" },
  top_up_status: { code: "top_up_status", topUp: "top_x", status: "succeeded", payment: "pay_x" },
  pack_not_in_plan: { code: "pack_not_in_plan", pack: "small", plan: "team" },
  nothing_to_invoice: { code: "nothing_to_invoice" },
  payment_exceeds_due: { code: "payment_exceeds_due", invoice: "inv_x", due: money(1n) },
  payout_exceeds_balance: {
    code: "payout_exceeds_balance",
    asked: money(2n),
    free: money(1n),
    waiting: money(0n),
  },
  credit_exceeds_invoice: { code: "credit_exceeds_invoice", invoice: "inv_x", left: money(1n) },
  outcome_not_in_plan: { code: "outcome_not_in_plan", type: "resolution", plan: "team" },
  unknown_outcome: { code: "unknown_outcome", outcome: "out_x" },
  outcome_disputed: { code: "outcome_disputed", outcome: "out_x" },
  outcome_not_disputed: { code: "outcome_not_disputed", outcome: "out_x" },
  no_subscription: { code: "no_subscription" },
  period_closed: {
    code: "period_closed",
    month: "2026-10",
    openFrom: instant(1_793_487_600_000),
    asked: instant(1_793_000_000_000),
  },
  currency_mismatch: { code: "currency_mismatch", given: "USD", expected: "EUR" },
  invalid_request: {
    code: "invalid_request",
    field: "ttl",
    reason: "A hold lives at most 24 hours.",
  },
};

for (const rejection of Object.values(rejections))
  test(`${rejection.code} is told as a problem with its fact, its place and its page`, () => {
    const refusal = rejectionRefusal(rejection, {
      workspaceId: "acme",
      decidedAt: at,
      at: { seq: 7, index: 3 },
      asker: "The hold",
    });
    const { problem } = refusal;
    assert.ok(Compile(ProblemSchema).Check(problem), JSON.stringify(problem));
    // What a run has too little of is a limit as any other.
    const told = rejection.code === "run_limit_reached" ? "limit_reached" : rejection.code;
    assert.equal(problem.code, told);
    assert.equal(problem.status, problems[told].status);
    assert.equal(problem.docs, `/problems/${told}`);
    assert.deepEqual(problem.at, { seq: 7, index: 3 });
    assert.match(problem.detail, /\.$/);
    const isAskedBack = ["rate_limited", "credits_held", "allowance_held"].includes(rejection.code);
    assert.equal(refusal.retryAfter !== undefined, isAskedBack, "Retry-After");
    if (rejection.code === "rate_limited")
      assert.equal(refusal.retryAfter, 31, "whole seconds, rounded up");
    if (rejection.code === "credits_held")
      assert.equal(refusal.retryAfter, 5, "calls in flight end before they expire");
  });

test("a refusal for fairness shows its numbers, the earliest time, the most that passes now, and what may be done", () => {
  const told = (rejection: Rejection) =>
    rejectionRefusal(rejection, {
      workspaceId: "acme",
      decidedAt: at,
      at: { seq: 7, index: 3 },
      asker: "The hold",
    }).problem;
  const reserved = told(rejections.reserved_for_others);
  assert.equal(
    reserved.detail,
    "The hold asks for 75 credits. The pool has 90 left, of which 40 are reserved for 3 others and 50 are open to ana. What they leave unused fades to the team until 2026-11-18T11:07:10.500Z. Ask for at most 50 now. An owner can give you reserved credits of another member (ask with POST /v1/workspaces/acme/requests), or top up the pool. The same call passes at 2026-11-18T11:07:10.500Z at the earliest, if nobody else spends. All is shared anew at 2026-11-18T11:07:10.500Z.",
  );
  assert.equal(reserved.maxNow, "50");
  assert.equal(reserved.figures?.openToYou, "50");
  const kinds = (problem: Problem) => problem.next?.map(({ kind }) => kind);
  assert.deepEqual(kinds(reserved), ["ask_for_less", "wait", "ask_owner_for_gift", "top_up"]);
  assert.match(
    told(rejections.borrow_limit).detail,
    /used 10 of a fair share of 60\. Above the share it may have 5 in all now, with 20 in the team pot/,
  );
  const never = told(rejections.never_this_period);
  assert.equal(never.retryAt, undefined);
  assert.deepEqual(kinds(never), ["ask_for_less", "ask_owner_for_gift", "top_up"]);
});

const faults: readonly (readonly [EngineFaultCode, string, boolean])[] = [
  ["overloaded", "overloaded", true],
  ["stopping", "enforcement_unavailable", true],
  ["unavailable", "enforcement_unavailable", true],
  ["outcome_unknown", "enforcement_unavailable", true],
  ["workspace_stopped", "enforcement_unavailable", true],
];
for (const [code, told, asksBack] of faults)
  test(`a fault ${code} is told as ${told}, with Retry-After`, () => {
    const refusal = faultRefusal(new EngineFault(code, { workspaceId: "acme", message: "secret" }));
    assert.equal(refusal.problem.code, told);
    assert.equal(refusal.problem.status, 503);
    assert.equal(refusal.retryAfter !== undefined, asksBack);
    assert.ok(!JSON.stringify(refusal).includes("secret"));
  });

test("a database that is away is 503, one that refuses a statement is 500, and neither tells its words", () => {
  const away = faultRefusal(new DatabaseFault("unavailable", "10.0.0.7 is down"));
  assert.deepEqual([away.problem.status, away.retryAfter], [503, 1]);
  const broken = faultRefusal(new DatabaseFault("statement_failed", 'column "x" does not exist'));
  assert.deepEqual([broken.problem.status, broken.retryAfter], [500, undefined]);
  for (const one of [away, broken]) assert.doesNotMatch(JSON.stringify(one), /10\.0\.0\.7|column/);
});

const api = await startApi();
await workspaceWith(api, "acme", "1000");

test("a rate answers what is left, and past it 429 with when to come back", async () => {
  await api.put("/v1/workspaces/acme/limits/slow", {
    scope: { kind: "member", id: "ana" },
    rate: { requests: 2, per: "PT1H" },
  });
  const hold = { member: "ana", credits: "1" };
  const first = await api.post("/v1/workspaces/acme/holds", hold);
  assert.equal(first.headers.get("ratelimit-policy"), '"slow";q=2;w=3600');
  assert.equal(first.headers.get("ratelimit"), '"slow";r=1;t=1800');
  await api.post("/v1/workspaces/acme/holds", hold, { idempotencyKey: "second" });
  const refused = await api.post("/v1/workspaces/acme/holds", hold);
  assert.equal(refused.status, 429);
  assert.equal(refused.body["unit"], "requests");
  assert.deepEqual(refused.body["scope"], { kind: "member", id: "ana", limit: "slow" });
  const retryAfter = Number(refused.headers.get("retry-after"));
  assert.ok(retryAfter > 1790 && retryAfter <= 1800, `${retryAfter}`);
  assert.match(refused.headers.get("ratelimit") ?? "", /^"slow";r=0;t=1[78]\d\d$/);
  const replayed = await api.post("/v1/workspaces/acme/holds", hold, { idempotencyKey: "second" });
  assert.equal(replayed.headers.get("ratelimit"), '"slow";r=0;t=3600');
});

test("who is suspended or deactivated opens nothing, and what is open may end", async () => {
  const path = "/v1/workspaces/acme";
  const hold = async () =>
    `${path}/holds/${(await api.post(`${path}/holds`, { member: "bob", credits: "10" })).textAt("id")}`;
  const [one, other] = [await hold(), await hold()];
  await api.put(`${path}/members/bob`, {});
  await api.call("DELETE", `${path}/members/bob`);
  const inactive = await api.post(`${path}/holds`, { member: "bob", credits: "1" });
  assert.equal(inactive.body["code"], "member_inactive");
  await api.call("PATCH", path, { body: { status: "suspended" } });
  const suspended = await api.post(`${path}/holds`, { member: "ana", credits: "1" });
  assert.equal(suspended.body["code"], "workspace_suspended");
  assert.equal(
    (await api.post(`${one}/extend`, { ttl: "PT9M" })).body["code"],
    "workspace_suspended",
  );
  assert.equal((await api.post(`${one}/settle`, { credits: "3" })).status, 200);
  assert.equal((await api.post(`${other}/release`, {})).status, 200);
  assert.equal((await api.post(`${path}/debits`, { member: "bob", credits: "1" })).status, 201);
  const allowance = await api.get(`${path}/members/ana/allowance`);
  assert.equal(allowance.at("binding.reason"), "status");
  await api.call("PATCH", path, { body: { status: "active" } });
});

test("a workspace of known members refuses strangers, and says how to let them in", async () => {
  await workspaceWith(api, "closed", "10", { members: "known" });
  const refused = await api.post("/v1/workspaces/closed/holds", { member: "eve", credits: "1" });
  assert.equal(refused.status, 403);
  assert.equal(refused.body["code"], "unknown_member");
  assert.match(refused.textAt("detail"), /PUT \/v1\/workspaces\/closed\/members\/eve/);
});

test("debt is lent up to its limit, and the next grant pays it", async () => {
  await workspaceWith(api, "lent", "10", { overage: { kind: "debt", limit: "5" } });
  const path = "/v1/workspaces/lent";
  const hold = await api.post(`${path}/holds`, { member: "ana", credits: "15" });
  assert.equal(hold.body["overage"], "5");
  const settled = await api.post(`${path}/holds/${hold.textAt("id")}/settle`, { credits: "14" });
  assert.equal(settled.body["debt"], "4");
  const grant = await api.post(`${path}/grants`, { credits: "10", source: "purchase" });
  assert.deepEqual([grant.body["available"], grant.body["consumed"]], ["6", "4"]);
  const again = await api.get(`${path}/balance`);
  assert.deepEqual([again.body["available"], again.body["debt"]], ["6", "0"]);
});
