/** The rule that buys by itself: when, how much, and when it stops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, credits, instant, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { at } from "../calendar.ts";
import { runs, seed } from "../oracle/life.ts";
import { type Life, ofKind } from "../subscriptions/life.ts";
import {
  available,
  declined,
  grant,
  pack,
  request,
  rule,
  ruleOf,
  stocked,
  succeeded,
  told,
  topUpsOf,
  use,
  waiting,
} from "./buying.ts";

const start = "2026-11-01T00:00Z";
const atMinute = (minute: number): string => `2026-11-01T00:${String(minute).padStart(2, "0")}Z`;
const soon = "2026-11-01T00:59Z";

/** Fails what waits, at a time. */
const failAt = (life: Life, when: string) =>
  life.run(told(waiting(life)?.id ?? "", null, declined), when);

test("one millisecond after a crossing one request is there, of whole packs up to the target", () => {
  const life = stocked(5_000n);
  life.run(rule());
  assert.deepEqual(life.pass(atMinute(1)), [], "nothing is missing");
  life.run(use(3_000n), atMinute(1));
  assert.deepEqual(life.pass(atMinute(2)), [], "at the threshold nothing is missing");
  life.run(use(1n), atMinute(2));
  const [asked] = ofKind(life.pass(soon), "top_up.requested");
  assert.equal(asked?.at, at(atMinute(2)) + 1);
  // 1,999 and 2 x 10,000 reach 12,000; one pack would not.
  assert.equal(asked?.topUp.quantity, 2);
  assert.equal(asked?.topUp.amount, 20_000n);
  assert.equal(asked?.topUp.id, "top_series000001");
  assert.deepEqual(life.pass(soon), [], "and no second one");
  life.check();
});

test("a burst of calls that cross together asks once, at one instant and after it", () => {
  const life = stocked(3_000n);
  life.run(rule());
  for (let call = 0; call < 20; call += 1) life.run(use(100n), atMinute(1));
  assert.equal(topUpsOf(life).length, 0, "all that happens at one instant has happened first");
  for (let call = 0; call < 5; call += 1) life.run(use(100n), atMinute(2));
  assert.equal(topUpsOf(life).length, 1);
  assert.equal(topUpsOf(life)[0]?.quantity, 2, "sized by what was there when it was asked");
  life.check();
});

test("one request is the fewest packs that reach the target with what is there and pending, within the month's ceiling", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  const small = (max: bigint) => fc.bigInt({ min: 1n, max });
  const scene = fc.record({
    each: small(900n),
    bonus: fc.bigInt({ min: 0n, max: 90n }),
    threshold: small(5_000n),
    more: small(9_000n),
    stock: small(9_000n),
    pending: fc.bigInt({ min: 0n, max: 9n }),
    packsInMonth: small(40n),
  });
  fc.assert(
    fc.property(scene, ({ each, bonus, threshold, more, stock, pending, packsInMonth }) => {
      const sold = pack({ credits: credits(each), bonus: credits(bonus), price: money(700n) });
      const life = stocked(stock);
      if (pending > 0n) life.run(request("by_hand", sold, Number(pending)));
      const target = threshold + more;
      life.run(
        rule({
          pack: sold,
          threshold: credits(threshold),
          target: credits(target),
          monthlyCeiling: money(packsInMonth * 700n + 699n),
        }),
      );
      const asked = ofKind(life.pass(soon), "top_up.requested");
      const there = stock + pending * (each + bonus);
      const missing = there < threshold ? target - there : 0n;
      const wanted = (missing + each + bonus - 1n) / (each + bonus);
      const expected = wanted < packsInMonth ? wanted : packsInMonth;
      assert.deepEqual(
        asked.map(({ topUp }) => [BigInt(topUp.quantity), topUp.amount]),
        expected === 0n ? [] : [[expected, expected * 700n]],
        "one sized charge, or none",
      );
    }),
    { seed, numRuns: runs(200) },
  );
});

test("what somebody else has asked for counts as there", () => {
  const life = stocked(1_000n);
  life.run(request("a"));
  life.run(rule());
  assert.deepEqual(life.pass(atMinute(1)), []);
  life.run(told("a", null, declined), atMinute(1));
  assert.equal(
    ofKind(life.pass(soon), "top_up.requested").length,
    1,
    "and no longer when it failed",
  );
});

test("debt is what is missing too", () => {
  const life = stocked(0n);
  life.run({
    kind: "updateWorkspace",
    changes: { overage: { kind: "debt", limit: credits(9_000n) } },
  });
  life.run(use(9_000n));
  life.run(rule());
  const [asked] = ofKind(life.pass(soon), "top_up.requested");
  assert.equal(asked?.topUp.quantity, 3, "12,000 and the 9,000 that are owed");
});

test("credits that expire without anybody calling are missed when they do", () => {
  const life = stocked(0n);
  const grt = grant("grt_1", 5_000n);
  assert(grt.kind === "grant");
  life.run({ ...grt, expiresAt: instant(at(start) + 600_000) });
  life.run(rule());
  assert.deepEqual(
    life.pass(soon).map(({ kind, at: when }) => [kind, when - at(start)]),
    [
      ["credits.expired", 600_000],
      ["top_up.requested", 600_001],
    ],
  );
});

test("it never asks for more in a month than the ceiling leaves, and goes on when the next month begins, in the workspace's zone", () => {
  const life = stocked(1_000n, "2026-11-10T12:00+01:00", "Europe/Berlin");
  const now = "2026-11-10T12:00+01:00";
  life.run(rule({ target: credits(40_000n), monthlyCeiling: money(35_000n) }), now);
  life.pass("2026-11-10T13:00+01:00");
  assert.equal(waiting(life)?.quantity, 3, "four would reach the target and cost 400.00");
  life.run(told(waiting(life)?.id ?? "", "pay_1", succeeded()), "2026-11-10T13:00+01:00");
  assert.deepEqual(ruleOf(life).month, {
    start: at("2026-11-01T00:00+01:00"),
    end: at("2026-12-01T00:00+01:00"),
    spent: 30_000n,
  });
  life.run(use(30_000n), "2026-11-11T12:00+01:00");
  assert.deepEqual(life.pass("2026-11-30T23:59+01:00"), [], "50.00 are left, a pack costs 100.00");
  const [asked] = ofKind(life.pass("2026-12-02T00:00+01:00"), "top_up.requested");
  assert.equal(asked?.at, at("2026-12-01T00:00+01:00"));
  assert.equal(asked?.topUp.quantity, 3);
  life.check();
});

test("what waits over the end of a month counts in the month that grants it", () => {
  const life = stocked(1_000n, "2026-11-30T23:00Z");
  life.run(rule({ monthlyCeiling: money(20_000n) }), "2026-11-30T23:00Z");
  life.pass("2026-11-30T23:30Z");
  life.run(told(waiting(life)?.id ?? "", "pay_1", succeeded()), "2026-12-01T01:00Z");
  assert.equal(ruleOf(life).month?.start, at("2026-12-01T00:00Z"));
  life.run(use(20_000n), "2026-12-01T02:00Z");
  assert.deepEqual(life.pass("2026-12-31T23:00Z"), []);
  assert.equal(ofKind(life.pass("2027-01-01T00:00Z"), "top_up.requested").length, 1);
});

test("after a failure it waits an hour, then six, and after the third in a row it is off, with a notice", () => {
  const life = stocked(0n);
  life.run(rule());
  life.pass(atMinute(1));
  failAt(life, "2026-11-01T01:00Z");
  assert.deepEqual(life.passed("2026-11-01T07:59Z"), ["2026-11-01T02:00 top_up.requested"]);
  failAt(life, "2026-11-01T08:00Z");
  assert.deepEqual(life.passed("2026-11-01T23:00Z"), ["2026-11-01T14:00 top_up.requested"]);
  failAt(life, "2026-11-02T00:00Z");
  const [notice] = ofKind(
    life.journal.rows.map(({ event }) => event),
    "top_up.rule_disabled",
  );
  assert.deepEqual(notice, {
    kind: "top_up.rule_disabled",
    at: at("2026-11-02T00:00Z"),
    topUp: "top_series000003",
    failures: 3,
    detail: "card expired",
  });
  assert.deepEqual(life.passed("2027-11-02T00:00Z"), [], "off");
  life.run(rule(), "2027-11-02T00:00Z");
  assert.equal(life.passed("2027-11-02T01:00Z").length, 1, "whoever puts the rule arms it again");
  life.check();
});

test("a payment that comes through arms the rule again", () => {
  const life = stocked(0n);
  life.run(rule());
  for (const when of ["2026-11-01T01:00Z", "2026-11-01T09:00Z", "2026-11-02T01:00Z"]) {
    life.pass(when);
    failAt(life, when);
  }
  assert.deepEqual(life.passed("2026-11-03T00:00Z"), []);
  life.run(request("a", { credits: credits(100n) }), "2026-11-03T00:00Z");
  life.run(told("a", "pay_1", succeeded()), "2026-11-03T00:00Z");
  assert.equal(ruleOf(life).failures, 0);
  assert.equal(ofKind(life.pass("2026-11-03T01:00Z"), "top_up.requested").length, 1);
  assert.equal(available(life), 100n);
});

test("failures of what somebody asked for are not the rule's", () => {
  const life = stocked(50_000n);
  life.run(rule());
  for (const id of ["a", "b", "c"]) {
    life.run(request(id));
    life.run(told(id, null, declined));
  }
  assert.equal(ruleOf(life).failures, 0);
});

test("a rule that is not enabled, and a workspace that is suspended, buy nothing", () => {
  const off = stocked(0n);
  off.run(rule({ isEnabled: false }));
  assert.deepEqual(off.pass(soon), []);
  const suspended = stocked(0n);
  suspended.run({ kind: "updateWorkspace", changes: { status: "suspended" } });
  suspended.run(rule());
  assert.deepEqual(suspended.pass(soon), []);
  suspended.run({ kind: "updateWorkspace", changes: { status: "active" } }, soon);
  assert.equal(suspended.pass("2026-11-01T02:00Z").length, 1);
});

test("another rule keeps what the month has cost, and what waits", () => {
  const life = stocked(0n);
  life.run(rule({ monthlyCeiling: money(20_000n) }));
  life.pass(atMinute(1));
  life.run(rule({ pack: pack({ name: "other" }), monthlyCeiling: money(20_000n) }), atMinute(2));
  assert.deepEqual(life.pass(atMinute(3)), [], "one request at a time, whatever the rule");
  life.run(told(waiting(life)?.id ?? "", "pay_1", succeeded()), atMinute(4));
  life.run(use(20_000n), atMinute(5));
  assert.deepEqual(life.pass(soon), [], "200.00 are spent");
  assert.equal(ruleOf(life).month?.spent, 20_000n);
  life.check();
});

test("credits of somebody's own do not count: they serve nobody else", () => {
  const life = stocked(0n);
  const own = grant("grt_own", 90_000n);
  assert(own.kind === "grant");
  const restricted: Command = { ...own, appliesTo: { members: ["ana"] } };
  life.run(restricted);
  life.run(rule());
  assert.equal(life.pass(soon).length, 1);
});
