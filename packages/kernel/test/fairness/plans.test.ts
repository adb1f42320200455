/** How plans share: by which preset, over which time, and who weighs by a seat (RULES 18, 29, 30, 32). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type MemberShare, type Plan, instant, memberShare } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { agent, debit, grant, hour, member, open, settle, update } from "../scenario/commands.ts";
import { Life, change, included, put, seatsAt, start } from "../subscriptions/life.ts";

const team: Partial<Plan> = { included: included(900n, 900n) };
const seated: Partial<Plan> = {
  seats: seatsAt(100n, { minimum: 2 }),
  included: included(300n, 300n, { per: "seat" }),
};

function shareOf(life: Life, id: string, when: string): MemberShare | undefined {
  life.journal.pass(at(when));
  return memberShare(life.journal.state, id, instant(at(when)));
}
const numbers = (share: MemberShare | undefined): readonly [number, number, number] => [
  Number(share?.share),
  Number(share?.used),
  Number(share?.reserved),
];

function begun(terms: Partial<Plan>, ...ids: readonly string[]): Life {
  const life = new Life("2026-03-01T00:00Z");
  life.run(start(terms, terms.seats === undefined ? 0 : 3));
  for (const id of ids) life.run(member(id));
  return life;
}

test("a plan that says nothing shares by balanced, over its period; one says off, and a workspace's own setting wins", () => {
  const life = begun(team, "ana", "ben");
  const share = shareOf(life, "ana", "2026-03-01T00:00Z");
  assert.deepEqual(share?.knobs, { reserve: 700, reach: 1_000 });
  assert.deepEqual([share?.period.end, share?.share], [at("2026-04-01T00:00Z"), 450n]);
  life.run(update({ fairness: { preset: "strict", reach: 500 } }));
  assert.deepEqual(shareOf(life, "ana", "2026-03-01T00:00Z")?.knobs, {
    reserve: 1_000,
    reach: 500,
  });
  life.run(update({ fairness: { preset: "off" } }));
  assert.equal(shareOf(life, "ana", "2026-03-01T00:00Z"), undefined);
  assert.equal(
    shareOf(begun({ ...team, fairness: "off" }, "ana"), "ana", "2026-03-01T00:00Z"),
    undefined,
  );
});

test("a renewal shares anew; what is held over its edge stays outside, and what returns of it comes to the pot", () => {
  const life = begun(
    {
      included: included(900n, 900n, {
        rollover: { shareBps: 10_000, amountMax: null, balanceMax: null, periods: 1 },
      }),
    },
    "ana",
    "ben",
  );
  life.run(open("hld_1", 200, { ttlMs: 20 * hour }), "2026-03-31T12:00Z");
  assert.deepEqual(numbers(shareOf(life, "ana", "2026-04-01T00:00Z")), [800, 0, 560]);
  life.run(open("hld_2", 10), "2026-04-01T01:00Z");
  const pot = shareOf(life, "ben", "2026-04-01T01:00Z")?.potLeft;
  life.run(settle("hld_1", 50), "2026-04-01T01:00Z");
  assert.deepEqual(numbers(shareOf(life, "ana", "2026-04-01T01:00Z")).slice(0, 2), [800, 10]);
  assert.equal(shareOf(life, "ben", "2026-04-01T01:00Z")?.potLeft, (pot ?? 0n) + 150n);
});

test("credits that come more often than the fee are shared over their own time", () => {
  const yearly = {
    cadence: { unit: "year", count: 1 },
    included: included(900n, 900n, { every: { unit: "month", count: 1 } }),
  } as const;
  const life = begun(yearly, "ana", "ben");
  assert.equal(shareOf(life, "ana", "2026-03-05T00:00Z")?.period.end, at("2026-04-01T00:00Z"));
  life.run(debit("dbt_1", 100), "2026-03-06T00:00Z");
  assert.deepEqual(numbers(shareOf(life, "ana", "2026-04-02T00:00Z")).slice(0, 2), [450, 0]);
});

test("in a plan with seats who has one weighs one, and all others sit with the guests", () => {
  const life = begun(seated, "ana", "ben", "eva");
  for (const id of ["ana", "ben"]) life.run({ kind: "assignSeat", member: id });
  life.run(agent("bot", "ana"));
  const when = "2026-03-01T00:00Z";
  const seats = ["ana", "bot", "ben", "eva", "who"].map((id) => shareOf(life, id, when)?.seat);
  assert.deepEqual(seats, ["own:ana", "member:bot", "member:ben", "guests", "guests"]);
  assert.deepEqual(numbers(shareOf(life, "eva", when)), [300, 0, 210]);
});

test("credits that are bought with a seat are reserved for who has it", () => {
  const life = begun(seated, "ana", "ben", "eva");
  for (const id of ["ana", "ben"]) life.run({ kind: "assignSeat", member: id });
  life.run(debit("dbt_1", 10), "2026-03-10T00:00Z");
  const before = numbers(shareOf(life, "ben", "2026-03-16T12:00Z"));
  life.run(change({ seats: 4, when: "now" }), "2026-03-16T12:00Z");
  const pot = shareOf(life, "ben", "2026-03-16T12:00Z")?.potLeft ?? 0n;
  life.run({ kind: "assignSeat", member: "eva" }, "2026-03-16T12:00Z");
  const [share, , reserved] = numbers(shareOf(life, "eva", "2026-03-16T12:00Z"));
  assert.deepEqual([share, reserved], [150 + Math.floor((Number(pot) - 150) / 4), share]);
  assert.deepEqual(numbers(shareOf(life, "ben", "2026-03-16T12:00Z")), before);
});

test("of seats that were added together each brings its part", () => {
  const life = begun(seated, "ana", "ben", "eva", "ida");
  for (const id of ["ana", "ben"]) life.run({ kind: "assignSeat", member: id });
  life.run(change({ plan: { ...seated, fairness: "strict" }, when: "now" }));
  for (const id of ["ana", "ben"]) life.run(debit(`dbt_${id}`, 450, { member: id }));
  life.run(change({ seats: 5, when: "now" }));
  const when = "2026-03-01T00:00Z";
  const shares = ["eva", "ida"].map((id) => {
    life.run({ kind: "assignSeat", member: id });
    return numbers(shareOf(life, id, when));
  });
  assert.deepEqual(shares, [
    [300, 0, 300],
    [300, 0, 300],
  ]);
});

test("guests who come in mid-period have a part of what does not wait for seats that were added", () => {
  const life = begun(seated, "ana", "ben", "eva");
  for (const id of ["ana", "ben"]) life.run({ kind: "assignSeat", member: id });
  // Eva has no seat: she sits with the guests, who have nothing more to share once all have spent.
  life.run({ kind: "deactivateMember", member: "eva" });
  life.run(change({ plan: { ...seated, fairness: "strict" }, when: "now" }));
  for (const id of ["ana", "ben"]) life.run(debit(`dbt_${id}`, 450, { member: id }));
  life.run(change({ seats: 5, when: "now" }));
  const when = "2026-03-01T00:00Z";
  assert.deepEqual(numbers(shareOf(life, "who", when)), [0, 0, 0]);
  life.run(debit("dbt_who", 0, { member: "who" }));
  assert.deepEqual(numbers(shareOf(life, "who", when)), [0, 0, 0]);
  life.run(member("ida"));
  life.run({ kind: "assignSeat", member: "ida" });
  assert.deepEqual(numbers(shareOf(life, "ida", when)), [300, 0, 300]);
});

test("who gives its seat up has nothing reserved, and spends with the guests", () => {
  const life = begun(seated, "ana", "ben");
  for (const id of ["ana", "ben"]) life.run({ kind: "assignSeat", member: id });
  life.run(debit("dbt_1", 10), "2026-03-10T00:00Z");
  life.run({ kind: "releaseSeat", member: "ben" }, "2026-03-11T00:00Z");
  assert.equal(shareOf(life, "ben", "2026-03-11T00:00Z")?.seat, "guests");
  life.run({ kind: "assignSeat", member: "ben" }, "2026-03-12T00:00Z");
  assert.deepEqual(numbers(shareOf(life, "ben", "2026-03-12T00:00Z")), [450, 0, 0]);
});

test("what outlasts the period comes in as a top-up, and what does not to the pot", () => {
  const life = begun(team, "ana", "ben");
  life.run(debit("dbt_1", 10), "2026-03-02T00:00Z");
  const [share] = numbers(shareOf(life, "ana", "2026-03-02T00:00Z"));
  life.run(grant("grt_soon", 100, { until: at("2026-03-20T00:00Z") }), "2026-03-02T00:00Z");
  assert.equal(numbers(shareOf(life, "ana", "2026-03-02T00:00Z"))[0], share);
  life.run(grant("grt_last", 100), "2026-03-02T00:00Z");
  assert.equal(numbers(shareOf(life, "ana", "2026-03-02T00:00Z"))[0], share + 50);
});

test("a plan that ends leaves a pool that is first come, first served, unless the workspace says otherwise", () => {
  const life = begun(team, "ana", "ben");
  life.run(grant("grt_last", 100));
  life.run({ kind: "cancelSubscription" }, "2026-03-10T00:00Z");
  assert.equal(shareOf(life, "ana", "2026-03-10T00:00Z"), undefined);
  const own = begun(team, "ana", "ben");
  own.run(update({ fairness: { preset: "strict" } }));
  own.run(grant("grt_last", 100));
  own.run({ kind: "setPeriodEnd", atEnd: "end" }, "2026-03-10T00:00Z");
  assert.equal(shareOf(own, "ana", "2026-04-02T00:00Z")?.share, 50n);
});

test("another plan with another preset shares anew over what is left of the period", () => {
  const life = begun(team, "ana", "ben");
  life.run(debit("dbt_1", 100), "2026-03-16T00:00Z");
  life.run(
    put({
      plan: { ...lives(life), name: "wide", version: "wide@1", fairness: "lend_early" },
      when: "now",
    }),
    "2026-03-16T00:00Z",
  );
  const share = shareOf(life, "ana", "2026-03-16T00:00Z");
  assert.deepEqual(share?.knobs, { reserve: 500, reach: 2_000 });
  assert.deepEqual([share?.used, share?.period.end], [0n, at("2026-04-01T00:00Z")]);
});

const lives = (life: Life): Plan => {
  const plan = life.journal.state.subscriptions.live.row?.plan;
  assert(plan !== undefined);
  return plan;
};
