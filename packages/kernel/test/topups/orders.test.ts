/** Whatever the order of answer, webhook and poll, and whatever a month brings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, credits, money, priorAnswer } from "@cistern/kernel";
import * as fc from "fast-check";
import { at, calendar } from "../calendar.ts";
import { dump } from "../journal.ts";
import { runs, seed } from "../oracle/life.ts";
import { type Life, ofKind } from "../subscriptions/life.ts";
import {
  declined,
  grant,
  processing,
  request,
  rule,
  stocked,
  succeeded,
  toDo,
  told,
  use,
  waiting,
} from "./buying.ts";

const start = "2026-11-01T00:00Z";
const outcomes = {
  succeeded: succeeded(825n, 344n),
  processing,
  toDo,
  declined,
} as const;

/** Who tells what of which payment of which top-up. */
const message = fc.record({
  topUp: fc.constantFrom("a", "a", "b"),
  payment: fc.constantFrom("pay_1", "pay_1", "pay_2"),
  outcome: fc.constantFrom("succeeded", "processing", "toDo", "declined"),
  by: fc.constantFrom("answer", "webhook", "poll"),
});

/** As the engine takes it: a payment that is known is answered from its event. */
function tell(life: Life, command: Command): Event | undefined {
  const prior = priorAnswer(life.journal.state, command);
  const { rows } = life.journal;
  if (prior !== undefined)
    return rows.find(({ position }) => position.seq === prior.position.seq)?.event;
  const decision = life.journal.run(command, at(start));
  return decision.kind === "accepted" ? decision.event : undefined;
}

const eventsOf = (life: Life): readonly Event[] => life.journal.rows.map(({ event }) => event);

test(`a payment becomes credits once, and a top-up too, in whatever order it is told (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (messages) => {
      const life = stocked(0n);
      for (const topUp of ["a", "b"]) life.run(request(topUp));
      for (const { topUp, payment, outcome, by } of messages) {
        const event = tell(life, told(topUp, payment, outcomes[outcome], by));
        if (outcome !== "succeeded" || event === undefined) continue;
        assert(event.kind === "top_up.succeeded");
        assert.deepEqual([event.topUp.id, event.topUp.payment], [topUp, payment]);
      }
      const granted = ofKind(eventsOf(life), "top_up.succeeded");
      const unique = (of: (event: (typeof granted)[number]) => string | null) =>
        new Set(granted.map(of)).size;
      assert.equal(
        unique(({ topUp }) => topUp.payment),
        granted.length,
      );
      assert.equal(
        unique(({ topUp }) => topUp.id),
        granted.length,
      );
      const paid = messages.filter(({ outcome }) => outcome === "succeeded");
      assert.equal(granted.length > 0, paid.length > 0, "money that came is granted");
      assert.equal(life.journal.state.pool.totals.granted, 10_000n * BigInt(granted.length));
      life.check();
    }),
    { seed, numRuns: runs(200) },
  );
});

test(`of one payment all orders of what is told come to the same credits and the same books (seed ${seed})`, () => {
  const told1 = fc.record({
    outcome: fc.constantFrom("processing", "toDo", "declined"),
    by: fc.constantFrom("answer", "webhook", "poll"),
  });
  fc.assert(
    fc.property(
      fc.array(told1, { maxLength: 6 }),
      fc.array(fc.constantFrom("answer", "webhook", "poll"), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
      (others, successes, order) => {
        const messages = [
          ...others.map(({ outcome, by }) => told("a", "pay_1", outcomes[outcome], by)),
          ...successes.map((by) => told("a", "pay_1", outcomes.succeeded, by)),
        ]
          .map((command, index) => ({ command, place: order[index] ?? 0 }))
          .toSorted((one, other) => one.place - other.place);
        const life = stocked(0n);
        life.run(request("a"));
        for (const { command } of messages) tell(life, command);
        const [granted, ...more] = ofKind(eventsOf(life), "top_up.succeeded");
        assert.deepEqual(more, []);
        const { lot } = granted ?? assert.fail("it is granted");
        assert.deepEqual(life.books(), {
          Cash: 10_481n,
          [`Deferred:${lot.id}`]: -10_000n,
          Tax: -825n,
          PaymentFees: 344n,
        });
      },
    ),
    { seed, numRuns: runs(200) },
  );
});

const zone = "America/New_York";
const ceiling = 45_000n;
const hour = 3_600_000;

/** What happens, some time after what happened before it. */
const happening = fc.record({
  afterMs: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0, 0, 1, 60_000) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 30 * hour }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 * 24 * hour }) },
  ),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant("use" as const) },
    { weight: 5, arbitrary: fc.constant("succeeded" as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...(["declined", "processing", "late", "rule", "grant", "manual", "off"] as const),
      ),
    },
  ),
  amount: fc.integer({ min: 1, max: 30_000 }),
  /** Whether somebody looks before. */
  looks: fc.boolean(),
});
type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

/** The rule as the ceiling of the property is; other terms change. */
const terms = (amount: number) => ({
  threshold: credits(BigInt((amount % 9_000) + 1)),
  target: credits(BigInt((amount % 40_000) + 9_000)),
  monthlyCeiling: money(ceiling),
});

/** Lives through it; where somebody looks, time passes in steps. */
function live(happenings: readonly Happening[], isLookedAt: boolean): Life {
  const life = stocked(3_000n, start, zone);
  life.run(debtUpTo(50_000n));
  life.run(rule({ monthlyCeiling: money(ceiling) }));
  let now = at(start);
  let failed: string | undefined;
  for (const [index, { afterMs, what, amount, looks }] of happenings.entries()) {
    if (isLookedAt && looks)
      for (const part of [1, 2, 3]) life.journal.pass(now + Math.floor((afterMs * part) / 4));
    now += afterMs;
    life.journal.pass(now);
    const id = waiting(life)?.id ?? "none";
    const commands: Readonly<Record<Happening["what"], Command>> = {
      use: used(index, amount),
      grant: grant(`grt_${index + 1}`, BigInt(amount)),
      manual: request(`manual_${index}`),
      rule: rule(terms(amount)),
      off: rule({ ...terms(amount), isEnabled: false }),
      succeeded: told(id, `pay_${index}`, outcomes.succeeded),
      declined: told(id, null, declined),
      processing: told(id, null, processing),
      late: told(failed ?? "none", `pay_${index}`, outcomes.succeeded),
    };
    const { kind } = life.journal.run(commands[what], now);
    if (kind === "accepted" && what === "declined") failed = id;
    atMostOneWaits(life);
  }
  return life;
}

const debtUpTo = (limit: bigint): Command => ({
  kind: "updateWorkspace",
  changes: { overage: { kind: "debt", limit: credits(limit) } },
});

/** The same id in both lives. */
function used(index: number, amount: number): Command {
  const command = use(BigInt(amount));
  assert(command.kind === "debit");
  return { ...command, debit: `dbt_${index}` };
}

function atMostOneWaits({ journal }: Life): void {
  const open = [...journal.state.topUps.topUps.values()].filter(
    ({ isAutomatic, resolvedAt }) => isAutomatic && resolvedAt === null,
  );
  assert.ok(open.length <= 1, "U1 at most one request of the rule waits");
}

test(`what the rule buys stays within the ceiling in every month, but for what was told to have failed (seed ${seed})`, () => {
  let bought = 0;
  let capped = 0;
  fc.assert(
    fc.property(fc.array(happening, { minLength: 5, maxLength: 40 }), (happenings) => {
      const life = live(happenings, false);
      const events = eventsOf(life);
      const failed = new Set(ofKind(events, "top_up.failed").map(({ topUp }) => topUp.id));
      const months = new Map<number, bigint>();
      for (const { topUp, at: when } of ofKind(events, "top_up.succeeded")) {
        if (!topUp.isAutomatic || failed.has(topUp.id)) continue;
        const { start: month } = calendar.window("month", when, zone);
        const spent = (months.get(month) ?? 0n) + topUp.amount;
        months.set(month, spent);
        assert.ok(spent <= ceiling, `U2 ${spent} in the month of ${new Date(month).toISOString()}`);
        bought += 1;
        if (spent + 10_000n > ceiling) capped += 1;
      }
      life.check();
    }),
    { seed, numRuns: runs(300) },
  );
  assert.ok(
    bought > 100 && capped > 10,
    `the lives buy (${bought}) and meet the ceiling (${capped})`,
  );
});

test(`when somebody looks makes no difference to what is asked for, nor when (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(happening, { minLength: 1, maxLength: 25 }), (happenings) => {
      const [seen, unseen] = [live(happenings, true), live(happenings, false)];
      assert.deepEqual(eventsOf(seen), eventsOf(unseen));
      assert.deepEqual(dump(seen.journal.state), dump(unseen.journal.state));
    }),
    { seed, numRuns: runs(150) },
  );
});
