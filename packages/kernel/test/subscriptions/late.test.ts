/** Usage that is heard of late, on a plan with a commitment: charged in the place of shortfall, never on top of it. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BilledLine, type Event, type Line, type Plan, instant } from "@cistern/kernel";
import * as fc from "fast-check";
import { at } from "../calendar.ts";
import { debit, open, refund, settle } from "../scenario/commands.ts";
import { finalize } from "./invoicing.ts";
import { Life, atEnd, booksOf, change, fee, ofKind, start } from "./life.ts";

/** One micro-credit for one minor unit. */
const line: BilledLine = {
  kind: "usage",
  meter: null,
  price: { kind: "per_unit", per: 1n, price: 1n },
};

const committed = (
  minimums: readonly bigint[],
  trueUp: "period" | "term" = "period",
): Partial<Plan> => ({
  base: fee(0n),
  overage: { kind: "bill", lines: [line], spendCap: null },
  minimum: { minimums, trueUp },
  graceMs: 3_600_000,
});

function onPlan(terms: Partial<Plan> = committed([50_000n])): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start(terms));
  return life;
}

/** 100.00 used in April, and a call in flight at its end. */
function inFlight(terms?: Partial<Plan>): Life {
  const life = onPlan(terms);
  life.run(debit("dbt_1", 10_000), "2026-04-02T00:00Z");
  life.run(open("hld_1", 1, { ttlMs: 86_400_000 }), "2026-04-30T23:00Z");
  life.pass("2026-05-01T00:00Z");
  return life;
}

const finalizeDraft = (life: Life, when: string): Event =>
  life.run(finalize(draftOf(life).id), when);

function draftOf(life: Life) {
  const draft = life.invoices.findLast(({ status }) => status === "draft");
  assert(draft?.status === "draft");
  return draft;
}

const told = (lines: Iterable<Line>): readonly (readonly [string, bigint])[] =>
  [...lines].map(({ kind, amount }) => [kind, amount] as const);

const sumOf = (lines: Iterable<Line>): bigint =>
  [...lines].reduce((sum, { amount }) => sum + amount, 0n);

suite("late usage under a commitment", () => {
  test("within the grace time lessens the shortfall: 142.00 used of 500.00 are invoiced 500.00, not 542.00", () => {
    const life = inFlight();
    const event = life.run(settle("hld_1", 4_200), "2026-05-01T00:30Z");
    assert.deepEqual(booksOf([event]), { Usage: -4_200n, Shortfall: 4_200n });
    const { lines } = draftOf(life);
    assert.deepEqual(told(lines), [
      ["usage", 14_200n],
      ["shortfall", 35_800n],
    ]);
    // It explains itself: 1 x 358.00.
    assert.deepEqual([lines[1]?.quantity, lines[1]?.unitPrice], [1n, 35_800n]);
    const issued = finalizeDraft(life, "2026-05-01T01:00Z");
    assert.deepEqual(booksOf([issued]), { Receivable: 50_000n, Unbilled: -50_000n });
    life.check();
  });

  test("beyond the minimum takes the whole shortfall away, and the rest is charged", () => {
    const life = inFlight();
    const event = life.run(settle("hld_1", 45_000), "2026-05-01T00:30Z");
    assert.deepEqual(booksOf([event]), { Unbilled: 5_000n, Usage: -45_000n, Shortfall: 40_000n });
    assert.deepEqual(told(draftOf(life).lines), [["usage", 55_000n]]);
    // What of it is refunded comes off the usage first, and below the minimum back to the shortfall.
    const back = life.run(refund("rfd_1", "hld_1", 20_000), "2026-05-01T00:40Z");
    assert.deepEqual(booksOf([back]), { Unbilled: -5_000n, Usage: 20_000n, Shortfall: -15_000n });
    assert.deepEqual(told(draftOf(life).lines), [
      ["usage", 35_000n],
      ["shortfall", 15_000n],
    ]);
    life.check();
  });

  test("after the invoice is issued it is a linked adjustment, with the shortfall that it makes up for beside it", () => {
    const life = inFlight();
    const issued = finalizeDraft(life, "2026-05-01T01:00Z");
    assert(issued.kind === "invoice.finalized");
    assert.equal(issued.invoice.total, 50_000n);
    const event = life.run(settle("hld_1", 4_200), "2026-05-01T02:00Z");
    assert.deepEqual(booksOf([event]), { Usage: -4_200n, Shortfall: 4_200n });
    const pending = [...life.journal.state.invoices.pending.values()];
    assert.deepEqual(told(pending), [
      ["usage", 4_200n],
      ["shortfall", -4_200n],
    ]);
    assert(
      pending.every(({ to }) => to === at("2026-05-01T00:00Z")),
      "it says of when it is",
    );
    // The invoice of May has the minimum of May, and nothing on top of April's.
    life.pass("2026-06-01T00:00Z");
    assert.equal(sumOf(draftOf(life).lines), 50_000n);
    life.check();
  });

  test("an adjustment that is made up for again leaves no line behind", () => {
    const life = inFlight();
    finalizeDraft(life, "2026-05-01T01:00Z");
    life.run(settle("hld_1", 4_200), "2026-05-01T02:00Z");
    life.run(refund("rfd_1", "hld_1"), "2026-05-01T03:00Z");
    assert.deepEqual(told(life.journal.state.invoices.pending.values()), [["usage", 0n]]);
    life.check();
  });

  test("counts in a term that is trued up at its end, before and after that", () => {
    const life = inFlight(committed([50_000n, 50_000n], "term"));
    life.run(settle("hld_1", 4_200), "2026-05-01T02:00Z");
    assert.equal(life.subscription.term?.used, 14_200n);
    life.run(debit("dbt_2", 20_000), "2026-05-02T00:00Z");
    const [trued] = ofKind(life.pass("2026-06-01T00:00Z"), "commitment.trued_up");
    assert(trued !== undefined);
    assert.deepEqual(booksOf([trued]), { Unbilled: 65_800n, Shortfall: -65_800n });
    // Of April, told in June: the shortfall of the term is on the draft of May.
    const late = life.run(
      debit("dbt_3", 800, { occurredAt: instant(at("2026-04-20T00:00Z")) }),
      "2026-06-01T00:30Z",
    );
    assert.deepEqual(booksOf([late]), { Usage: -800n, Shortfall: 800n });
    assert.deepEqual(told(draftOf(life).lines), [
      ["usage", 20_000n],
      ["shortfall", 65_000n],
    ]);
    life.check();
  });

  test("counts in a term that went on after a pause", () => {
    const life = onPlan(committed([10_000n, 10_000n, 10_000n], "term"));
    life.run(debit("dbt_1", 1_000), "2026-04-02T00:00Z");
    life.run(atEnd("pause"), "2026-04-20T00:00Z");
    life.pass("2026-05-01T00:00Z");
    life.run(atEnd("renew"), "2026-06-10T00:00Z");
    life.pass("2026-07-10T00:00Z");
    const inApril = { occurredAt: instant(at("2026-04-10T00:00Z")) };
    life.run(debit("dbt_2", 4_000, inApril), "2026-07-11T00:00Z");
    assert.equal(life.subscription.term?.used, 5_000n);
    const [trued] = ofKind(life.pass("2026-08-10T00:00Z"), "commitment.trued_up");
    assert(trued !== undefined);
    assert.deepEqual(booksOf([trued]), { Unbilled: 25_000n, Shortfall: -25_000n });
    life.check();
  });

  test("of a period on another plan is none of the running term's", () => {
    const life = inFlight();
    life.run(
      change({ plan: { version: "team@2", ...committed([70_000n, 70_000n], "term") } }),
      "2026-05-01T00:10Z",
    );
    life.pass("2026-05-20T00:00Z");
    const event = life.run(settle("hld_1", 4_200), "2026-05-20T00:30Z");
    assert.deepEqual(booksOf([event]), { Usage: -4_200n, Shortfall: 4_200n });
    const used = (): bigint | undefined => life.subscription.term?.used;
    assert.equal(used(), undefined);
    life.pass("2026-06-01T00:00Z");
    assert.equal(used(), undefined, "May keeps the minimum that it began with");
    life.pass("2026-07-01T00:00Z");
    assert.equal(used(), 0n);
    life.run(
      debit("dbt_2", 7, { occurredAt: instant(at("2026-04-20T00:00Z")) }),
      "2026-07-02T00:00Z",
    );
    assert.equal(used(), 0n);
    life.check();
  });

  test("a period that was the last has its shortfall too, on its last invoice", () => {
    const life = onPlan();
    life.run(debit("dbt_1", 10_000), "2026-04-02T00:00Z");
    life.run(open("hld_1", 1, { ttlMs: 86_400_000 }), "2026-04-30T23:00Z");
    life.run(atEnd("end"), "2026-04-30T23:00Z");
    life.pass("2026-05-01T00:00Z");
    assert.equal(life.subscription.status, "ended");
    life.run(settle("hld_1", 4_200), "2026-05-01T00:30Z");
    assert.deepEqual(told(draftOf(life).lines), [
      ["usage", 14_200n],
      ["shortfall", 35_800n],
    ]);
    life.check();
  });

  test("the shortfall is revenue of the period's last day, also where the books are looked at later", () => {
    const life = onPlan();
    life.run(debit("dbt_1", 10_000), "2026-04-02T00:00Z");
    const passed = life.pass("2026-05-05T00:00Z");
    const [trued] = ofKind(passed, "commitment.trued_up");
    assert(trued !== undefined);
    assert.equal(trued.at, at("2026-05-01T00:00Z"));
    assert.equal(trued.postedAt, at("2026-05-01T00:00Z") - 1);
    assert.deepEqual(booksOf([trued]), { Unbilled: 40_000n, Shortfall: -40_000n });
    const closed = life.run({ kind: "closeMonth", month: "2026-04" }, "2026-05-05T00:00Z");
    assert.equal(closed.kind, "period.closed");
    life.check();
  });

  test("whatever is told when, a period comes to its usage or its minimum, and invoices never change", () => {
    const uses = fc.array(
      fc.record({
        amount: fc.integer({ min: 1, max: 400 }),
        month: fc.constantFrom("2026-04", "2026-05", "2026-06"),
        when: fc.constantFrom("in time", "within grace", "afterwards"),
        isBack: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    const minimums = fc.array(fc.bigInt({ min: 0n, max: 900n }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(uses, minimums, fc.constantFrom("period", "term"), (all, least, trueUp) => {
        const life = onPlan(committed(least, trueUp));
        for (const [index, month] of ["2026-04", "2026-05", "2026-06"].entries()) {
          const next = `2026-0${index + 5}`;
          const tell = (when: string, of: (one: (typeof all)[number]) => boolean): void => {
            for (const [number, { amount, isBack, ...one }] of all.entries()) {
              if (!of({ amount, isBack, ...one })) continue;
              const occurredAt = instant(at(`${one.month}-10T00:00Z`));
              life.run(debit(`dbt_${number}`, amount, { occurredAt }), when);
              if (isBack) life.run(refund(`rfd_${number}`, `dbt_${number}`), when);
            }
          };
          tell(`${month}-10T00:00Z`, (one) => one.when === "in time" && one.month === month);
          tell(`${next}-01T00:30Z`, (one) => one.when === "within grace" && one.month === month);
          life.pass(`${next}-01T00:50Z`);
          const draft = life.invoices.find(({ status }) => status === "draft");
          if (draft !== undefined) finalizeDraft(life, `${next}-01T01:00Z`);
        }
        for (const [number, { amount, month, when, isBack }] of all.entries()) {
          if (when !== "afterwards") continue;
          const occurredAt = instant(at(`${month}-10T00:00Z`));
          life.run(debit(`dbt_${number}`, amount, { occurredAt }), "2026-07-02T00:00Z");
          if (isBack) life.run(refund(`rfd_${number}`, `dbt_${number}`), "2026-07-02T00:00Z");
        }
        const used = ["2026-04", "2026-05", "2026-06"].map((month) =>
          all
            .filter((one) => one.month === month && !one.isBack)
            .reduce((sum, { amount }) => sum + BigInt(amount), 0n),
        );
        const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
        const sum = (parts: readonly bigint[]): bigint => parts.reduce((a, b) => a + b, 0n);
        const expected =
          trueUp === "term"
            ? most(sum(used), sum(least))
            : sum(used.map((one, index) => most(one, least[index] ?? 0n)));
        const { Unbilled = 0n, Receivable = 0n, Shortfall = 0n } = life.books();
        assert.equal(Unbilled + Receivable, expected);
        assert.equal(-Shortfall, expected - sum(used));
        life.check();
      }),
      { numRuns: 60 },
    );
  });
});
