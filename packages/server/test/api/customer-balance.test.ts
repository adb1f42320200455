/** What the vendor owes a customer, over the API: tax that goes back, and what becomes of the balance. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventPage, Invoice, PayRequest, TrialBalanceReport } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { beancountJudges, hledgerJudges } from "../books/accounting-tools.ts";
import { freshDatabase } from "../fresh-database.ts";
import { refusalOf } from "./refusal-of.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  plans: {
    big: { currency: "EUR", base: { fee: "600.00" } },
    small: { currency: "EUR", base: { fee: "100.00" } },
    metered: {
      currency: "EUR",
      base: { fee: "10.00" },
      overage: { kind: "bill", price: "0.01" },
    },
  },
});

type Cistern = Awaited<ReturnType<typeof createTestCistern>>;

const { url: databaseUrl } = await freshDatabase();
const cistern: Cistern = await createTestCistern({
  catalog,
  now: "2027-04-01T00:00:00Z",
  databaseUrl,
});
test.after(() => cistern.close());

/** A workspace on a plan, taxed with 19 %. */
async function begun(id: string, plan: string) {
  await cistern.createWorkspace({ id, currency: "EUR", overage: { kind: "plan" } });
  const workspace = cistern.workspace(id);
  await workspace.billing.put({ tax: { basisPoints: 1_900, name: "VAT 19 %" } });
  await workspace.subscription.put({ plan });
  return workspace;
}

const amountsOf = ({ subtotal, tax, total, balanceApplied, due }: Invoice) =>
  [subtotal, tax, total, balanceApplied, due].map(({ amount }) => amount).join(" ");

async function invoicesOf(id: string): Promise<readonly Invoice[]> {
  const { invoices } = cistern.workspace(id);
  const { data } = await invoices.list({});
  return await Promise.all(data.map((one) => invoices.get(one.id)));
}

/** What stands at the end of a month, by account. */
async function booksOf(id: string, month: string) {
  const { data } = await cistern.get<TrialBalanceReport>(
    `/v1/books/trial-balance?month=${month}&workspace=${id}`,
  );
  const rows = data.filter(({ commodity }) => commodity === "EUR");
  return Object.fromEntries(rows.map(({ account, closing }) => [account, closing]));
}

test("a downgrade, a cancellation and refunded overage give their VAT back", async () => {
  const [down, over, cancelled] = [
    await begun("down", "big"),
    await begun("over", "metered"),
    await begun("cancelled", "big"),
  ];
  const debit = await over.debit({ member: "ana", credits: "5000" });
  await cistern.advanceTo("2027-04-02T00:00:00Z");
  for (const workspace of [down, over, cancelled]) {
    const [first] = (await workspace.invoices.list({})).data;
    assert.ok(first);
    await workspace.invoices.pay(first.id, { payment: "bank-1" });
  }
  await cistern.advanceTo("2027-04-16T00:00:00Z");
  await down.subscription.put({ plan: "small", change: "now" });
  await cancelled.subscription.cancel({ when: "now" });
  await cistern.advanceTo("2027-05-02T00:00:00Z");
  await over.refund({ of: debit.id, credits: "3000" });
  await over.subscription.cancel({ when: "now" });
  const upcoming = await down.invoices.upcoming();
  assert.equal(upcoming.balanceApplied.amount, "0", "June's invoice has no line yet");
  await cistern.advanceTo("2027-06-02T00:00:00Z");
  assert.deepEqual((await invoicesOf("cancelled")).map(amountsOf), [
    "60000 11400 71400 0 0",
    "-30000 -5700 -35700 -35700 0",
  ]);
  assert.deepEqual((await invoicesOf("down")).map(amountsOf), [
    "60000 11400 71400 0 0",
    "-15000 -2850 -17850 -17850 0",
    "10000 1900 11900 11900 0",
  ]);
  // 3,000 of 5,000 credits come back, and 30 of 31 days of May's fee.
  assert.deepEqual((await invoicesOf("over")).map(amountsOf), [
    "1000 190 1190 0 0",
    // What the last invoice gives back pays this one, which nobody had paid.
    "6000 1140 7140 4722 2418",
    "-3968 -754 -4722 -4722 0",
  ]);
  // RULES 13: what was billed and is refunded says so, on the invoice that comes below zero.
  const [billed, last] = (await invoicesOf("over")).slice(1);
  const overage = (one: Invoice | undefined) =>
    one?.lines
      .filter(({ kind }) => kind === "overage")
      .map(({ description, amount }) => [description, amount.amount]);
  assert.deepEqual(overage(billed), [["Overage, credits", "5000"]]);
  assert.deepEqual(overage(last), [["Refund of overage billed before, credits", "-3000"]]);
  const books = await booksOf("cancelled", "2027-06");
  assert.deepEqual(books, {
    "Assets:Cash": "714.00",
    "Liabilities:CustomerBalance": "-357.00",
    "Liabilities:Tax": "-57.00",
    "Revenue:Subscription": "-300.00",
    total: "0.00",
  });
});

const eur = (amount: string) => ({ amount, currency: "EUR" });

test("a balance is shown, pays what is open, and is paid out", async () => {
  const workspace = await begun("owed", "small");
  const at = (time: string) => cistern.advanceTo(time);
  await at("2027-06-03T00:00:00Z");
  const [first] = (await workspace.invoices.list({})).data;
  assert.ok(first);
  await workspace.invoices.pay(first.id, { payment: "bank-1" });
  // The next one is open when the first is credited beyond what is due.
  await at("2027-07-03T00:00:00Z");
  await workspace.invoices.credit(first.id, { amount: eur("11900"), reason: "outage" });
  await at("2027-07-03T00:01:00Z");
  const second = (await invoicesOf("owed"))[1];
  assert.ok(second);
  assert.equal(amountsOf(second), "10000 1900 11900 11900 0");
  assert.equal(second.status, "paid");
  const issued = await workspace.invoices.get(second.id, { as: "issued" });
  assert.equal(
    amountsOf(issued),
    "10000 1900 11900 0 11900",
    "as it was sent, nothing had paid it",
  );
  assert.deepEqual([issued.status, issued.balancePayments], ["finalized", undefined]);
  assert.deepEqual(
    second.balancePayments?.map(({ amount }) => amount),
    [eur("11900")],
  );
  assert.deepEqual(second.payments, []);
  // Nothing is open now: what comes is the customer's.
  await workspace.invoices.credit(second.id, { amount: eur("5000") });
  const { at: place, asOf, ...standing } = await workspace.customerBalance.get();
  assert.ok(place.seq > 0 && asOf === "2027-07-03T00:01:00Z");
  assert.deepEqual(standing, { owed: eur("5000"), free: eur("5000"), waiting: eur("0") });
  const upcoming = await workspace.invoices.upcoming();
  assert.deepEqual(upcoming.customerBalance, standing);
  const beyond = workspace.customerBalance.payOut({ amount: eur("5001") });
  assert.equal(await refusalOf(beyond), "409 payout_exceeds_balance");
  const request = {
    amount: eur("4000"),
    reference: "transfer 9",
    occurredAt: "2027-07-02T00:00:00Z",
  };
  const key = { idempotencyKey: "payout 1" };
  const payout = await workspace.customerBalance.payOut(request, key);
  assert.match(payout.id, /^pyo_/);
  assert.deepEqual([payout.amount, payout.free], [eur("4000"), eur("1000")]);
  const again = await workspace.customerBalance.payOut(request, key);
  assert.deepEqual(again, payout, "told twice, paid once");
  assert.equal(
    await refusalOf(workspace.customerBalance.payOut({ amount: eur("1") }, key)),
    "422 idempotency_key_reused",
  );
  await workspace.closeMonth({ month: "2027-06" });
  const closed = workspace.customerBalance.payOut({ occurredAt: "2027-06-30T00:00:00Z" });
  assert.equal(await refusalOf(closed), "409 period_closed");
  assert.equal((await workspace.customerBalance.payOut()).amount.amount, "1000");
  const books = await booksOf("owed", "2027-07");
  assert.equal(books["Assets:Cash"], "69.00", "119.00 came, 40.00 and 10.00 went");
  assert.equal(books["Liabilities:CustomerBalance"], "0.00");
  const { data } = await cistern.get<EventPage>("/v1/workspaces/owed/events?after=0.0&limit=100");
  const told = data.filter(({ type }) => type.startsWith("balance."));
  assert.deepEqual(
    told.map(({ type, subject }) => [type, subject]),
    [
      ["balance.applied", second.id],
      ["balance.paid_out", payout.id],
      ["balance.paid_out", told[2]?.subject],
    ],
  );
});

test("a payment beyond what is due is refused, unless the rest goes to the balance; a fee is a part of it", async () => {
  const workspace = await begun("over-paid", "small");
  await cistern.advanceTo("2027-08-05T00:00:00Z");
  const [first] = (await workspace.invoices.list({})).data;
  assert.ok(first);
  const pay = (request: Omit<PayRequest, "payment">) =>
    workspace.invoices.pay(first.id, { payment: "bank-1", ...request });
  assert.equal(await refusalOf(pay({ amount: eur("12000") })), "409 payment_exceeds_due");
  assert.equal(
    await refusalOf(pay({ amount: eur("100"), fee: eur("5000") })),
    "422 invalid_request",
  );
  const paid = await pay({ amount: eur("12000"), excessToBalance: true });
  assert.deepEqual([paid.status, paid.payment?.excess], ["paid", eur("100")]);
  const { payments } = await workspace.invoices.get(first.id);
  assert.deepEqual(payments[0]?.excess, eur("100"));
  assert.deepEqual((await workspace.customerBalance.get()).free, eur("100"));
  const sale = {
    credits: "10",
    source: "purchase",
    cost: eur("100"),
    payment: "received",
  } as const;
  assert.equal(
    await refusalOf(workspace.grant({ ...sale, fee: eur("101") })),
    "422 invalid_request",
  );
  const taxed = await workspace.grant({ ...sale, fee: eur("119"), tax: eur("19") });
  assert.equal(taxed.available, "10");
});

test("hledger and beancount accept the books of all of it", async () => {
  for (const [format, judges] of [
    ["hledger", hledgerJudges],
    ["beancount", beancountJudges],
  ] as const) {
    const text = await cistern.exportBooks(format);
    assert.match(text, /Liabilities:CustomerBalance/);
    const { isAccepted, said } = judges(text);
    assert.ok(isAccepted, said);
  }
});
