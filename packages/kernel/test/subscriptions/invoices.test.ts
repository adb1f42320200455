import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Plan, money } from "@cistern/kernel";
import { debit } from "../scenario/commands.ts";
import { close, credit, finalize, issued, pay } from "./invoicing.ts";
import { Life, atEnd, booksOf, change, fee, included, start } from "./life.ts";

const plan: Partial<Plan> = { name: "A", version: "A@1", base: fee(10_000n) };

const first = "inv_10001";
const day = "2026-04-01T01:00Z";

/** On a plan of 100.00 since 1 April, its first invoice issued with tax of 19 %. */
function invoiced(): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run(start(plan));
  life.run(finalize(first, { number: "R-1", taxBps: 1_900 }), day);
  return life;
}

suite("an invoice", () => {
  test("is drafted where a period begins, with what is charged in advance", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ ...plan, graceMs: 3_600_000 }));
    const [draft] = life.invoices;
    assert(draft?.status === "draft");
    assert.equal(draft.id, first);
    assert.equal(draft.finalizesAt, Date.UTC(2026, 3, 1, 1));
    assert.deepEqual(
      draft.lines.map(({ kind, amount }) => [kind, amount]),
      [["base_fee", 10_000n]],
    );
  });

  test("is issued once, under its number; only tax is posted, since the fee is owed already", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(plan));
    const event = life.run(finalize(first, { number: "R-1", taxBps: 1_900 }), day);
    assert.deepEqual(booksOf([event]), { Receivable: 1_900n, Tax: -1_900n });
    assert(event.kind === "invoice.finalized");
    assert.equal(event.invoice.total, 11_900n);
    assert.equal(event.invoice.number, "R-1");
    assert.equal(event.invoice.dueAt, Date.UTC(2026, 3, 15, 1));
    assert.equal(event.lines.length, 1);
    const again = life.refused(finalize(first), day);
    assert.deepEqual(again, { code: "invoice_status", invoice: first, status: "finalized" });
    assert.equal(life.refused(finalize("inv_x"), day).code, "unknown_invoice");
    life.check();
  });

  test("is paid in parts; each payment counts once, and no more than is due is taken", () => {
    const life = invoiced();
    const part = life.run(pay(first, "pay_1", 5_000n), day);
    assert.deepEqual(booksOf([part]), { Cash: 5_000n, Receivable: -5_000n });
    assert.equal(issued(life, first).status, "finalized");
    assert.equal(life.refused(pay(first, "pay_1", 5_000n), day).code, "payment_known");
    assert.deepEqual(life.refused(pay(first, "pay_2", 6_901n), day), {
      code: "payment_exceeds_due",
      invoice: first,
      due: 6_900n,
    });
    assert.equal(
      life.refused(pay(first, "pay_2", null, { currency: "EUR" }), day).code,
      "currency_mismatch",
    );
    const rest = life.run(pay(first, "pay_2", null, { fee: money(230n) }), day);
    assert.deepEqual(booksOf([rest]), { Cash: 6_670n, PaymentFees: 230n, Receivable: -6_900n });
    assert.equal(issued(life, first).status, "paid");
    assert.equal(life.refused(pay(first, "pay_3"), day).code, "invoice_status");
    life.check();
  });

  test("is voided before anything was paid, and never after: all that its issue booked is booked back", () => {
    const life = invoiced();
    const event = life.run(close(first), day);
    assert.deepEqual(booksOf([event]), { Receivable: -1_900n, Tax: 1_900n });
    assert.equal(life.refused(pay(first, "pay_1"), day).code, "invoice_status");
    const other = invoiced();
    other.run(pay(first, "pay_1", 1n), day);
    assert.equal(other.refused(close(first), day).code, "invoice_status");
    life.check();
  });

  test("is given up with what is due, and paid all the same where money comes later", () => {
    const life = invoiced();
    life.run(pay(first, "pay_1", 1_900n), day);
    const event = life.run(close(first, "uncollectible"), day);
    assert.deepEqual(booksOf([event]), { Receivable: -10_000n, BadDebt: 10_000n });
    const late = life.run(pay(first, "pay_2"), "2026-05-20T00:00Z");
    assert.deepEqual(booksOf([late]), { Cash: 10_000n, BadDebt: -10_000n });
    assert.equal(issued(life, first).status, "paid");
    life.check();
  });

  test("is credited in part, tax in proportion, never beyond its total", () => {
    const life = invoiced();
    const event = life.run(credit(first, 5_950n), day);
    assert.deepEqual(booksOf([event]), { Receivable: -5_950n, Refunds: 5_000n, Tax: 950n });
    assert.deepEqual(life.refused(credit(first, 5_951n), day), {
      code: "credit_exceeds_invoice",
      invoice: first,
      left: 5_950n,
    });
    life.run(pay(first, "pay_1", 5_950n), day);
    assert.equal(issued(life, first).status, "paid");
    // What was paid already goes to the customer's balance.
    const rest = life.run(credit(first, 5_950n), day);
    assert.deepEqual(booksOf([rest]), { CustomerBalance: -5_950n, Refunds: 5_000n, Tax: 950n });
    life.check();
  });

  test("takes what the vendor owes off, and goes to the balance where the sum is below zero", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ ...plan, version: "big@1", base: fee(30_000n) }));
    life.run(finalize(first), day);
    life.run(change({ plan: { version: "A@2", base: fee(0n) }, when: "now" }), "2026-04-16T00:00Z");
    life.run(change({ plan, when: "now" }), "2026-04-16T00:00Z");
    life.pass("2026-05-01T00:00Z");
    // -150.00 and +50.00 of April, and 100.00 for May.
    const event = life.run(finalize("inv_10002"), "2026-05-01T01:00Z");
    assert(event.kind === "invoice.finalized");
    assert.equal(event.invoice.total, 0n);
    assert.equal(event.invoice.status, "paid");
    assert.deepEqual(booksOf([event]), { Receivable: -15_000n, CustomerBalance: 15_000n });
    assert.equal(life.books()["CustomerBalance"], undefined);
    life.check();
  });

  test("keeps what is left of the balance for the next one", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ ...plan, version: "big@1", base: fee(60_000n) }));
    life.run(change({ plan, when: "now" }), "2026-04-16T00:00Z");
    life.pass("2026-06-01T00:00Z");
    const charged = ["inv_10002", "inv_10003"].map((id) => {
      const event = life.run(finalize(id), "2026-06-01T01:00Z");
      assert(event.kind === "invoice.finalized");
      const { total, balanceApplied, charged: due } = event.invoice;
      assert.equal(total - balanceApplied, due);
      return [total, due];
    });
    assert.deepEqual(charged, [
      [-15_000n, 0n],
      [10_000n, 0n],
    ]);
    assert.equal(life.books()["CustomerBalance"], -5_000n);
    life.check();
  });

  test("the last one of a subscription has what was pending", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ ...plan, included: included(100n, null) }));
    life.run(
      change({ plan: { ...plan, version: "A@2", base: fee(20_000n) } }),
      "2026-04-16T00:00Z",
    );
    life.run(atEnd("end"), "2026-04-17T00:00Z");
    life.run(debit("dbt_1", 10), "2026-04-18T00:00Z");
    life.pass("2026-05-01T00:00Z");
    const last = life.invoices.at(-1);
    assert(last?.status === "draft");
    assert.deepEqual(
      last.lines.map(({ amount }) => amount),
      [-5_000n, 10_000n],
    );
  });
});
