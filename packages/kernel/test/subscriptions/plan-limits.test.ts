/** Limits that come with a plan: they hold beside the workspace's own, and change with the plan alone (docs/decisions/0031). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Command,
  type Limit,
  type LimitScope,
  type Plan,
  type Rejection,
  allowance,
  entitlements,
  instant,
  planLimitId,
} from "@cistern/kernel";
import { at, calendar } from "../calendar.ts";
import { cap, debit, grant, group, limit, member, open, rate } from "../scenario/commands.ts";
import { Life, atEnd, change, fee, included, start } from "./life.ts";

const each: LimitScope = { kind: "eachMember" };
const whole: LimitScope = { kind: "workspace" };

const capped = (name: string, scope: LimitScope, credits: number, window = "month"): Limit => ({
  id: planLimitId(name),
  scope,
  rule: cap(credits, window === "day" ? "day" : "month"),
});

const team = (limits: readonly Limit[], terms: Partial<Plan> = {}): Partial<Plan> => ({
  base: fee(1_000n),
  included: included(1_000_000n, null),
  limits,
  ...terms,
});

function begun(plan: Partial<Plan>, ...commands: readonly Command[]): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run(group("prod"));
  life.run(member("bot", { groups: ["prod"] }));
  life.run(member("ana"));
  life.run(member("ben"));
  life.run(start(plan));
  for (const command of commands) life.run(command);
  return life;
}

let serial = 0;
const use = (credits: number, who = "ana"): Command =>
  debit(`dbt_${(serial += 1)}`, credits, { member: who });
const ask = (credits: number, who = "ana"): Command =>
  open(`hld_${(serial += 1)}`, credits, { member: who });

function refusedBy(life: Life, command: Command, when: string): string {
  return limitOf(life.refused(command, when));
}

function limitOf(rejection: Rejection): string {
  assert(rejection.code === "limit_reached", JSON.stringify(rejection.code));
  return `${rejection.scope.limit ?? ""} of ${rejection.scope.id}: ${rejection.available}`;
}

suite("limits of a plan", () => {
  test("a hold past a plan's cap is refused, and the refusal names it", () => {
    const life = begun(team([capped("each", each, 100), capped("all", whole, 150)]));
    life.run(use(80), "2026-01-02T00:00Z");
    assert.equal(refusedBy(life, ask(30), "2026-01-02T00:00Z"), "plan:each of ana: 20");
    life.run(use(60, "ben"), "2026-01-02T00:00Z");
    assert.equal(refusedBy(life, ask(20, "ben"), "2026-01-02T00:00Z"), "plan:all of acme: 10");
    // The calendar's month is over.
    life.run(ask(90), "2026-02-02T00:00Z");
  });

  test("limits of groups, rates, and a member that has one of its own in the plan", () => {
    const life = begun(
      team([
        capped("bots", { kind: "group", id: "prod" }, 50),
        capped("each", each, 10),
        capped("ben", { kind: "member", id: "ben" }, 30),
        {
          id: planLimitId("pace"),
          scope: whole,
          rule: rate("requests", { quantity: 9, perMs: 60_000, burst: 2 }),
        },
      ]),
    );
    life.run(use(30, "ben"), "2026-01-02T00:00Z");
    assert.equal(refusedBy(life, ask(1, "ben"), "2026-01-02T00:10Z"), "plan:ben of ben: 0");
    assert.equal(refusedBy(life, ask(11, "ana"), "2026-01-02T00:10Z"), "plan:each of ana: 10");
    life.run(ask(1), "2026-01-02T00:20Z");
    life.run(ask(1), "2026-01-02T00:20Z");
    const fast = life.refused(ask(1), "2026-01-02T00:20Z");
    assert.equal(fast.code === "rate_limited" ? fast.scope.limit : fast.code, "plan:pace");
  });

  test("N3 the workspace's own limits hold beside them, and lift none of them", () => {
    const life = begun(
      team([capped("each", each, 100)]),
      limit("ana", "member ana", cap(1_000, "month")),
      limit("ben", "member ben", cap(null, "month")),
      limit("each", "eachMember", cap(50, "month")),
    );
    // Her own replaces the workspace's `each`, not the plan's.
    life.run(use(90), "2026-01-02T00:00Z");
    assert.equal(refusedBy(life, ask(20), "2026-01-02T00:00Z"), "plan:each of ana: 10");
    assert.equal(refusedBy(life, ask(101, "ben"), "2026-01-02T00:00Z"), "plan:each of ben: 100");
    // The tightest wins: who has nothing of its own has the workspace's.
    assert.equal(refusedBy(life, ask(60, "bot"), "2026-01-02T00:00Z"), "each of bot: 50");
    const { binding } =
      allowance(life.journal.state, "ana", instant(at("2026-01-02T00:00Z")), calendar) ?? {};
    assert.equal(binding?.scope.limit, "plan:each");
  });

  test("ids of plans are taken: neither set nor removed by the workspace", () => {
    const life = begun(team([capped("each", each, 100)]));
    const code = "limit_of_plan";
    const put = limit("plan:each", "eachMember", cap(1_000, "month"));
    const remove: Command = { kind: "removeLimit", limit: "plan:each" };
    for (const command of [put, remove, limit("plan:other", "eachMember", cap(1, "month"))])
      assert.equal(life.refused(command, "2026-01-02T00:00Z").code, code);
  });

  test("a change now changes them at once, and use of the same limit goes on", () => {
    const life = begun(team([capped("each", each, 100), capped("daily", each, 95, "day")]));
    life.run(use(90), "2026-01-02T00:00Z");
    const bigger = team([capped("each", each, 300)], { base: fee(3_000n), version: "team@2" });
    life.run(change({ plan: bigger, when: "now" }), "2026-01-02T01:00Z");
    assert.equal(refusedBy(life, ask(211), "2026-01-02T01:00Z"), "plan:each of ana: 210");
    life.run(use(210), "2026-01-02T01:00Z");
    assert.deepEqual(
      entitlements(life.journal.state, instant(at("2026-01-02T01:00Z"))).limits.map(({ id }) => id),
      ["plan:each"],
    );
  });

  test("N2 another window, or node, counts from nothing", () => {
    const life = begun(team([capped("each", each, 100)]));
    life.run(use(90), "2026-01-02T00:00Z");
    const daily = team([capped("each", each, 50, "day")], { version: "team@2" });
    life.run(change({ plan: daily, when: "now" }), "2026-01-02T01:00Z");
    assert.equal(life.journal.state.limits.counters.size, 0, "of the old one nothing is left");
    life.run(use(50), "2026-01-02T01:00Z");
    assert.equal(refusedBy(life, ask(1), "2026-01-02T01:00Z"), "plan:each of ana: 0");
  });

  test("a change at the period's end changes them then", () => {
    const life = begun(team([capped("each", each, 100)]));
    const smaller = team([capped("each", each, 40)], { base: fee(500n), version: "team@2" });
    life.run(change({ plan: smaller, when: "period_end" }), "2026-01-02T00:00Z");
    life.run(ask(90), "2026-01-31T23:00Z");
    assert.equal(refusedBy(life, ask(41), "2026-02-01T00:00Z"), "plan:each of ana: 40");
  });

  test("a trial has them; a pause keeps them, with what they counted; an end frees", () => {
    const life = begun(team([capped("each", each, 100, "day")], { trialDays: 3 }));
    life.run(grant("grt_1", 1_000));
    assert.equal(refusedBy(life, ask(101), "2026-01-02T00:00Z"), "plan:each of ana: 100");
    life.run(atEnd("pause"), "2026-01-05T00:00Z");
    life.run(use(30), "2026-02-04T01:00Z");
    assert.equal(life.journal.state.subscriptions.live.row?.status, "paused");
    assert.equal(refusedBy(life, ask(71), "2026-02-04T01:00Z"), "plan:each of ana: 70");
    life.run(atEnd("renew"), "2026-02-04T02:00Z");
    assert.equal(refusedBy(life, ask(71), "2026-02-04T02:00Z"), "plan:each of ana: 70");
    life.run({ kind: "cancelSubscription" }, "2026-02-04T03:00Z");
    life.run(use(500), "2026-02-04T03:00Z");
    assert.equal(life.journal.state.limits.limits.size, 0);
    assert.equal(life.journal.state.limits.counters.size, 0);
  });

  test("a seat, a month's revenue and a renewal leave what was counted", () => {
    const life = begun(team([capped("each", each, 100)], { cadence: { unit: "day", count: 7 } }));
    life.run(use(90), "2026-01-02T00:00Z");
    assert.equal(refusedBy(life, ask(11), "2026-01-30T00:00Z"), "plan:each of ana: 10");
  });
});
