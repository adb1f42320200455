/** What the vendor owes a customer: it pays open invoices, waits for its own, and is paid out. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Command,
  type IssuedInvoice,
  type Plan,
  customerBalance,
  money,
} from "@cistern/kernel";
import { at } from "../calendar.ts";
import { Life, booksOf, change, fee, ofKind, start } from "./life.ts";

const big: Partial<Plan> = { name: "big", version: "big@1", base: fee(60_000n) };
const small: Partial<Plan> = { name: "small", version: "small@1", base: fee(10_000n) };

const finalize = (invoice: string): Command => ({
  kind: "finalizeInvoice",
  invoice,
  number: `R-${invoice}`,
  taxBps: 1_900,
  termsDays: 14,
  purchaseOrder: null,
});
const pay = (invoice: string): Extract<Command, { readonly kind: "payInvoice" }> => ({
  kind: "payInvoice",
  invoice,
  payment: `pay ${invoice}`,
  amount: null,
  currency: null,
  fee: money(0n),
  reference: null,
});
const credit = (invoice: string, amount: bigint): Command => ({
  kind: "creditInvoice",
  creditNote: `crn_${invoice}`,
  number: null,
  invoice,
  amount: money(amount),
  currency: null,
  reason: null,
});
const payOut = (amount: bigint | null, given: object = {}): Command => ({
  kind: "payOutBalance",
  payout: "pyo_1",
  amount: amount === null ? null : money(amount),
  currency: null,
  occurredAt: null,
  reference: "transfer 9",
  ...given,
});
const first = "inv_10001";

/** Issues the invoices of April to one of the next months; the first is paid. */
function billed(terms: Partial<Plan>, months: number): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run(start(terms));
  for (let month = 4; month < 4 + months; month += 1) {
    life.pass(`2026-0${month}-01T01:00Z`);
    life.run(finalize(`inv_1000${month - 3}`), `2026-0${month}-01T01:00Z`);
  }
  life.run(pay(first), `2026-0${3 + months}-02T00:00Z`);
  return life;
}

const issued = (life: Life, id: string): IssuedInvoice => {
  const found = life.journal.state.invoices.invoices.get(id);
  assert(found !== undefined && found.status !== "draft");
  return found;
};
const standing = (life: Life): readonly bigint[] => {
  const { owed, free, waiting } = customerBalance(life.journal.state);
  return [owed, free, waiting];
};

suite("what the vendor owes a customer", () => {
  test("pays the invoices that are open when it arises, the oldest first, and no line of them changes", () => {
    const life = billed(small, 3);
    // May and June are open with 119.00 each; 150.00 of April are credited.
    assert.deepEqual(
      [issued(life, "inv_10002").status, issued(life, "inv_10003").status],
      ["finalized", "finalized"],
    );
    life.run(credit(first, 11_900n), "2026-06-03T00:00Z");
    const applied = life.pass("2026-06-03T00:01Z");
    assert.deepEqual(
      ofKind(applied, "balance.applied").map(({ invoice, amount }) => [invoice.id, amount]),
      [["inv_10002", 11_900n]],
    );
    assert.deepEqual(booksOf(applied), { Receivable: -11_900n, CustomerBalance: 11_900n });
    const { status, total, tax, balanceApplied, charged, paid } = issued(life, "inv_10002");
    assert.deepEqual(
      [status, total, tax, balanceApplied, charged, paid],
      ["paid", 11_900n, 1_900n, 11_900n, 0n, 0n],
    );
    assert.equal(issued(life, "inv_10003").charged, 11_900n);
    assert.deepEqual(standing(life), [0n, 0n, 0n]);
    life.check();
  });

  test("pays a part of one where it is less, and the rest is paid in money", () => {
    const life = billed(small, 2);
    life.run(credit(first, 5_000n), "2026-05-03T00:00Z");
    life.pass("2026-05-03T00:01Z");
    assert.equal(issued(life, "inv_10002").charged, 6_900n);
    const event = life.run(pay("inv_10002"), "2026-05-04T00:00Z");
    assert.deepEqual(booksOf([event]), { Cash: 6_900n, Receivable: -6_900n });
    assert.equal(issued(life, "inv_10002").status, "paid");
    life.check();
  });

  test("of an invoice below zero pays others with its tax, from its issue on and not before", () => {
    const life = billed(big, 2);
    // May is open with 714.00; a cancellation gives 15 of its 31 days back.
    life.run({ kind: "cancelSubscription" }, "2026-05-17T00:00Z");
    life.pass("2026-05-17T00:01Z");
    assert.deepEqual(standing(life), [29_032n, 0n, 29_032n]);
    assert.equal(issued(life, "inv_10002").charged, 71_400n);
    life.run(finalize("inv_10003"), "2026-05-17T01:00Z");
    assert.deepEqual(standing(life), [34_548n, 34_548n, 0n], "R1 of 19 % of 290.32 more");
    life.pass("2026-05-17T01:01Z");
    assert.equal(issued(life, "inv_10002").charged, 71_400n - 34_548n);
    assert.deepEqual(standing(life), [0n, 0n, 0n]);
    life.check();
  });

  test("leaves alone what was given up, and is given back by an invoice that is void", () => {
    const life = billed(small, 3);
    const close = (invoice: string, status: "void" | "uncollectible"): Command => ({
      kind: "voidInvoice",
      invoice,
      status,
      reason: null,
    });
    life.run(close("inv_10002", "uncollectible"), "2026-06-03T00:00Z");
    life.run(credit(first, 11_900n), "2026-06-03T01:00Z");
    life.pass("2026-06-03T01:01Z");
    assert.equal(issued(life, "inv_10003").status, "paid");
    // One that the balance paid in part can still be taken back: then it is the customer's again.
    const other = billed(small, 2);
    other.run(credit(first, 5_000n), "2026-05-03T00:00Z");
    other.pass("2026-05-03T00:01Z");
    other.run(close("inv_10002", "void"), "2026-05-04T00:00Z");
    assert.deepEqual(standing(other), [5_000n, 5_000n, 0n]);
    life.check();
    other.check();
  });

  test("is paid out, whole or in part, never beyond what is free", () => {
    const life = billed(small, 1);
    life.run(credit(first, 11_900n), "2026-04-03T00:00Z");
    assert.deepEqual(life.refused(payOut(11_901n), "2026-04-04T00:00Z"), {
      code: "payout_exceeds_balance",
      asked: 11_901n,
      free: 11_900n,
      waiting: 0n,
    });
    const event = life.run(payOut(900n), "2026-04-04T00:00Z");
    assert.deepEqual(booksOf([event]), { Cash: -900n, CustomerBalance: 900n });
    const rest = life.run(payOut(null), "2026-04-05T00:00Z");
    assert(rest.kind === "balance.paid_out");
    assert.deepEqual([rest.amount, rest.free], [11_000n, 0n]);
    assert.equal(
      life.refused(payOut(null), "2026-04-06T00:00Z").code,
      "payout_exceeds_balance",
      "nothing is left",
    );
    assert.equal(life.refused(payOut(0n), "2026-04-06T00:00Z").code, "invalid_request");
    const eur = payOut(1n, { currency: "EUR" });
    assert.equal(life.refused(eur, "2026-04-06T00:00Z").code, "currency_mismatch");
    life.check();
  });

  test("is not paid out while it waits for the invoice that gives it back", () => {
    const life = billed(big, 1);
    life.run(change({ plan: small, when: "now" }), "2026-04-16T00:00Z");
    assert.deepEqual(life.refused(payOut(1n), "2026-04-17T00:00Z"), {
      code: "payout_exceeds_balance",
      asked: 1n,
      free: 0n,
      waiting: 25_000n,
    });
  });

  test("is paid out on the day that is said, but not in the future or in a closed month", () => {
    const life = billed(small, 1);
    life.run(credit(first, 11_900n), "2026-04-03T00:00Z");
    const on = (when: string) => payOut(100n, { occurredAt: at(when) });
    const event = life.run(on("2026-04-10T00:00Z"), "2026-05-02T00:00Z");
    assert.equal(event.postedAt, at("2026-04-10T00:00Z"));
    assert.equal(
      life.refused(on("2026-05-03T00:00Z"), "2026-05-02T00:00Z").code,
      "invalid_request",
    );
    life.run({ kind: "closeMonth", month: "2026-04" }, "2026-05-02T00:00Z");
    assert.equal(life.refused(on("2026-04-11T00:00Z"), "2026-05-03T00:00Z").code, "period_closed");
    life.check();
  });
});

suite("a payment of more than is due", () => {
  const paying = (amount: bigint, given: object = {}): Command => ({
    ...pay(first),
    amount: money(amount),
    ...given,
  });
  const issuedFirst = (): Life => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(small));
    life.run(finalize(first), "2026-04-01T01:00Z");
    return life;
  };

  test("is refused, but where the rest is to go to the customer's balance", () => {
    const life = issuedFirst();
    assert.equal(life.refused(paying(12_000n), "2026-04-02T00:00Z").code, "payment_exceeds_due");
    const event = life.run(paying(12_000n, { excessToBalance: true }), "2026-04-02T00:00Z");
    assert.deepEqual(booksOf([event]), {
      Cash: 12_000n,
      Receivable: -11_900n,
      CustomerBalance: -100n,
    });
    const { status, paid } = issued(life, first);
    assert.deepEqual([status, paid], ["paid", 11_900n]);
    // What crossed with another payment is the customer's as a whole.
    const late = { payment: "pay 2", excessToBalance: true };
    const second = life.run(paying(11_900n, late), "2026-04-03T00:00Z");
    assert.deepEqual(booksOf([second]), { Cash: 11_900n, CustomerBalance: -11_900n });
    assert.deepEqual(standing(life), [12_000n, 12_000n, 0n]);
    life.check();
  });

  test("and one of which the provider keeps more than there is, is refused: there is no such money", () => {
    const life = issuedFirst();
    const refusal = life.refused(paying(100n, { fee: money(101n) }), "2026-04-02T00:00Z");
    assert.equal(refusal.code, "invalid_request");
    assert.equal("field" in refusal && refusal.field, "fee");
    life.run(paying(100n, { fee: money(100n) }), "2026-04-02T00:00Z");
    life.check();
  });
});
