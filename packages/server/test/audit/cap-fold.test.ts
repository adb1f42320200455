import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Count,
  type Event,
  type HoldOpened,
  type LimitRule,
  credits,
  instant,
} from "@cistern/kernel";
import {
  agent,
  approve,
  askFor,
  cap,
  createWorkspace,
  debtUpTo,
  extend,
  grant,
  group,
  limit,
  member,
  open,
  percent,
} from "../../../kernel/test/scenario/commands.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const owedOf = (amount: number): LimitRule => ({
  kind: "overage",
  credits: credits(BigInt(amount)),
  window: { kind: "calendar", unit: "day" },
});

/** Every cap is used up to its last credit at least once. */
const life = lived([
  [1_000, createWorkspace({ currency: "USD", overage: debtUpTo(100) })],
  [1_000, grant("grt_a", 100)],
  [1_000, group("red")],
  [1_000, member("ana", { groups: ["red"] })],
  [1_000, agent("bot", "ana")],
  [1_000, limit("c", "eachMember", cap(10, "day"))],
  [1_000, limit("lately", "group red", cap(20, { kind: "rolling", durationMs: 60_000 }))],
  [1_000, limit("first", "member bot", cap(3, { kind: "onFirstUse", durationMs: 5_000 }))],
  [1_000, limit("half", "workspace", percent(5_000, "day"))],
  [1_000, limit("owed", "eachMember", owedOf(7))],
  [1_001, open("nothing", 0, { member: "bot" })],
  [1_001, open("plain", 7)],
  [1_001, open("bot", 2, { member: "bot" })],
  [1_001, extend("bot", 1)],
  [1_002, askFor("r1")],
  [1_003, approve("r1", "period")],
  [1_004, open("raised", 5)],
  [1_005, askFor("r2")],
  [1_006, approve("r2", "once", { credits: 3 })],
  [1_007, open("lent", 3)],
  [1_008, askFor("r3")],
  [1_009, approve("r3", "limit", { credits: 15 })],
  [1_010, open("standing", 2)],
  [1_011, limit("c", "eachMember", cap(1_000, "day"))],
  [1_012, limit("lately", "group red", cap(1_000, { kind: "rolling", durationMs: 60_000 }))],
  [1_013, open("most", 30, { member: "eve" })],
  [1_014, limit("half", "workspace", cap(null, "day"))],
  [1_015, open("owing", 57, { member: "eve" })],
]);

const ruleOf = (change: (event: Event) => Event): string => auditOf(life.map(change))?.rule ?? "";

/** The life with one hold's event changed. */
const opened = (hold: string, change: (event: HoldOpened) => Partial<HoldOpened>): string =>
  ruleOf((event) =>
    event.kind === "hold.opened" && event.hold === hold ? { ...event, ...change(event) } : event,
  );

/** The life with the first rule of one limit changed. */
function ruled(id: string, rule: LimitRule): string {
  let isFirst = true;
  return ruleOf((event) => {
    if (event.kind !== "limit.updated" || event.limit.id !== id || !isFirst) return event;
    isFirst = false;
    return { ...event, limit: { ...event.limit, rule } };
  });
}

/** The life with less given by one request. */
const given = (request: string, amount: bigint): string =>
  ruleOf((event) => {
    if (event.kind !== "credit_request.approved" || event.request.id !== request) return event;
    const { end } = event.request;
    const { raise } = event;
    assert(end?.kind === "approved" && raise !== undefined && raise.kind !== "once");
    const less = credits(amount);
    const approval = { ...end.approval, credits: less };
    return {
      ...event,
      request: { ...event.request, end: { ...end, approval } },
      raise: { ...raise, credits: less },
    };
  });

const counted = (limitId: string, change: (count: Count) => readonly Count[]) => ({
  counts: (event: HoldOpened) => ({
    counts: event.counts.flatMap((one) => (one.limit === limitId ? change(one) : [one])),
  }),
});

const above = /^V26 an approval stays below/;

test("a life that uses up caps of every kind, and what was raised, is without fault", () => {
  assert.equal(auditOf(life), undefined);
});

test("an approval above a cap of its path is found, whatever kind of cap it is", () => {
  assert.match(ruled("c", cap(9, "day")), above);
  assert.match(ruled("lately", cap(19, { kind: "rolling", durationMs: 60_000 })), above);
  assert.match(ruled("first", cap(2, { kind: "onFirstUse", durationMs: 5_000 })), above);
  assert.match(ruled("half", percent(4_999, "day")), above);
});

test("an approval above what a request for more was given is found", () => {
  assert.match(given("r1", 4n), above);
  assert.match(given("r3", 14n), above);
  assert.match(
    opened("lent", ({ counts }) => ({ counts: counts.map((count) => ({ ...count, lent: [] })) })),
    above,
  );
});

test("more past the pool than a ceiling allows is found", () => {
  assert.match(ruled("owed", owedOf(6)), above);
});

test("an approval that a cap of its path does not count, or another one does, is found", () => {
  const uncounted = (hold: string, id: string) => opened(hold, counted(id, () => []).counts);
  assert.match(uncounted("plain", "lately"), /^V25 an approval counts at every cap/);
  assert.match(uncounted("bot", "c"), /^V25 an approval counts at every cap/);
  assert.match(uncounted("bot", "first"), /^V25 an approval counts at every cap/);
  assert.match(
    opened("owing", () => ({ pastPool: [] })),
    /^V25 an approval counts at every cap/,
  );
  const elsewhere = counted("c", (one) => [one, { ...one, limit: "other", counter: "other@1.0" }]);
  assert.match(opened("plain", elsewhere.counts), /^V25 .* of its path alone/);
});

test("an approval that counts in another window than the open one is found", () => {
  const moved = (hold: string, id: string, part: Partial<Count>) =>
    opened(hold, counted(id, (one) => [{ ...one, ...part }]).counts);
  const rule = /^V25 (an approval counts in|a window lasts)/;
  assert.match(moved("raised", "c", { start: instant(1_002) }), rule);
  assert.match(moved("raised", "c", { start: instant(1_005) }), rule);
  assert.match(moved("raised", "c", { counter: "c@9.0|ana" }), rule);
  assert.match(moved("raised", "lately", { end: instant(1_005) }), rule);
  assert.match(moved("bot", "first", { end: instant(1_002) }), rule);
});
