/** Invoicing what is pending before the period is over, through the front door: exact sums, once, and readable. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Invoice,
  type InvoicePage,
  InvoiceSchema,
  type TrialBalanceReport,
  type UpcomingInvoice,
} from "@cistern/contract";
import { Compile } from "typebox/compile";
import {
  type TaxAnswer,
  type TestCistern,
  createTestCistern,
  defineCatalog,
} from "../../src/index.ts";
import { pagesOf } from "../billing/read-pdf.ts";
import { freshDatabase } from "../fresh-database.ts";
import { refusalOf } from "./refusal-of.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  outcomes: { document: { kind: "quantity" } },
  plans: {
    yearly: {
      currency: "USD",
      every: "year",
      seats: { fee: "365.00" },
      usage: {
        chat: { kind: "graduated", tiers: [{ upTo: 100, price: "0.02" }, { price: "0.01" }] },
      },
      outcomes: {
        document: { kind: "graduated", tiers: [{ upTo: 10, price: "0.10" }, { price: "0.05" }] },
      },
      minimum: { amounts: ["10.00"] },
      finalizeAfter: "PT2H",
    },
  },
});
const whole = Compile(InvoiceSchema);

async function onPlan(
  t: { after(end: () => Promise<void>): void },
  rateOf?: () => Promise<TaxAnswer>,
): Promise<TestCistern> {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({
    catalog,
    now: "2026-01-01T00:00:00Z",
    databaseUrl,
    ...(rateOf === undefined ? {} : { taxes: { rateOf } }),
  });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const tax = { basisPoints: 1_900, name: "VAT 19 %" };
  await cistern.put("/v1/workspaces/acme/billing", { customer: { name: "Acme" }, tax });
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "yearly", seats: 1 });
  await cistern.advanceTo("2026-01-02T00:00:00Z");
  return cistern;
}

const use = async (cistern: TestCistern, calls: number): Promise<void> => {
  await cistern
    .workspace("acme")
    .debit({ member: "ana", meter: "chat", usage: { input_text: calls } });
};

const linesOf = ({ lines }: Invoice) => lines.map(({ kind, amount }) => [kind, amount.amount]);

test("a year that is invoiced twice before its end costs the same to the cent, and no charge of it stands on two invoices", async (t) => {
  const cistern = await onPlan(t);
  const acme = cistern.workspace("acme");
  assert.equal(await refusalOf(acme.invoices.invoiceNow()), "409 nothing_to_invoice");
  // 80 x 0.02, 8 documents at 0.10, and two more seats for 184 of 365 days.
  await cistern.advanceTo("2026-03-01T00:00:00Z");
  await use(cistern, 80);
  await cistern.post("/v1/workspaces/acme/outcomes", { type: "document", quantity: 8 });
  await cistern.advanceTo("2026-07-01T00:00:00Z");
  await cistern.put("/v1/workspaces/acme/seats", { seats: 3 });
  const before = await cistern.get<UpcomingInvoice>("/v1/workspaces/acme/invoices/upcoming");
  const first = await acme.invoices.invoiceNow({ idempotencyKey: "march" });
  assert.deepEqual(whole.Errors(first), []);
  assert.deepEqual(linesOf(first), [
    ["usage", "160"],
    ["outcome", "80"],
    ["remaining_time", "36800"],
  ]);
  assert.deepEqual(
    [first.status, first.interim, first.number, first.subtotal.amount, first.tax.amount],
    ["finalized", true, "INV-000002", "37040", "7038"],
  );
  assert.equal(before.total.amount, first.total.amount, "the preview said so");
  assert.equal(first.lines[0]?.to, "2026-07-01T00:00:00Z");
  // Asked for again it is the same one, whatever became of it.
  await cistern.post(`/v1/workspaces/acme/invoices/${first.id}/pay`, { payment: "bank 1" });
  await use(cistern, 1);
  assert.deepEqual(await acme.invoices.invoiceNow({ idempotencyKey: "march" }), first);
  // 19 more at 0.02 with the one before, 31 at 0.01.
  await cistern.advanceTo("2026-09-01T00:00:00Z");
  await use(cistern, 50);
  const second = await acme.invoices.invoiceNow();
  assert.deepEqual(linesOf(second), [["usage", "71"]]);
  assert.match(second.lines[0]?.arithmetic ?? "", /beyond 80 of before$/);
  await cistern.post("/v1/workspaces/acme/outcomes", { type: "document", quantity: 4 });
  await cistern.advanceTo("2027-01-01T03:00:00Z");
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  assert.deepEqual(
    data.map(({ number, interim }) => [number, interim]),
    [
      ["INV-000001", undefined],
      ["INV-000002", true],
      ["INV-000003", true],
      ["INV-000004", undefined],
    ],
  );
  const last = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${data[3]?.id}`);
  // Usage of the year is 2.31 and outcomes are 1.10 (10 documents at 0.10 and 2 at 0.05), against the minimum of 10.00.
  assert.deepEqual(linesOf(last), [
    ["outcome", "30"],
    ["shortfall", "659"],
    ["seats", "109500"],
  ]);
  assert.equal(last.lines[0]?.arithmetic, "2 x 0.10 + 2 x 0.05, beyond 8 of before");
  assert.equal(first.lines[1]?.arithmetic, "8 x 0.10");
  const books = await cistern.get<TrialBalanceReport>("/v1/books/trial-balance?month=2027-01");
  const unbilled = books.data.find(({ account }) => account.endsWith("Unbilled"));
  assert.equal(unbilled?.closing ?? "0.00", "0.00", "nothing of the year is left unbilled");
});

test("many ask at once and there is one invoice; its paper says that it is an interim one", async (t) => {
  const cistern = await onPlan(t);
  const acme = cistern.workspace("acme");
  await use(cistern, 10);
  const asked = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      acme.invoices.invoiceNow({ idempotencyKey: `at once ${index}` }),
    ),
  );
  assert.equal(asked.filter(({ status }) => status === "fulfilled").length, 1);
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  assert.equal(data.length, 2);
  const id = data[1]?.id ?? "";
  const { bytes } = await acme.invoices.pdf(id);
  const [text = ""] = await pagesOf(bytes);
  assert.match(text, /Interim invoice/);
  assert.match(text, /Usage, chat 2026-01-01 10 credits 0.20/);
});

test("one whose tax is not known stays a draft that the same key issues later, and none is drafted beside it", async (t) => {
  let answer: TaxAnswer = { kind: "rate", basisPoints: 700, note: "VAT 7 %" };
  const cistern = await onPlan(t, async () => answer);
  const acme = cistern.workspace("acme");
  await use(cistern, 10);
  answer = { kind: "unknown", reason: "No tax id of the customer." };
  const key = { idempotencyKey: "now" };
  assert.equal(await refusalOf(acme.invoices.invoiceNow(key)), "409 tax_unknown");
  assert.equal(await refusalOf(acme.invoices.invoiceNow()), "409 nothing_to_invoice");
  assert.equal(await refusalOf(acme.invoices.invoiceNow(key)), "409 tax_unknown");
  answer = { kind: "rate", basisPoints: 1_900, note: "VAT 19 %" };
  const invoice = await acme.invoices.invoiceNow(key);
  assert.deepEqual([invoice.status, invoice.total.amount], ["finalized", "24"]);
});
