/** What is said to who may not: the largest amount now, and the earliest instant, are exact (FAIRNESS 1.8, A4). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Rejection,
  credits,
  decide,
  fadingReserves,
  instant,
  memberShare,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { calendar } from "../calendar.ts";
import { rateCard } from "../journal.ts";
import { runs, seed } from "../oracle/life.ts";
import { agent, debit, grant, group, hour, member, open } from "../scenario/commands.ts";
import { Team, periodMs, tickMs } from "./team.ts";

const people = ["ana", "ben", "eva", "bot", "gus"] as const;

const scene = fc.record({
  preset: fc.constantFrom("strict", "balanced", "lend_early"),
  isGrouped: fc.boolean(),
  isSponsor: fc.boolean(),
  /** Nobody is beside the group. */
  isAlone: fc.boolean(),
  credits: fc.integer({ min: 50, max: 5_000 }),
  spent: fc.array(fc.record({ who: fc.nat(4), amount: fc.nat(700), waitMs: fc.nat(60 * hour) }), {
    maxLength: 8,
  }),
  who: fc.nat(4),
  /** How far beyond what is open, of what is not: its root in hundredths. */
  share: fc.integer({ min: 1, max: 100 }),
  /** Hundredths of the credits that these are guaranteed, one by one. */
  promised: fc.array(fc.record({ who: fc.nat(2), part: fc.nat(25) }), { maxLength: 2 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never;

function teamOf({
  preset,
  isGrouped,
  isSponsor,
  isAlone,
  credits: all,
  spent,
  promised,
}: Scene): Team {
  const it = new Team({ fairness: { preset } });
  it.run(group("red"), group("blue"));
  const groups = isGrouped ? ["red"] : [];
  it.run(
    member("ana", { groups }),
    member("ben", { groups }),
    member("eva", { groups: isAlone ? groups : [] }),
  );
  if (isGrouped) it.run(member("fay", { groups }), member("kim", { groups }));
  if (isSponsor) it.run(agent("bot", "ana"));
  for (const { who, part } of promised) {
    const amount = credits((BigInt(all) * BigInt(part)) / 100n);
    it.run({ kind: "setGuarantee", member: people[who] ?? "ana", credits: amount });
  }
  it.run(grant("grt_1", all));
  for (const [index, { who, amount, waitMs }] of spent.entries())
    it.later(waitMs).run(debit(`dbt_${index}`, amount, { member: people[who] ?? "ana" }));
  it.journal.pass(it.at);
  return it;
}

/** What a call would be told at an instant, if nothing happens before. */
function told(it: Team, who: string, amount: number, at: number): Rejection | undefined {
  const command = open("hld_asked", amount, { member: who });
  const decision = decide(it.journal.state, command, instant(at), { calendar, rateCard });
  return decision.kind === "rejected" ? decision.rejection : undefined;
}

const isOfShares = (rejection: Rejection | undefined) =>
  rejection?.code === "borrow_limit" ||
  rejection?.code === "reserved_for_others" ||
  rejection?.code === "never_this_period"
    ? rejection
    : undefined;

suite("who may not have so much", () => {
  test("may have maxNow, and not one more; and so much at retryAt, and never a tick earlier", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    let refusals = 0;
    let nevers = 0;
    fc.assert(
      fc.property(scene, (one) => {
        const it = teamOf(one);
        const { available } = it.journal.state.pool.totals;
        const who = people[one.who] ?? "ana";
        const most = memberShare(it.journal.state, who, instant(it.at))?.open ?? 0n;
        const beyond = ((available - most) * BigInt(one.share ** 2)) / 10_000n;
        const amount = Number(most + beyond);
        const refusal = isOfShares(told(it, who, amount, it.at));
        if (refusal === undefined) return;
        refusals += 1;
        const maxNow = Number(refusal.maxNow);
        assert.equal(told(it, who, maxNow, it.at), undefined, "maxNow passes");
        assert.notEqual(told(it, who, maxNow + 1, it.at), undefined, "one more does not");
        const { period } = it.journal.state.fairness.current;
        assert(period !== undefined);
        const first = ticksAfter(it, period).find((at) => told(it, who, amount, at) === undefined);
        if (refusal.code === "never_this_period") nevers += 1;
        assert.equal(refusal.retryAt, first ?? null);
        assert.equal(refusal.code === "never_this_period", first === undefined);
      }),
      { seed, numRuns: runs(150) },
    );
    t.diagnostic(`${refusals} refusals, of which ${nevers} for the whole period`);
    assert(refusals > 20, "some are refused");
  });

  test("is told the first tick, also where what faded leaves the group again and the same is refused later", () => {
    const it = new Team({ fairness: { preset: "balanced" } });
    it.run(group("red"));
    for (const name of ["ana", "ben", "fay", "kim"]) it.run(member(name, { groups: ["red"] }));
    const others = Array.from({ length: 16 }, (_, index) => `of_blue_${index}`);
    for (const name of others) it.run(member(name));
    it.run(grant("grt_1", 20_000));
    // The group is far above its share, and nobody beside it has anything left.
    it.run(debit("dbt_1", 6_600, { member: "ben" }));
    for (const name of others) it.run(debit(`dbt_${name}`, 700, { member: name }));
    const refusal = isOfShares(told(it, "ana", 1_000, it.at));
    const tickOf = (tick: number): number => it.at + tick * tickMs;
    assert.equal(refusal?.retryAt, tickOf(155));
    const codes = [154, 155, 205, 206, 340, 360].map(
      (tick) => told(it, "ana", 1_000, tickOf(tick))?.code,
    );
    const no = "borrow_limit";
    assert.deepEqual(codes, [no, undefined, undefined, no, no, undefined]);
  });
});

/** The starts of all ticks that come. */
function ticksAfter(it: Team, period: fadingReserves.Span): readonly number[] {
  const now = fadingReserves.tickAt(period, it.at);
  const ahead = Array.from({ length: period.ticks - 1 - now }, (_, index) => now + 1 + index);
  assert(it.at - period.start < periodMs);
  return ahead.map((tick) => fadingReserves.startOfTick(period, tick));
}
