/** What the vendor owes a customer, over the API: tax that goes back, and what becomes of the balance. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Invoice, TrialBalanceReport } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

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
    "6000 1140 7140 0 7140",
    "-3968 -754 -4722 -4722 0",
  ]);
  const books = await booksOf("cancelled", "2027-06");
  assert.deepEqual(books, {
    "Assets:Cash": "714.00",
    "Liabilities:CustomerBalance": "-357.00",
    "Liabilities:Tax": "-57.00",
    "Revenue:Subscription": "-300.00",
  });
});
