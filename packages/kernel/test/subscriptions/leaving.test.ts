/** What is left of a commitment's term when a subscription ends, pauses, or goes on without it. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Event, type Minimum, type Plan, credits, money } from "@cistern/kernel";
import { debit } from "../scenario/commands.ts";
import { Life, atEnd, booksOf, change, ofKind, plan as onList, start } from "./life.ts";

const cancel = { kind: "cancelSubscription" } as const;

const committed = (
  minimums: readonly bigint[],
  terms: Partial<Minimum> = {},
  plan: Partial<Plan> = {},
): Partial<Plan> => ({
  minimum: { minimums, trueUp: "period", ...terms },
  overage: {
    kind: "bill",
    lines: [{ kind: "usage", meter: null, price: { kind: "per_unit", per: 1n, price: 1n } }],
    spendCap: null,
  },
  ...plan,
});

/** 200 are used in January. */
function begun(plan: Partial<Plan>): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start(plan));
  life.run(debit("dbt_1", 200), "2026-01-10T00:00Z");
  return life;
}

const shortfall = (event: Event | undefined): bigint =>
  event === undefined ? 0n : -(booksOf([event])["Shortfall"] ?? 0n);

/** The periods that are closed by themselves, and what is left of a term, one after the other. */
const shortfalls = (events: readonly Event[]): readonly bigint[] =>
  events.map(shortfall).filter((amount) => amount !== 0n);

suite("who leaves a commitment in its term", () => {
  test("owes what is left of it: of this period what usage lacks, and all of those to come", () => {
    const life = begun(committed([500n, 500n, 1_000n]));
    const cancelled = life.run(cancel, "2026-01-20T00:00Z");
    assert.equal(shortfall(cancelled), 1_800n);
    assert(cancelled.kind === "subscription.cancelled");
    assert.deepEqual(
      cancelled.invoice?.lines.map(({ kind, amount }) => [kind, amount]),
      [
        ["usage", 200n],
        ["shortfall", 1_800n],
      ],
    );
    life.check();
  });

  test("with the period it is on the last invoice", () => {
    const life = begun(committed([500n, 500n, 1_000n]));
    assert.equal(shortfall(life.run(atEnd("end"), "2026-01-20T00:00Z")), 0n);
    const events = life.pass("2026-02-01T00:00Z");
    // What the period lacked is revenue of its month; the rest of the term is due with the end.
    assert.deepEqual(shortfalls(events), [300n, 1_500n]);
    const [ended] = ofKind(events, "subscription.ended");
    assert.equal(ended?.invoice?.lines.length, 3);
    life.check();
  });

  test("trued up by the term: what all usage of it lacks", () => {
    const life = begun(committed([500n, 500n, 1_000n], { trueUp: "term" }));
    life.run(debit("dbt_2", 900), "2026-02-10T00:00Z");
    assert.equal(shortfall(life.run(cancel, "2026-02-20T00:00Z")), 900n);
    life.check();
  });

  test("with the last period of a term nothing but that period is due", () => {
    const life = begun(committed([500n, 700n]));
    life.run(atEnd("end"), "2026-02-20T00:00Z");
    assert.deepEqual(shortfalls(life.pass("2026-03-01T00:00Z")), [700n]);
    life.check();
  });

  test("owes nothing of it where the plan waives it; a period that has ended is due all the same", () => {
    const plan = committed([500n, 500n, 1_000n], { onCancel: "waive" });
    assert.equal(shortfall(begun(plan).run(cancel, "2026-01-20T00:00Z")), 0n);
    const life = begun(plan);
    life.run(atEnd("end"), "2026-01-20T00:00Z");
    assert.deepEqual(shortfalls(life.pass("2026-02-01T00:00Z")), [300n]);
    const trial = new Life("2026-01-01T00:00Z");
    trial.run(start({ ...committed([500n]), trialDays: 7 }));
    assert.equal(shortfall(trial.run(cancel, "2026-01-02T00:00Z")), 0n, "a trial binds nobody");
  });

  test("L1 a pause does not count in a term, which goes on when it is over", () => {
    const life = begun(committed([500n, 700n, 1_000n]));
    life.run(atEnd("pause"), "2026-01-20T00:00Z");
    assert.deepEqual(shortfalls(life.pass("2026-02-01T00:00Z")), [300n]);
    assert.equal(shortfall(life.run(atEnd("renew"), "2026-06-10T00:00Z")), 0n);
    // The second and third of the term, then the first of the next.
    assert.deepEqual(shortfalls(life.pass("2026-09-10T00:00Z")), [700n, 1_000n, 500n]);
    life.check();
  });

  test("L1 ended in a pause: what is left is due then", () => {
    const life = begun(committed([500n, 700n, 1_000n]));
    life.run(atEnd("pause"), "2026-01-20T00:00Z");
    life.pass("2026-02-01T00:00Z");
    const ended = life.run(atEnd("end"), "2026-06-10T00:00Z");
    assert.equal(shortfall(ended), 1_700n);
    assert(ended.kind === "subscription.cancelled" && ended.invoice?.lines.length === 1);
    life.check();
    const over = begun(committed([500n]));
    over.run(atEnd("pause"), "2026-01-20T00:00Z");
    over.pass("2026-02-01T00:00Z");
    assert.equal(shortfall(over.run(cancel, "2026-06-10T00:00Z")), 0n, "its term was over");
  });

  test("L2 a plan without a commitment is changed to at the end of a period, and what is left is due", () => {
    const life = begun(committed([500n, 500n, 1_000n]));
    const free = { ...committed([]), minimum: null, version: "free@1" };
    const refusal = life.refused(change({ plan: free, when: "now" }), "2026-01-20T00:00Z");
    assert.equal(refusal.code, "invalid_request");
    life.run(change({ plan: free }), "2026-01-20T00:00Z");
    assert.deepEqual(shortfalls(life.pass("2026-02-01T00:00Z")), [300n, 1_500n]);
    assert.equal(life.subscription.term, null);
    life.check();
    const resumed = begun(committed([500n, 500n, 1_000n]));
    resumed.run(atEnd("pause"), "2026-01-20T00:00Z");
    resumed.run(change({ plan: free }), "2026-02-10T00:00Z");
    assert.equal(shortfall(resumed.run(atEnd("renew"), "2026-03-01T00:00Z")), 1_500n);
    resumed.check();
  });

  test("another commitment begins its own term; prices that are negotiated change none", () => {
    const life = begun(committed([500n, 700n]));
    const other = committed([900n], {}, { version: "team@2" });
    life.run(change({ plan: other, when: "period_end" }), "2026-01-20T00:00Z");
    assert.deepEqual(shortfalls(life.pass("2026-03-01T00:00Z")), [300n, 900n]);
    life.check();
    const paused = begun(committed([500n, 700n]));
    paused.run(atEnd("pause"), "2026-01-20T00:00Z");
    paused.run(change({ plan: other }), "2026-02-10T00:00Z");
    assert.equal(shortfall(paused.run(atEnd("renew"), "2026-03-01T00:00Z")), 0n);
    assert.deepEqual(shortfalls(paused.pass("2026-05-01T00:00Z")), [900n, 900n], "in a pause too");
    paused.check();
    for (const [price, expected] of [
      [700n, [300n]],
      [699n, [300n, 700n]],
    ] as const) {
      const terms = [{ price: money(price), list: money(900n), credits: credits(900n) }];
      const drawdown = { terms, periods: 1, priority: 45, rollover: null };
      const prepaid = { ...committed([]), minimum: null, version: "pre@1", drawdown };
      const exchanged = begun(committed([500n, 700n]));
      exchanged.run(change({ plan: prepaid }), "2026-01-20T00:00Z");
      const once = shortfalls(exchanged.pass("2026-02-01T00:00Z"));
      assert.deepEqual(once, expected, "what is prepaid is a commitment too");
    }
    const kept = begun(
      committed([500n, 700n], {}, { base: { amount: money(9n), standalone: money(9n) } }),
    );
    kept.pass("2026-02-10T00:00Z");
    kept.run(
      {
        kind: "putSubscription",
        subscription: "sub_1",
        plan: null,
        isPinnedAnew: false,
        seats: null,
        when: null,
        negotiated: {
          spans: [{ id: "n1", base: money(8n), seat: null, until: null }],
          isList: false,
          currency: "USD",
        },
      },
      "2026-02-10T00:00Z",
    );
    assert.deepEqual(shortfalls(kept.pass("2026-03-01T00:00Z")), [700n]);
    kept.check();
  });

  test("where the plan itself goes on with another one, nobody leaves it", () => {
    const standard = onList({ ...committed([]), minimum: null, version: "standard@1" });
    const offer = committed([500n, 500n, 1_000n], {}, { followedBy: { plan: standard, after: 1 } });
    const life = begun(offer);
    const events = life.pass("2026-02-01T00:00Z");
    assert.equal(life.subscription.plan.version, "standard@1");
    assert.deepEqual(shortfalls(events), [300n]);
    life.check();
  });
});
