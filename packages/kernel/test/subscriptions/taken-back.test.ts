/** Invoices that are void, and credits given back of which nothing, or not all, was paid. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Plan } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";
import { debit, repay, update } from "../scenario/commands.ts";
import { close, credit, finalize, issued, pay } from "./invoicing.ts";
import { Life, booksOf, change, fee, included, start } from "./life.ts";

/** 200.00, of which 80.00 are for 10,000 credits; usage beyond them at a cent each. */
const plan: Partial<Plan> = {
  base: fee(20_000n, 15_000n),
  included: included(10_000n, 10_000n),
  overage: {
    kind: "bill",
    spendCap: null,
    lines: [{ kind: "overage", meter: null, price: { kind: "per_unit", per: 1n, price: 1n } }],
  },
};
const may = "inv_10002";
const taxed = { taxBps: 1_900 };

/** With 300 credits billed in April, and the draft of May: what April still owes, and May's fee. */
function inMay(): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run(update({ overage: { kind: "plan" } }));
  life.run(start(plan));
  life.run(debit("dbt_1", 10_300), "2026-04-20T00:00Z");
  life.pass("2026-05-01T00:00Z");
  return life;
}

const at = "2026-05-01T01:00Z";
const pendingOf = (life: Life): readonly bigint[] =>
  [...life.journal.state.invoices.pending.values()].map(({ amount }) => amount);

suite("an invoice that is void", () => {
  test("leaves the books as they were before it was issued: usage stays revenue, and is unbilled again", () => {
    const life = inMay();
    const before = life.books();
    assert.equal(before["Unbilled"], 300n);
    life.run(finalize(may, taxed), at);
    assert.equal(life.books()["Unbilled"], undefined);
    life.run(close(may), at);
    assert.deepEqual(life.books(), before);
    assert.equal(before["Overage"], -300n, "delivered is delivered (606-10-25-30)");
    assert.deepEqual(pendingOf(life), [300n, 20_000n]);
    life.check();
  });

  test("comes on the next one as if it had never been billed, once", () => {
    const life = inMay();
    life.run(finalize(may, taxed), at);
    life.run(close(may), at);
    life.pass("2026-06-01T00:00Z");
    const next = life.run(finalize("inv_10003", taxed), "2026-06-01T01:00Z");
    assert(next.kind === "invoice.finalized");
    assert.equal(next.invoice.subtotal, 40_300n);
    assert.deepEqual(pendingOf(life), []);
    assert.equal(life.refused(close(may), "2026-06-02T00:00Z").code, "invoice_status");
    life.check();
  });

  test("keeps what was credited of it credited, and gives the customer's balance back", () => {
    const life = inMay();
    // 200.00 to 100.00 in the middle of May gives something to the balance; June's invoice takes it.
    life.run(finalize(may, taxed), at);
    const less = { ...plan, version: "less@1", base: fee(10_000n, 7_500n) };
    life.run(change({ plan: less, when: "now" }), "2026-05-16T12:00Z");
    life.pass("2026-06-01T00:00Z");
    const before = life.books();
    life.run(finalize("inv_10003"), "2026-06-01T01:00Z");
    life.run(credit("inv_10003", 500n), "2026-06-01T02:00Z");
    life.run(close("inv_10003"), "2026-06-01T03:00Z");
    assert.deepEqual(life.books(), {
      ...before,
      Receivable: (before["Receivable"] ?? 0n) - 500n,
      Refunds: (before["Refunds"] ?? 0n) + 500n,
    });
    life.check();
  });

  test("whatever its lines, tax and credit notes: nothing but the credit notes is left of it", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    const any = fc.record({
      used: fc.nat(20_000),
      price: fc.bigInt({ min: 0n, max: 40_000n }),
      taxBps: fc.nat(3_000),
      share: fc.nat(99),
    });
    fc.assert(
      fc.property(any, ({ used, price, taxBps, share }) => {
        const life = new Life("2026-04-01T00:00Z");
        life.run(update({ overage: { kind: "plan" } }));
        life.run(start(plan));
        life.run(debit("dbt_1", used), "2026-04-10T00:00Z");
        const other = { ...plan, version: "other@1", base: fee(price) };
        life.run(change({ plan: other, when: "now" }), "2026-04-12T07:00Z");
        life.pass("2026-05-01T00:00Z");
        const before = life.books();
        life.run(finalize(may, { taxBps }), at);
        const part = (issued(life, may).charged * BigInt(share)) / 100n;
        const credited = part === 0n ? {} : booksOf([life.run(credit(may, part), at)]);
        if (issued(life, may).status !== "finalized") return;
        life.run(close(may), at);
        const refunds = credited["Refunds"] ?? 0n;
        const left = {
          ...before,
          Receivable: (before["Receivable"] ?? 0n) - refunds,
          Refunds: (before["Refunds"] ?? 0n) + refunds,
        };
        const shown = Object.entries(left).filter(([, amount]) => amount !== 0n);
        assert.deepEqual(life.books(), Object.fromEntries(shown));
        life.check();
      }),
      { seed, numRuns: runs(100) },
    );
  });
});

suite("unused credits of a plan that are given back", () => {
  const lot = "grt_10002";

  test("come off the invoice that they are due on, with its tax, as a credit note", () => {
    const life = inMay();
    life.run(finalize(may, taxed), at);
    const event = life.run(repay(lot, { credits: 5_000 }), at);
    assert.deepEqual(booksOf([event]), {
      [`Deferred:${lot}`]: 4_000n,
      Tax: 760n,
      Receivable: -4_760n,
    });
    assert.deepEqual([issued(life, may).credited, issued(life, may).status], [4_760n, "finalized"]);
    life.check();
  });

  test("are paid back where the invoice was paid, and as far as it was", () => {
    const life = inMay();
    life.run(finalize(may, taxed), at);
    const { charged } = issued(life, may);
    life.run(pay(may, "pay_1", charged - 1_190n), at);
    const event = life.run(repay(lot, { credits: 5_000 }), at);
    assert.deepEqual(booksOf([event]), {
      [`Deferred:${lot}`]: 4_000n,
      Tax: 190n,
      Receivable: -1_190n,
      Cash: -3_000n,
    });
    assert.equal(issued(life, may).status, "paid");
    const rest = life.run(repay(lot, { credits: 5_000 }), at);
    assert.deepEqual(booksOf([rest]), { [`Deferred:${lot}`]: 4_000n, Cash: -4_000n });
    life.check();
  });

  test("are a line of the draft, or of the next invoice after one that is void", () => {
    const life = inMay();
    life.run(repay(lot, { credits: 2_500 }), at);
    const event = life.run(finalize(may), at);
    assert(event.kind === "invoice.finalized");
    assert.equal(event.invoice.total, 18_300n);
    life.run(close(may), at);
    life.run(repay(lot, { credits: 2_500 }), at);
    assert.deepEqual(pendingOf(life), [300n, 20_000n, -2_000n, -2_000n]);
    life.check();
  });

  test("lessen the loss where the invoice was given up", () => {
    const life = inMay();
    life.run(finalize(may), at);
    life.run(close(may, "uncollectible"), at);
    const event = life.run(repay(lot, { credits: 5_000 }), at);
    assert.deepEqual(booksOf([event]), { [`Deferred:${lot}`]: 4_000n, BadDebt: -4_000n });
    assert.equal(
      life.refused(pay(may, "pay_1", 16_301n), at).code,
      "payment_exceeds_due",
      "203.00 less 40.00",
    );
    life.check();
  });
});
