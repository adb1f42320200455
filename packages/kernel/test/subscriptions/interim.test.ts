/** Invoices before the period is over (docs/decisions/0034): what a period costs does not depend on how often it was invoiced. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BilledLine, type Command, type Line, type Plan, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";
import { debit, open, refund } from "../scenario/commands.ts";
import { close, finalize, issued } from "./invoicing.ts";
import { Life, booksOf, change, fee, included, seatsAt, start } from "./life.ts";

const invoiceNow: Command = { kind: "invoiceNow" };

const steps = {
  per: 1n,
  tiers: [
    { upTo: 100n, price: 2n },
    { upTo: null, price: 1n },
  ],
};
/** 2c for the first 100 micro-credits, and 1c beyond. */
const graduated: BilledLine = {
  kind: "usage",
  meter: null,
  price: { kind: "graduated", ...steps },
};
/** 2c each, or 1c each for all from the 101st on. */
const volume: BilledLine = { ...graduated, price: { kind: "volume", ...steps } };
/** 0.3c each. */
const tiny: BilledLine = {
  kind: "usage",
  meter: null,
  price: { kind: "per_unit", per: 10n, price: 3n },
};

const yearly = (line: BilledLine, terms: Partial<Plan> = {}): Partial<Plan> => ({
  cadence: { unit: "year", count: 1 },
  overage: { kind: "bill", lines: [line], spendCap: null },
  ...terms,
});

/** On a plan since 1 January, its fees issued. */
function onPlan(terms: Partial<Plan>, seats = 0): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start(terms, seats));
  for (const { id } of life.invoices) life.run(finalize(id));
  return life;
}

/** Asks for an invoice and issues it; gives its lines. */
function invoiced(life: Life, when: string): readonly Line[] {
  const event = life.run(invoiceNow, when);
  assert(event.kind === "invoice.drafted");
  assert.equal(event.invoice.isInterim, true);
  const done = life.run(finalize(event.invoice.id), when);
  assert(done.kind === "invoice.finalized");
  assert.equal(done.invoice.isInterim, true);
  return done.lines;
}

/** Lines of the invoice that the year ended with. */
function atYearsEnd(life: Life): readonly Line[] {
  life.pass("2027-01-01T00:00Z");
  const draft = life.invoices.at(-1);
  assert(draft?.status === "draft");
  assert.equal(draft.isInterim, undefined);
  return draft.lines;
}

const summed = (lines: readonly Line[]) =>
  lines.map(({ kind, quantity, since, amount }) => [kind, quantity, since, amount]);

suite("an interim invoice", () => {
  test("has what was used until then; the year's end has the difference, by the steps of the whole", () => {
    const life = onPlan(yearly(graduated));
    life.run(debit("dbt_1", 80), "2026-02-01T00:00Z");
    const [line] = invoiced(life, "2026-03-01T00:00Z");
    assert(line !== undefined);
    assert.deepEqual(summed([line]), [["usage", 80n, undefined, 160n]]);
    assert.equal(line.to, Date.UTC(2026, 2, 1), "the line says until when it is");
    life.run(debit("dbt_2", 50), "2026-06-01T00:00Z");
    assert.deepEqual(summed(atYearsEnd(life)), [["usage", 50n, 80n, 70n]]);
    life.check();
  });

  test("of a volume price is taken back in part when the whole year reaches the cheaper step", () => {
    const life = onPlan(yearly(volume));
    life.run(debit("dbt_1", 90), "2026-02-01T00:00Z");
    assert.deepEqual(summed(invoiced(life, "2026-03-01T00:00Z")), [
      ["usage", 90n, undefined, 180n],
    ]);
    life.run(debit("dbt_2", 20), "2026-06-01T00:00Z");
    assert.deepEqual(summed(atYearsEnd(life)), [["usage", 20n, 90n, -70n]]);
  });

  test("counts toward the minimum of the year", () => {
    const minimum = { minimums: [money(1_000n)], trueUp: "period" } as const;
    const life = onPlan(yearly(graduated, { minimum }));
    life.run(debit("dbt_1", 200), "2026-02-01T00:00Z");
    assert.deepEqual(summed(invoiced(life, "2026-03-01T00:00Z")), [
      ["usage", 200n, undefined, 300n],
    ]);
    life.run(debit("dbt_2", 50), "2026-06-01T00:00Z");
    assert.deepEqual(summed(atYearsEnd(life)), [
      ["usage", 50n, 200n, 50n],
      ["shortfall", 1n, undefined, 650n],
    ]);
  });

  test("leaves the spend cap as it is", () => {
    const capped = { kind: "bill", lines: [graduated], spendCap: money(300n) } as const;
    const life = onPlan(yearly(graduated, { overage: capped }));
    life.run(debit("dbt_1", 200), "2026-02-01T00:00Z");
    invoiced(life, "2026-03-01T00:00Z");
    const refused = life.refused(open("hld_1", 1), "2026-03-02T00:00Z");
    assert(refused.code === "spend_cap_reached");
    assert.deepEqual([refused.billed, refused.asked], [300n, 1n]);
  });

  test("has proration pairs of seats that were added, once; their credits know which invoice they are on", () => {
    const life = onPlan(
      {
        cadence: { unit: "year", count: 1 },
        seats: seatsAt(3_650n),
        included: included(365n, 1_000n, { per: "seat" }),
      },
      1,
    );
    life.run(change({ seats: 3 }), "2026-07-02T12:00Z");
    const lines = invoiced(life, "2026-07-03T00:00Z");
    assert.deepEqual(
      lines.map(({ kind, quantity, amount }) => [kind, quantity, amount]),
      [["remaining_time", 2n, 3_650n]],
    );
    const lots = [...life.journal.state.pool.lots.values()];
    assert.equal(lots.at(-1)?.invoiced?.invoice, life.invoices.at(-1)?.id);
    assert.deepEqual(
      atYearsEnd(life).map(({ kind }) => kind),
      ["seats"],
    );
    life.check();
  });

  test("is refused where nothing is pending, or only what comes to nothing yet", () => {
    const bare = new Life("2026-01-01T00:00Z");
    assert.equal(bare.refused(invoiceNow, "2026-01-01T00:00Z").code, "nothing_to_invoice");
    const life = onPlan(yearly(tiny));
    assert.equal(life.refused(invoiceNow, "2026-02-01T00:00Z").code, "nothing_to_invoice");
    life.run(debit("dbt_1", 1), "2026-02-01T00:00Z");
    assert.equal(life.refused(invoiceNow, "2026-02-01T00:00Z").code, "nothing_to_invoice");
    life.run(debit("dbt_2", 1), "2026-02-02T00:00Z");
    assert.deepEqual(summed(invoiced(life, "2026-02-03T00:00Z")), [["usage", 2n, undefined, 1n]]);
    assert.equal(life.refused(invoiceNow, "2026-02-03T00:00Z").code, "nothing_to_invoice");
  });

  test("that was voided comes on the next one, beside what was used since", () => {
    const life = onPlan(yearly(graduated));
    life.run(debit("dbt_1", 80), "2026-02-01T00:00Z");
    invoiced(life, "2026-03-01T00:00Z");
    const first = life.invoices.at(-1)?.id ?? "";
    life.run(debit("dbt_2", 50), "2026-03-02T00:00Z");
    life.run(close(first), "2026-03-03T00:00Z");
    assert.deepEqual(summed(invoiced(life, "2026-03-04T00:00Z")), [
      ["usage", 80n, undefined, 160n],
      ["usage", 50n, 80n, 70n],
    ]);
    assert.equal(issued(life, first).status, "void");
    life.check();
  });

  test("a refund of what it billed is on the next one", () => {
    const life = onPlan(yearly(graduated));
    life.run(debit("dbt_1", 120), "2026-02-01T00:00Z");
    assert.deepEqual(summed(invoiced(life, "2026-03-01T00:00Z")), [
      ["usage", 120n, undefined, 220n],
    ]);
    life.run(refund("rfd_1", "dbt_1", 60), "2026-04-01T00:00Z");
    assert.deepEqual(summed(atYearsEnd(life)), [["usage", -60n, 120n, -100n]]);
  });
});

const day = 24 * 60 * 60 * 1_000;
const begun = Date.UTC(2026, 0, 1);
const dated = (ms: number): string => new Date(begun + ms).toISOString();

/** So much is used, or (below zero) of the last use refunded, on a day; then perhaps an invoice is asked for. */
interface Step {
  readonly afterMs: number;
  readonly amount: number;
  readonly asks: boolean;
}

/** A year and a bit of it. */
function played(terms: Partial<Plan>, wished: readonly Step[], isAsked: boolean): Life {
  const life = onPlan(terms);
  let at = 0;
  for (const [index, { afterMs, amount, asks }] of wished.entries()) {
    at += afterMs;
    if (amount > 0) life.run(debit(`dbt_${index}`, amount), dated(at));
    else {
      const last = wished.findLastIndex((one, place) => place < index && one.amount > 0);
      if (last >= 0) life.journal.run(refund(`rfd_${index}`, `dbt_${last}`, -amount), at + begun);
    }
    if (isAsked && asks) {
      const decision = life.journal.run(invoiceNow, begun + at);
      if (decision.kind === "accepted" && decision.event.kind === "invoice.drafted")
        life.run(finalize(decision.event.invoice.id), dated(at));
    }
  }
  life.pass("2028-02-01T00:00Z");
  return life;
}

const costOf = (life: Life) => {
  const { pending } = life.journal.state.invoices;
  const onInvoices = life.journal.rows.flatMap(({ event }) =>
    event.kind === "invoice.finalized" ? event.lines : [],
  );
  const drafts = life.invoices.flatMap((one) => (one.status === "draft" ? one.lines : []));
  const sums = new Map<string, bigint>();
  for (const { kind, amount } of [...onInvoices, ...drafts, ...pending.values()])
    sums.set(kind, (sums.get(kind) ?? 0n) + amount);
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0n));
};

test("what a period costs does not depend on how many interim invoices were taken (N1)", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  const step = fc.record({
    afterMs: fc.integer({ min: 1, max: 70 * day }),
    amount: fc.integer({ min: -60, max: 90 }).filter((amount) => amount !== 0),
    asks: fc.boolean(),
  });
  const minimum = fc.constantFrom(null, { minimums: [money(250n)], trueUp: "period" } as const);
  let interims = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(graduated, volume, tiny),
      minimum,
      (wished, line, committed) => {
        const terms = yearly(line, { minimum: committed, base: fee(500n) });
        const [often, once] = [played(terms, wished, true), played(terms, wished, false)];
        assert.deepEqual(costOf(often), costOf(once));
        // Revenue and what is owed are the same as well, wherever they stand by now.
        const [a, b] = [often, once].map((life) =>
          booksOf(life.journal.rows.map(({ event }) => event)),
        );
        const owed = (books: Readonly<Record<string, bigint>> | undefined) => [
          books?.["Usage"],
          books?.["Shortfall"],
          (books?.["Receivable"] ?? 0n) +
            (books?.["Unbilled"] ?? 0n) +
            (books?.["CustomerBalance"] ?? 0n),
        ];
        assert.deepEqual(owed(a), owed(b));
        interims += often.invoices.filter(({ isInterim }) => isInterim === true).length;
        often.check();
      },
    ),
    { seed, numRuns: runs(150) },
  );
  assert.ok(interims > 20, `only ${interims} were taken`);
});
