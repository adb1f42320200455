/** One port for what is paid: an invoice or a top-up, whoever says it first, and money that goes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Pack, money, recognised } from "@cistern/kernel";
import * as fc from "fast-check";
import { fee, start } from "../../../kernel/test/subscriptions/life.ts";
import { debit } from "../../../kernel/test/scenario/commands.ts";
import { memoryStore } from "../../src/journal/index.ts";
import {
  type PaymentOutcome,
  type PaymentSubject,
  bookPayment,
  bookReversal,
  manualPayments,
} from "../../src/payments/index.ts";
import { createWorkspace, engineOn, newId, whole } from "../engine/fixtures.ts";
import { TestClock } from "../engine/test-clock.ts";

const pack: Pack = {
  name: "small",
  currency: "EUR",
  price: money(10_000n),
  credits: whole(100),
  bonus: whole(20),
  expiresAfter: null,
  priority: 50,
  breakage: null,
};
const received = (payment: string) => ({
  payment,
  amount: null,
  currency: null,
  tax: money(0n),
  fee: money(30n),
  reference: "transfer",
});
const outcomes = (payment: string): readonly PaymentOutcome[] => [
  { kind: "unknown", payment },
  { kind: "processing", payment },
  { kind: "requires_action", payment, action: "confirm" },
  { kind: "declined", payment, reason: "no funds" },
  manualPayments.markPaid(received(payment)),
  manualPayments.markPaid(received(payment)),
];

let made = 0;
/** A workspace with a top-up that waits and an invoice that is due. */
async function opened() {
  made += 1;
  const workspaceId = `p${made}`;
  const engine = engineOn(memoryStore(), { clock: new TestClock() });
  const run = async (command: Command) => {
    const answer = await engine.execute({ workspaceId, command, opId: null, fingerprint: null });
    assert.equal(
      answer.kind,
      "accepted",
      JSON.stringify(answer, (_, one: unknown) => String(one)),
    );
  };
  await run(createWorkspace(workspaceId));
  await run({ kind: "requestTopUp", topUp: "top_1", pack, quantity: 1, note: null });
  const plan = start({ base: fee(5_000n), currency: "EUR" });
  await run(plan);
  const invoice = "inv_10001";
  await run({
    kind: "finalizeInvoice",
    invoice,
    number: "R-1",
    taxBps: 0,
    termsDays: 14,
    purchaseOrder: null,
  });
  const stateOf = async () => {
    const read = await engine.read(workspaceId, (state) => ({
      lots: [...state.pool.lots.values()].filter(({ source }) => source === "purchase"),
      invoice: state.invoices.invoices.get(invoice),
      payments: state.topUps.payments.size + state.invoices.payments.size,
    }));
    assert(read.kind === "read");
    return read.value;
  };
  const subjects = {
    invoice: { kind: "invoice", workspaceId, invoice },
    top_up: { kind: "top_up", workspaceId, topUp: "top_1" },
  } as const satisfies Record<string, PaymentSubject>;
  return { engine, workspaceId, run, stateOf, subjects };
}

test("whatever is told in whatever order, a payment is booked once, and money that came is not refused", async () => {
  for (const kind of ["invoice", "top_up"] as const)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), async (order) => {
        const { engine, stateOf, subjects } = await opened();
        const said = order.flatMap((index) => outcomes("pay_1")[index] ?? []);
        for (const one of said) await bookPayment({ engine, newId }, subjects[kind], one);
        const isPaid = said.some((one) => one.kind === "succeeded");
        const { lots, invoice, payments } = await stateOf();
        assert.equal(payments, isPaid ? 1 : 0);
        if (kind === "top_up") assert.equal(lots.length, isPaid ? 2 : 0, "credits and bonus, once");
        else assert.equal(invoice?.status, isPaid ? "paid" : "finalized");
      }),
      { numRuns: 40 },
    );
});

test("a payment that paid one thing pays no other", async () => {
  const { engine, subjects } = await opened();
  const said = manualPayments.markPaid(received("pay_1"));
  await bookPayment({ engine, newId }, subjects.top_up, said);
  const other = await bookPayment({ engine, newId }, subjects.invoice, said);
  assert(other.kind === "rejected" && other.rejection.code === "payment_known");
  const again = await bookPayment({ engine, newId }, subjects.top_up, said);
  assert.equal(again.kind, "accepted", "told again it is answered from the first");
});

test("an invoice told twice without a key is booked before; what is not there is nothing", async () => {
  const { engine, subjects } = await opened();
  const said = manualPayments.markPaid(received("pay_1"));
  assert.equal((await bookPayment({ engine, newId }, subjects.invoice, said)).kind, "accepted");
  const again = await bookPayment({ engine, newId }, subjects.invoice, said);
  assert.equal(again.kind, "booked_before");
  const unknown = { kind: "unknown", payment: "pay_2" } as const;
  assert.equal((await bookPayment({ engine, newId }, subjects.invoice, unknown)).kind, "nothing");
  const asked = await manualPayments.collect({
    subject: subjects.invoice,
    payment: "pay_3",
    amount: money(1n),
    currency: "EUR",
    note: null,
    isAutomatic: false,
  });
  assert.equal(asked.kind, "requires_action");
});

test("a chargeback or a refund takes what is left of the credits and their bonus, once, however often it is told", async () => {
  for (const kind of ["charged_back", "refunded"] as const) {
    const { engine, workspaceId, run, stateOf, subjects } = await opened();
    const paid = manualPayments.markPaid(received("pay_1"));
    await bookPayment({ engine, newId }, subjects.top_up, paid);
    await run(debit("dbt_1", 30_000_000));
    const reversal = {
      kind,
      reversal: "rev_1",
      payment: "pay_1",
      amount: null,
      fee: money(0n),
      reason: "fraud",
    } as const;
    for (let times = 0; times < 3; times += 1)
      await bookReversal({ engine, newId }, workspaceId, reversal);
    const { lots } = await stateOf();
    assert.equal(
      lots.reduce((sum, lot) => sum + lot.available, 0n),
      0n,
    );
    const used = lots.reduce((sum, lot) => sum + lot.posted.consumed, 0n);
    assert.equal(
      lots.reduce((sum, lot) => sum + recognised(lot), 0n),
      used,
      "what was used stays revenue, and nothing else is",
    );
    const other = await bookReversal({ engine, newId }, workspaceId, {
      ...reversal,
      reversal: "rev_2",
    });
    assert.equal(other.kind, "nothing_left");
  }
});

test("a refund of a part of the price takes that part of the credits and their bonus, and the rest stays", async () => {
  const { engine, workspaceId, stateOf, subjects } = await opened();
  await bookPayment({ engine, newId }, subjects.top_up, manualPayments.markPaid(received("pay_1")));
  const before = (await stateOf()).lots;
  const price = before.reduce((sum, lot) => sum + lot.cost, 0n);
  const reversal = {
    kind: "refunded",
    reversal: "rev_1",
    payment: "pay_1",
    amount: money(price / 4n),
    fee: money(0n),
    reason: null,
  } as const;
  for (let times = 0; times < 2; times += 1)
    await bookReversal({ engine, newId }, workspaceId, reversal);
  const { lots } = await stateOf();
  for (const [index, lot] of lots.entries()) {
    const { granted = 0n } = before[index] ?? {};
    assert.deepEqual([lot.revoked, lot.available], [granted / 4n, granted - granted / 4n]);
  }
  const paidBack = lots.reduce((sum, lot) => sum + (lot.finance?.away.Cash ?? 0n), 0n);
  assert.equal(paidBack, price / 4n);
});

test("money of an invoice that goes back is told to a person, and money of nobody's is nothing", async () => {
  const { engine, workspaceId, subjects } = await opened();
  await bookPayment(
    { engine, newId },
    subjects.invoice,
    manualPayments.markPaid(received("pay_1")),
  );
  const none = { amount: null, fee: money(0n), reason: null };
  const reversal = { kind: "refunded", reversal: "r", ...none } as const;
  assert.deepEqual(
    await bookReversal({ engine, newId }, workspaceId, { ...reversal, payment: "pay_1" }),
    { kind: "no_credits", invoice: "inv_10001" },
  );
  assert.deepEqual(
    await bookReversal({ engine, newId }, workspaceId, { ...reversal, payment: "pay_x" }),
    { kind: "no_credits", invoice: null },
  );
});
