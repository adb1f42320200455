/** What was bought stands on paper, with a number: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreditNotePaperSchema,
  type Invoice,
  type InvoicePage,
  InvoicePageSchema,
  InvoiceSchema,
  type LedgerPage,
  type TopUp,
  TopUpSchema,
} from "@cistern/contract";
import { Compile } from "typebox/compile";
import {
  type NodeLogEntry,
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
  packs: {
    small: { currency: "USD", price: "100.00", credits: "10000" },
    large: { currency: "USD", price: "900.00", credits: "100000", bonus: "20000" },
  },
  plans: { team: { currency: "USD", base: { fee: "50.00" }, finalizeAfter: "PT1H" } },
});
const usd = (amount: string) => ({ amount, currency: "USD" });
const [whole, page, notePaper, topUpBody] = [
  Compile(InvoiceSchema),
  Compile(InvoicePageSchema),
  Compile(CreditNotePaperSchema),
  Compile(TopUpSchema),
];

async function opened(t: { after(end: () => Promise<void>): void }): Promise<TestCistern> {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now: "2026-01-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  await cistern.put("/v1/billing/issuer", { name: "Vendor Ltd" });
  const tax = { basisPoints: 825, name: "Sales tax 8.25 %" };
  const profile = { customer: { name: "Acme" }, tax, termsDays: 14, purchaseOrder: "PO 7" };
  await cistern.put("/v1/workspaces/acme/billing", profile);
  return cistern;
}

/** Buys packs; gives the top-up as it is once it is paid. */
async function bought(cistern: TestCistern, paid: object, pack = "small"): Promise<TopUp> {
  const { id } = await cistern.post<TopUp>("/v1/workspaces/acme/top-ups", { pack });
  const done = await cistern.post<TopUp>(`/v1/workspaces/acme/top-ups/${id}/mark-paid`, paid);
  assert.deepEqual(topUpBody.Errors(done), []);
  return done;
}

const invoiceOf = async (cistern: TestCistern, { invoice }: TopUp): Promise<Invoice> => {
  const read = await cistern.workspace("acme").invoices.get(invoice ?? "");
  assert.deepEqual(whole.Errors(read), []);
  return read;
};

/** Money of the ledger so far, by account; lots are one. */
async function booksOf(cistern: TestCistern): Promise<Readonly<Record<string, number>>> {
  const { data } = await cistern.get<LedgerPage>("/v1/workspaces/acme/ledger?limit=100");
  const sums: Record<string, number> = {};
  for (const { postings } of data)
    for (const { account, commodity, amount } of postings) {
      if (commodity === "CREDIT") continue;
      const name = account.replace(/grt_\w+/, "lot");
      sums[name] = (sums[name] ?? 0) + Number(amount);
    }
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0));
}

test("E1 a purchase is on an invoice of its own, numbered with all others and paid, and the books are as they were", async (t) => {
  const cistern = await opened(t);
  const acme = cistern.workspace("acme");
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "team" });
  await cistern.advanceTo("2026-01-01T02:00:00Z");
  const paid = { payment: "pay_1", tax: usd("825"), fee: usd("344") };
  const topUp = await bought(cistern, paid);
  const invoice = await invoiceOf(cistern, topUp);
  assert.deepEqual(
    [invoice.number, invoice.status, invoice.topUp, invoice.subscription, invoice.purchaseOrder],
    ["INV-000002", "paid", topUp.id, undefined, undefined],
  );
  const { subtotal, tax, total, paid: received, due } = invoice;
  assert.deepEqual(
    [subtotal, tax, total, received, due].map(({ amount }) => amount),
    ["10000", "825", "10825", "10825", "0"],
  );
  assert.deepEqual(invoice.taxRate, { basisPoints: 825, name: "Sales tax 8.25 %" });
  assert.deepEqual(
    invoice.lines.map(({ kind, description, arithmetic, amount }) => [
      kind,
      description,
      arithmetic,
      amount.amount,
    ]),
    [["purchase", "Pack small, 10,000 credits", "1 x 100.00", "10000"]],
  );
  assert.deepEqual(
    invoice.payments.map(({ id, amount, fee }) => [id, amount.amount, fee.amount]),
    [["pay_1", "10825", "344"]],
  );
  assert.deepEqual(invoice.creditsDrawn, []);
  assert.deepEqual(await booksOf(cistern), {
    Cash: 10_481,
    PaymentFees: 344,
    Tax: -1_238,
    "Deferred:lot": -10_000,
    Receivable: 5_413,
    "Deferred:Access": -5_000,
  });
  const { bytes } = await acme.invoices.pdf(invoice.id);
  const [text = ""] = await pagesOf(bytes);
  for (const said of [
    /INV-000002/,
    /Pack small, 10,000 credits/,
    /Sales tax 8.25 % 8.25/,
    /Amount due 0.00/,
  ])
    assert.match(text, said);
  assert.doesNotMatch(text, /Terms|Due 2026/);
  const csv = new TextDecoder().decode((await acme.invoices.csv(invoice.id)).bytes);
  assert.match(csv, /INV-000002.*purchase.*"?Pack small, 10,000 credits/);
  assert.match(csv, /payment.*108\.25/);
});

test("all papers are in one list, each with its number; those of plans show what was drawn as if nothing had been bought", async (t) => {
  const cistern = await opened(t);
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "team" });
  await cistern.advanceTo("2026-01-10T00:00:00Z");
  await bought(cistern, { payment: "pay_1" }, "large");
  const use = { member: "ana", meter: "chat", usage: { input_text: 70 } };
  await cistern.workspace("acme").debit(use);
  await cistern.advanceTo("2026-01-20T00:00:00Z");
  const second = await bought(cistern, { payment: "pay_2", tax: usd("7") });
  await cistern.workspace("acme").debit(use);
  await cistern.advanceTo("2026-02-01T02:00:00Z");
  const list = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  assert.deepEqual(page.Errors(list), []);
  assert.deepEqual(
    list.data
      .map(({ number, topUp, total }) => [number, topUp !== undefined, total?.amount] as const)
      .toSorted(([a = ""], [b = ""]) => a.localeCompare(b)),
    [
      ["INV-000001", false, "5413"],
      ["INV-000002", true, "90000"],
      ["INV-000003", true, "10007"],
      ["INV-000004", false, "5413"],
    ],
  );
  const february = list.data.find(({ number }) => number === "INV-000004");
  const read = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${february?.id}`);
  assert.deepEqual(
    read.creditsDrawn.map(({ credits, calls }) => [credits, calls]),
    [["140", 2]],
  );
  // No rate comes to a tax of 0.07.
  const { taxRate, tax, issuedAt, draftedAt } = await invoiceOf(cistern, second);
  assert.deepEqual([taxRate, tax.amount], [undefined, "7"]);
  assert.deepEqual([issuedAt, draftedAt], ["2026-01-20T00:00:00Z", "2026-01-20T00:00:00Z"]);
});

test("E13 what nobody used goes back with 75 % of the tax, and a credit note says so; goodwill and a chargeback have theirs", async (t) => {
  const cistern = await opened(t);
  const acme = cistern.workspace("acme");
  const topUp = await bought(cistern, { payment: "pay_1", tax: usd("825") });
  await acme.debit({ member: "ana", meter: "chat", usage: { input_text: 2_500 } });
  const before = await invoiceOf(cistern, topUp);
  const grant = topUp.grants?.[0] ?? "";
  const repaid = await cistern.post<{ creditNote: string }>(
    `/v1/workspaces/acme/grants/${grant}/repayments`,
    { reason: "not needed" },
  );
  assert.deepEqual((await booksOf(cistern))["Cash"], 10_825 - 8_119);
  const invoice = await invoiceOf(cistern, topUp);
  assert.deepEqual(
    invoice.creditNotes.map(({ id, number, amount, tax, reason }) => [
      id,
      number,
      amount.amount,
      tax.amount,
      reason,
    ]),
    [[repaid.creditNote, "CN-000001", "8119", "619", "not needed"]],
  );
  assert.deepEqual([invoice.credited.amount, invoice.due.amount], ["8119", "0"]);
  const paper = await acme.invoices.creditNote(invoice.id, repaid.creditNote);
  assert.deepEqual(notePaper.Errors(paper), []);
  assert.equal(paper.lines[0]?.description, "Credit for invoice INV-000001, pack small");
  assert.deepEqual(
    [paper.subtotal.amount, paper.tax.amount, paper.total.amount, paper.invoice.number],
    ["7500", "619", "8119", "INV-000001"],
  );
  assert.deepEqual(await acme.invoices.get(invoice.id, { as: "issued" }), before);
  // A bank takes what is left: all that was paid, less what went back.
  const taken = await cistern.post<{ creditNote: string }>(
    `/v1/workspaces/acme/grants/${grant}/chargebacks`,
    {},
  );
  const closed = await invoiceOf(cistern, topUp);
  assert.deepEqual(
    closed.creditNotes.map(({ id, amount }) => [id, amount.amount]),
    [
      [repaid.creditNote, "8119"],
      [taken.creditNote, "2706"],
    ],
  );
  assert.equal(closed.credited.amount, closed.total.amount);
  // Told again, its payment is answered by what became of it, and grants nothing.
  const paid = { payment: "pay_1", tax: usd("825") };
  const again = await cistern.post<TopUp>(
    `/v1/workspaces/acme/top-ups/${topUp.id}/mark-paid`,
    paid,
  );
  assert.equal(again.status, "charged_back");
  const read = await cistern.get<TopUp>(`/v1/workspaces/acme/top-ups/${topUp.id}`);
  assert.deepEqual(again, read);
  // It all went back to where it came from: nothing of it is a balance of the customer's.
  const [text = ""] = await pagesOf((await acme.invoices.pdf(invoice.id)).bytes);
  assert.match(text, /Paid -108.25.*Credited -108.25.*Paid back 108.25.*Amount due 0.00/s);
  assert.doesNotMatch(text, /To your balance/);
  const csv = new TextDecoder().decode((await acme.invoices.csv(invoice.id)).bytes);
  assert.match(csv, /,paid_back,.*,-108\.25,0\.00\r\n$/);
});

test("the invoice of a purchase is neither paid again, credited by hand, voided nor given up", async (t) => {
  const cistern = await opened(t);
  const { invoices } = cistern.workspace("acme");
  const { invoice = "" } = await bought(cistern, { payment: "pay_1" });
  const more = { payment: "pay_2", amount: usd("100"), excessToBalance: true };
  assert.equal(await refusalOf(invoices.pay(invoice, more)), "409 invoice_status");
  assert.equal(await refusalOf(invoices.void(invoice)), "409 invoice_status");
  assert.equal(await refusalOf(invoices.writeOff(invoice)), "409 invoice_status");
  assert.equal(await refusalOf(invoices.finalize(invoice)), "409 invoice_status");
  assert.equal(
    await refusalOf(invoices.credit(invoice, { amount: usd("100") })),
    "422 invalid_request",
  );
});

test("a purchase is issued all the same while nobody is set who sends or gets it; it says so, and an operator is told once", async (t) => {
  const { url: databaseUrl } = await freshDatabase();
  const told: NodeLogEntry[] = [];
  const cistern = await createTestCistern({
    catalog,
    now: "2026-01-01T00:00:00Z",
    databaseUrl,
    log: (entry) => {
      if (entry.code === "invoice_incomplete") told.push(entry);
    },
  });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const topUp = await bought(cistern, { payment: "pay_1" });
  await cistern.advanceTo("2026-01-01T00:01:00Z");
  const { number, warnings = [] } = await invoiceOf(cistern, topUp);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["issuer_missing", "customer_missing"],
  );
  assert.match(warnings[1]?.message ?? "", /before the next purchase/);
  assert.deepEqual(
    told.map(({ level, message }) => [level, message]),
    [
      "Nobody is set who sends it: put /v1/billing/issuer.",
      "Nobody is set who gets it: put the workspace's billing profile, with its customer.",
    ].map((lack) => ["warn", `Invoice ${number} of acme was issued all the same. ${lack}`]),
  );
  await cistern.put("/v1/billing/issuer", { name: "Vendor Ltd" });
  await cistern.put("/v1/workspaces/acme/billing", { customer: { name: "Acme" } });
  const second = await invoiceOf(cistern, await bought(cistern, { payment: "pay_2" }));
  assert.deepEqual([second.warnings, told.length], [undefined, 2]);
});
