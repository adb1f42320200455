import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  Bug,
  type Event,
  after,
  apply,
  beyond,
  credits,
  creditsMax,
  half,
  instant,
  instantMax,
  isEvent,
  least,
  minus,
  money,
  plus,
  split,
  total,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal } from "./journal.ts";
import { seed } from "./oracle/life.ts";
import { createWorkspace, debit, grant, noon, open, revoke, settle } from "./scenario/commands.ts";

const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));

suite("rounding", () => {
  test("R1 rounds half away from zero", () => {
    assert.deepEqual(
      [half(1n, 2n), half(-1n, 2n), half(1n, 3n), half(2n, 3n), half(-2n, 3n), half(7n, 7n)],
      [1n, -1n, 0n, 1n, -1n, 1n],
    );
    assert.throws(() => half(1n, 0n), Bug);
  });

  test("R3 gives leftover units to the largest remainders, ties to the lowest index", () => {
    assert.deepEqual(split(10_000n, [1n, 1n, 1n]), [3334n, 3333n, 3333n]);
    assert.deepEqual(split(10_000n, [10_000n, 2_000n]), [8333n, 1667n]);
    assert.deepEqual(split(57n, [2n, 2n]), [29n, 28n]);
    assert.deepEqual(split(-57n, [2n, 2n]), [-29n, -28n]);
    assert.deepEqual(split(5n, [0n, 3n]), [0n, 5n]);
    assert.throws(() => split(5n, [0n, 0n]), Bug);
  });

  test("R3 parts add up to the whole, and none is off by a unit or more", () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), weights, (whole, of) => {
        const sum = of.reduce((a, b) => a + b, 0n);
        fc.pre(sum > 0n);
        const parts = split(whole, of);
        assert.equal(
          parts.reduce((a, b) => a + b, 0n),
          whole,
        );
        for (const [index, part] of parts.entries()) {
          const off = part * sum - whole * (of[index] ?? 0n);
          assert((off < 0n ? -off : off) < sum);
        }
      }),
      { seed },
    );
  });

  test("R2 any partition of the same consumption recognises the same money", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), cuts, (cost, parts) => {
        const granted = parts.reduce((a, b) => a + b, 0);
        const journal = new Journal();
        journal.run(createWorkspace(), noon);
        journal.run(grant("a", granted, { cost }), noon);
        for (const [index, part] of parts.entries()) journal.run(debit(`d${index}`, part), noon);
        assert.equal(journal.state.pool.lots.get("a")?.posted.consumed, BigInt(cost));
      }),
      { seed, numRuns: 50 },
    );
  });
});

suite("quantities", () => {
  test("credits are never negative, and never wrap", () => {
    assert.throws(() => credits(-1n), Bug);
    assert.throws(() => credits(9n * creditsMax + 1n), Bug);
    assert.throws(() => minus(c(1), c(2)), Bug);
    assert.throws(() => money(10n ** 18n + 1n), Bug);
    assert.equal(credits(9n * creditsMax), 9n * creditsMax);
  });

  test("sums, differences and the smaller of two", () => {
    assert.deepEqual(
      [
        plus(c(1), c(2)),
        minus(c(3), c(2)),
        least(c(3), c(2)),
        beyond(c(3), c(2)),
        beyond(c(2), c(3)),
        total([c(1), c(2), c(3)]),
      ],
      [3n, 1n, 2n, 1n, 0n, 6n],
    );
  });

  test("instants are integers of milliseconds that RFC 3339 can write", () => {
    for (const wrong of [-1, 0.5, Number.NaN, instantMax + 1])
      assert.throws(() => instant(wrong), Bug);
    assert.equal(after(instant(1), 2), 3);
  });
});

suite("what must hold after every event is asserted where events are applied", () => {
  const position = { seq: 9, index: 0 };
  const started = (): Journal => {
    const journal = new Journal();
    journal.run(createWorkspace(), noon);
    journal.run(grant("a", 100, { cost: 100 }), noon);
    journal.run(open("h", 60), noon);
    return journal;
  };
  const lastOf = <Kind extends Event["kind"]>(
    journal: Journal,
    kind: Kind,
  ): Extract<Event, { readonly kind: Kind }> => {
    const found = journal.rows.map((row) => row.event).findLast((event) => event.kind === kind);
    assert(found !== undefined && isKind(found, kind));
    return found;
  };

  test("K7 time never goes back", () => {
    const journal = started();
    const event = { ...lastOf(journal, "workspace.created"), at: instant(noon - 1) };
    assert.throws(() => apply(journal.state, event, position), /K7/);
  });

  test("M1, M2 a month is closed when it is over, and nothing is posted into it or into the future", () => {
    const journal = started();
    const end = instant(noon + 10);
    const closed = { kind: "period.closed", month: "2026-01", start: instant(0), end } as const;
    const early = { ...closed, at: instant(noon + 9) };
    assert.throws(() => apply(journal.state, early, position), /M1/);
    apply(journal.state, { ...closed, at: instant(noon + 11) }, position);
    const event = { ...lastOf(journal, "workspace.created"), at: instant(noon + 12) };
    const postedAt = instant(noon + 9);
    assert.throws(() => apply(journal.state, { ...event, postedAt }, position), /M2 .*closed/);
    const late = { ...event, postedAt: instant(noon + 13) };
    assert.throws(() => apply(journal.state, late, position), /M2 .*future/);
    apply(journal.state, { ...event, postedAt: end }, position);
  });

  test("K4 a hold is opened once", () => {
    const journal = started();
    const event = lastOf(journal, "hold.opened");
    assert.throws(() => apply(journal.state, event, position), /K4/);
  });

  test("K4 something happens only to a hold that is known", () => {
    const journal = started();
    journal.run(settle("h", 1), noon);
    const event = { ...lastOf(journal, "hold.settled"), hold: "other" };
    assert.throws(() => apply(journal.state, event, position), /K4/);
  });

  test("E1 the balance in an event is the balance after it", () => {
    const journal = started();
    const decision = journal.decide(settle("h", 1), noon);
    assert(decision.kind === "accepted" && decision.event.kind === "hold.settled");
    const { event } = decision;
    const wrong = { ...event, balance: { ...event.balance, consumed: c(2) } };
    assert.throws(() => apply(journal.state, wrong, position), /E1/);
  });

  test("K8 money is recognised by what is gone", () => {
    const journal = started();
    const decision = journal.decide(settle("h", 10), noon);
    assert(decision.kind === "accepted" && decision.event.kind === "hold.settled");
    const { event } = decision;
    const transfers = event.transfers.map((one) => ({ ...one, money: money(one.money + 1n) }));
    assert.throws(() => apply(journal.state, { ...event, transfers }, position), /K8/);
  });

  test("K13 a settlement charges what its lots and its debt say", () => {
    const journal = started();
    const decision = journal.decide(settle("h", 10), noon);
    assert(decision.kind === "accepted" && decision.event.kind === "hold.settled");
    const wrong = { ...decision.event, charged: c(11), chargedInTotal: c(11) };
    assert.throws(() => apply(journal.state, wrong, position), /K13/);
  });

  test("K12 what lots hold is what open holds have set aside", () => {
    const journal = started();
    const decision = journal.decide(open("i", 10), noon);
    assert(decision.kind === "accepted" && decision.event.kind === "hold.opened");
    const { event } = decision;
    const legs = [{ lot: "a", credits: c(9) }];
    assert.throws(() => apply(journal.state, { ...event, legs }, position), /K12/);
  });
});

test("the first event of a journal creates the workspace; nothing else is known before", () => {
  const journal = new Journal();
  const decision = journal.run(grant("a", 1), noon);
  assert.deepEqual(decision, { kind: "rejected", rejection: { code: "unknown_workspace" } });
});

test("a lot with nothing particular about its money is what it was before there was any: no more fields, nor in its transfers", () => {
  const journal = new Journal();
  const life = [
    createWorkspace(),
    grant("a", 100, { cost: 77, until: noon + 1_000 }),
    open("h", 30),
    debit("d", 20),
    settle("h", 10),
    revoke("a", 5),
  ];
  for (const command of life) journal.run(command, noon);
  journal.pass(noon + 1_000);
  for (const lot of journal.state.pool.lots.values()) assert.equal("finance" in lot, false, lot.id);
  const named = journal.rows.flatMap(({ event }) =>
    "transfers" in event ? event.transfers.flatMap((one) => Object.keys(one)) : [],
  );
  assert.deepEqual(new Set(named), new Set(["lot", "from", "to", "credits", "money"]));
});

test("only values of a known kind are events", () => {
  assert.deepEqual(
    [{ kind: "hold.opened" }, { kind: "toString" }, { kind: 1 }, {}, null, "hold.opened"].map(
      isEvent,
    ),
    [true, false, false, false, false, false],
  );
});

suite("the concurrency classics, as the kernel sees them: one after another", () => {
  test("500 credits and 20 holds of 75 are exactly 6 holds", () => {
    const journal = new Journal();
    journal.run(createWorkspace(), noon);
    journal.run(grant("a", 500), noon);
    const answers = Array.from({ length: 20 }, (_, index) =>
      journal.run(open(`h${index}`, 75), noon),
    );
    const approved = answers.filter((answer) => answer.kind === "accepted");
    assert.equal(approved.length, 6);
    assert.equal(journal.state.pool.totals.available, 50n);
  });
});

const isKind = <Kind extends Event["kind"]>(
  event: Event,
  kind: Kind,
): event is Extract<Event, { readonly kind: Kind }> => event.kind === kind;
