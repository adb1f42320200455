/** Invoices that come out below zero: what is given back gives its tax back, once. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type IssuedInvoice, type Plan, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";
import { Life, booksOf, change, fee, start } from "./life.ts";

const big: Partial<Plan> = { name: "big", version: "big@1", base: fee(60_000n) };
const small: Partial<Plan> = { name: "small", version: "small@1", base: fee(10_000n) };

const finalize = (invoice: string, taxBps = 1_900): Command => ({
  kind: "finalizeInvoice",
  invoice,
  number: `R-${invoice}`,
  taxBps,
  termsDays: 14,
  purchaseOrder: null,
});
const pay = (invoice: string): Command => ({
  kind: "payInvoice",
  invoice,
  payment: `pay ${invoice}`,
  amount: null,
  currency: null,
  fee: money(0n),
  reference: null,
});

function issue(life: Life, invoice: string, when: string, taxBps?: number): IssuedInvoice {
  life.pass(when);
  const event = life.run(finalize(invoice, taxBps), when);
  assert(event.kind === "invoice.finalized");
  return event.invoice;
}

const amountsOf = ({ subtotal, tax, total, balanceApplied, charged }: IssuedInvoice) => [
  subtotal,
  tax,
  total,
  balanceApplied,
  charged,
];

/** 600.00 and its tax of 19 % are paid for April; in the middle of it comes a plan of 100.00. */
function downgraded(): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run(start(big));
  issue(life, "inv_10001", "2026-04-01T01:00Z");
  life.run(pay("inv_10001"), "2026-04-01T02:00Z");
  life.run(change({ plan: small, when: "now" }), "2026-04-16T00:00Z");
  return life;
}

suite("an invoice below zero", () => {
  test("carries the negative tax of its sum: what was paid is, in the end, net and 19 %", () => {
    const life = downgraded();
    assert.equal(life.books()["CustomerBalance"], -25_000n, "owed net from the change on");
    // -300.00 and +50.00 of April, 100.00 for May.
    const may = issue(life, "inv_10002", "2026-05-01T01:00Z");
    assert.deepEqual(amountsOf(may), [-15_000n, -2_850n, -17_850n, -17_850n, 0n]);
    assert.equal(may.status, "paid");
    const event = life.journal.rows.at(-1)?.event;
    assert(event !== undefined);
    assert.deepEqual(booksOf([event]), {
      Receivable: -10_000n,
      CustomerBalance: 7_150n,
      Tax: 2_850n,
    });
    assert.equal(life.books()["CustomerBalance"], -17_850n, "with its tax from the issue on");
    // The balance pays later invoices and changes nothing of their tax.
    const june = issue(life, "inv_10003", "2026-06-01T01:00Z");
    assert.deepEqual(amountsOf(june), [10_000n, 1_900n, 11_900n, 11_900n, 0n]);
    const july = issue(life, "inv_10004", "2026-07-01T01:00Z");
    assert.deepEqual(amountsOf(july), [10_000n, 1_900n, 11_900n, 5_950n, 5_950n]);
    life.run(pay("inv_10004"), "2026-07-02T00:00Z");
    const { Cash, Tax, CustomerBalance } = life.books();
    // 600 - 300 + 50 + 3 x 100 net.
    assert.deepEqual([Cash, Tax, CustomerBalance], [65_000n + 12_350n, -12_350n, undefined]);
    life.check();
  });

  test("of a cancellation gives back the tax of the time that is left", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(big));
    issue(life, "inv_10001", "2026-04-01T01:00Z");
    life.run(pay("inv_10001"), "2026-04-01T02:00Z");
    life.run({ kind: "cancelSubscription" }, "2026-04-16T00:00Z");
    const last = issue(life, "inv_10002", "2026-04-16T01:00Z");
    assert.deepEqual(amountsOf(last), [-30_000n, -5_700n, -35_700n, -35_700n, 0n]);
    assert.deepEqual(life.books(), {
      Cash: 71_400n,
      Tax: -5_700n,
      CustomerBalance: -35_700n,
      // What was given until the 16th; the end of the month recognises it.
      "Deferred:Access": -30_000n,
    });
    life.check();
  });

  test("is taxed at the rate of its own issue, as every invoice is", () => {
    const life = downgraded();
    const may = issue(life, "inv_10002", "2026-05-01T01:00Z", 2_100);
    assert.deepEqual(amountsOf(may), [-15_000n, -3_150n, -18_150n, -18_150n, 0n]);
    life.check();
  });

  test("rounds its tax half away from zero, as one above zero does", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ ...big, base: fee(60n) }));
    issue(life, "inv_10001", "2026-04-01T01:00Z", 500);
    life.run({ kind: "cancelSubscription" }, "2026-04-16T00:00Z");
    // 5 % of -0.30 are one and a half cents.
    const last = issue(life, "inv_10002", "2026-04-16T01:00Z", 500);
    assert.deepEqual(amountsOf(last), [-30n, -2n, -32n, -32n, 0n]);
    life.check();
  });

  test("leaves what it gives back to its own invoice: an earlier draft takes none of it", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(big));
    life.run(change({ plan: small, when: "now" }), "2026-04-16T00:00Z");
    // The draft of April is issued late; the change waits for the one of May.
    const april = issue(life, "inv_10001", "2026-04-17T00:00Z");
    assert.deepEqual(amountsOf(april), [60_000n, 11_400n, 71_400n, 0n, 71_400n]);
    const may = issue(life, "inv_10002", "2026-05-01T01:00Z");
    assert.deepEqual(amountsOf(may), [-15_000n, -2_850n, -17_850n, -17_850n, 0n]);
    life.check();
  });

  test("whatever is given back and whenever: tax is R1 of each subtotal, and no tax is lost", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    const any = fc.record({
      // A month without any price has no invoice.
      prices: fc.array(fc.bigInt({ min: 1n, max: 90_000n }), { minLength: 1, maxLength: 4 }),
      rates: fc.array(fc.nat(3_000), { minLength: 5, maxLength: 5 }),
      pays: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    });
    fc.assert(
      fc.property(any, ({ prices, rates, pays }) => {
        const life = new Life("2026-01-01T00:00Z");
        life.run(start(big));
        const invoices: IssuedInvoice[] = [];
        const bill = (month: number): void => {
          const id = `inv_1000${month}`;
          const one = issue(life, id, `2026-0${month}-01T01:00Z`, rates[month - 1]);
          if (one.status === "finalized" && pays[month - 1] === true)
            life.run(pay(id), `2026-0${month}-01T02:00Z`);
          invoices.push(one);
        };
        bill(1);
        for (const [index, price] of prices.entries()) {
          const to = { ...small, version: `v@${index}`, base: fee(price) };
          life.run(change({ plan: to, when: "now" }), `2026-0${index + 1}-1${index + 1}T07:00Z`);
          bill(index + 2);
        }
        let tax = 0n;
        for (const [index, { subtotal, tax: own }] of invoices.entries()) {
          const size = subtotal < 0n ? -subtotal : subtotal;
          const due = (2n * size * BigInt(rates[index] ?? 0) + 10_000n) / 20_000n;
          assert.equal(own, subtotal < 0n ? -due : due);
          tax += own;
        }
        assert.equal(life.books()["Tax"] ?? 0n, -tax);
        life.check();
      }),
      { seed, numRuns: runs(60) },
    );
  });
});
