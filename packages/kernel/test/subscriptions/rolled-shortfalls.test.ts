/** Minimums whose shortfalls roll over: what was charged as missing covers usage above the minimum of later periods (docs/decisions/0036). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { BilledLine, Plan } from "@cistern/kernel";
import { debit, refund } from "../scenario/commands.ts";
import { finalize } from "./invoicing.ts";
import { Life, atEnd, booksOf, change, fee, ofKind, start } from "./life.ts";

/** One micro-credit for one minor unit. */
const line: BilledLine = {
  kind: "usage",
  meter: null,
  price: { kind: "per_unit", per: 1n, price: 1n },
};

/** 1,000.00 in each of so many months; what one lacks may be used up in so many of those that follow. */
const rolling = (periods: number, rolloverPeriods = 1): Partial<Plan> => ({
  base: fee(0n),
  overage: { kind: "bill", lines: [line], spendCap: null },
  minimum: {
    minimums: Array<bigint>(periods).fill(100_000n),
    trueUp: "period",
    rolloverPeriods,
  },
  graceMs: 3_600_000,
});

const months = ["04", "05", "06", "07", "08"];
const on = (month: number, rest: string): string => `2026-${months[month]}-${rest}`;

/** So much used in each month, which are over. */
function lived(usages: readonly number[], terms: Partial<Plan> = rolling(4)): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start(terms));
  for (const [month, used] of usages.entries()) {
    if (used > 0) life.run(debit(`dbt_${month}`, used), on(month, "02T00:00Z"));
    life.pass(on(month + 1, "01T00:00Z"));
  }
  return life;
}

const closes = (life: Life) =>
  ofKind(
    life.journal.rows.map(({ event }) => event),
    "commitment.trued_up",
  );

/** What each month's end adds to its usage, and books. */
const told = (life: Life) =>
  closes(life).map((event) => [
    event.lines.map(({ kind, amount }) => [kind, amount]),
    booksOf([event]),
  ]);

const keptIn = (life: Life): bigint => -(life.books()["Deferred:Shortfall"] ?? 0n);

suite("a minimum that rolls over", () => {
  test("E15 640.00 of 1,000.00 are a shortfall of 360.00, of which 300.00 cover 1,300.00 and 60.00 lapse", () => {
    const life = lived([64_000, 130_000]);
    assert.deepEqual(told(life), [
      [[["shortfall", 36_000n]], { Unbilled: 36_000n, "Deferred:Shortfall": -36_000n }],
      [
        [["shortfall_used", -30_000n]],
        { Unbilled: -30_000n, "Deferred:Shortfall": 36_000n, Shortfall: -6_000n },
      ],
    ]);
    assert.deepEqual(
      life.invoices.map((one) =>
        one.status === "draft" ? one.lines.map(({ amount }) => amount) : [],
      ),
      [
        [64_000n, 36_000n],
        [130_000n, -30_000n],
      ],
      "1,000.00 in April and in May, though 1,940.00 were used",
    );
    const [, may] = closes(life);
    assert.deepEqual(may?.lines[0]?.committed, {
      minimum: 100_000n,
      reached: 130_000n,
      carried: 36_000n,
    });
    assert.equal(keptIn(life), 0n);
    life.check();
  });

  test("the oldest is used up first, and lapses when its time is over", () => {
    const life = lived([90_000, 80_000, 125_000, 100_000], rolling(5, 2));
    // 100.00 and 200.00 were charged; June uses 250.00 of them, the last 50.00 of May's lapse with July.
    assert.deepEqual(
      told(life).map(([, books]) => books),
      [
        { Unbilled: 10_000n, "Deferred:Shortfall": -10_000n },
        { Unbilled: 20_000n, "Deferred:Shortfall": -20_000n },
        { Unbilled: -25_000n, "Deferred:Shortfall": 25_000n },
        { "Deferred:Shortfall": 5_000n, Shortfall: -5_000n },
      ],
    );
    life.check();
  });

  test("nothing goes beyond the term: the last shortfall is revenue, and what is left lapses", () => {
    const life = lived([90_000, 70_000, 150_000], rolling(2, 1));
    assert.deepEqual(
      told(life).map(([, books]) => books),
      [
        { Unbilled: 10_000n, "Deferred:Shortfall": -10_000n },
        { Unbilled: 30_000n, "Deferred:Shortfall": 10_000n, Shortfall: -40_000n },
        {},
      ],
    );
    life.check();
  });

  test("however the term is left, what was kept lapses, and covers no usage of a period that is cut short", () => {
    const ends: readonly ((life: Life) => void)[] = [
      (life) => life.run({ kind: "cancelSubscription" }, on(1, "20T00:00Z")),
      (life) => {
        life.run(atEnd("end"), on(1, "20T00:00Z"));
        life.pass(on(2, "01T00:00Z"));
      },
      (life) => {
        life.run(atEnd("pause"), on(1, "20T00:00Z"));
        life.run({ kind: "cancelSubscription" }, on(2, "20T00:00Z"));
      },
      (life) => {
        life.run(
          change({ plan: { name: "other", version: "other@1", minimum: null } }),
          on(1, "20T00:00Z"),
        );
        life.pass(on(2, "01T00:00Z"));
      },
      (life) => {
        const minimum = { minimums: Array<bigint>(4).fill(200_000n), trueUp: "period" } as const;
        const more = { ...rolling(4), name: "more", version: "more@1", minimum };
        life.run(change({ plan: more, when: "now" }), on(1, "20T00:00Z"));
        life.pass(on(2, "01T00:00Z"));
      },
    ];
    for (const [index, end] of ends.entries()) {
      const life = lived([64_000], rolling(4, 3));
      assert.equal(keptIn(life), 36_000n);
      life.run(debit("dbt_9", 130_000), on(1, "03T00:00Z"));
      end(life);
      assert.equal(keptIn(life), 0n, `end ${index}`);
      life.check();
    }
    // 300.00 above the minimum stay billed though 360.00 were kept, and two months are owed in whole.
    const life = lived([64_000], rolling(4, 3));
    life.run(debit("dbt_9", 130_000), on(1, "03T00:00Z"));
    const cut = life.run({ kind: "cancelSubscription" }, on(1, "20T00:00Z"));
    assert(cut.kind === "subscription.cancelled");
    assert.deepEqual(
      cut.lines.map(({ kind, amount }) => [kind, amount]),
      [["shortfall", 200_000n]],
    );
  });

  test("a pause keeps the term, and what may still be used up in it", () => {
    const life = lived([64_000]);
    life.run(debit("dbt_9", 100_000), on(1, "03T00:00Z"));
    life.run(atEnd("pause"), on(1, "20T00:00Z"));
    life.pass(on(2, "10T00:00Z"));
    assert.equal(keptIn(life), 0n, "May was the last that could use it up");
    const longer = lived([64_000], rolling(4, 2));
    longer.run(debit("dbt_9", 100_000), on(1, "03T00:00Z"));
    longer.run(atEnd("pause"), on(1, "20T00:00Z"));
    longer.pass(on(2, "10T00:00Z"));
    longer.run(atEnd("renew"), on(2, "10T00:00Z"));
    assert.equal(keptIn(longer), 36_000n);
    longer.run(debit("dbt_8", 140_000), on(2, "11T00:00Z"));
    longer.pass(on(3, "10T00:00Z"));
    assert.deepEqual(told(longer).at(-1), [
      [["shortfall_used", -36_000n]],
      { Unbilled: -36_000n, "Deferred:Shortfall": 36_000n },
    ]);
    longer.check();
  });
});

suite("late usage of a minimum that rolls over", () => {
  test("of April makes its shortfall another, and what of May it covers with it", () => {
    const life = lived([80_000, 130_000]);
    assert.deepEqual(
      told(life).map(([lines]) => lines),
      [[["shortfall", 20_000n]], [["shortfall_used", -20_000n]]],
    );
    // Without 160.00 April lacks 360.00: May uses up 300.00 of them, and 60.00 lapse.
    const back = life.run(refund("rfd_1", "dbt_0", 16_000), on(2, "01T02:00Z"));
    assert.deepEqual(booksOf([back]), { Unbilled: -10_000n, Usage: 16_000n, Shortfall: -6_000n });
    assert(back.kind === "usage.refunded");
    assert.deepEqual(
      back.billed?.trueUp?.accruals.map(({ kind, from, amount, committed }) => [
        kind,
        new Date(from).toISOString().slice(0, 7),
        amount,
        committed,
      ]),
      [
        ["shortfall", "2026-04", 16_000n, { minimum: 100_000n, reached: 64_000n }],
        [
          "shortfall_used",
          "2026-05",
          -10_000n,
          { minimum: 100_000n, reached: 130_000n, carried: 36_000n },
        ],
      ],
    );
    life.check();
  });

  test("while it may still be used up, what is kept changes, and no revenue", () => {
    const life = lived([64_000]);
    life.run(finalize(life.invoices[0]?.id ?? ""), on(1, "01T01:00Z"));
    const back = life.run(refund("rfd_1", "dbt_0", 4_000), on(1, "03T00:00Z"));
    assert.deepEqual(booksOf([back]), { Usage: 4_000n, "Deferred:Shortfall": -4_000n });
    assert.equal(keptIn(life), 40_000n);
    life.run(debit("dbt_9", 150_000), on(1, "04T00:00Z"));
    life.pass(on(2, "01T00:00Z"));
    assert.deepEqual(told(life).at(-1), [
      [["shortfall_used", -40_000n]],
      { Unbilled: -40_000n, "Deferred:Shortfall": 40_000n },
    ]);
    life.check();
  });
});
