/** Tax from whoever knows it, and what the paper says of it: months on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CisternProblem } from "@cistern/client";
import {
  type Invoice,
  type InvoicePage,
  InvoiceSchema,
  type TrialBalanceReport,
  type UpcomingInvoice,
  UpcomingInvoiceSchema,
} from "@cistern/contract";
import { Compile } from "typebox/compile";
import {
  type NodeLogEntry,
  type TaxAnswer,
  type TaxQuestion,
  createTestCistern,
  defineCatalog,
} from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perThousand: { input_text: "1" } }] } },
  plans: { team: { currency: "EUR", base: { fee: "100.00" }, finalizeAfter: "P1D" } },
});
const whole = Compile(InvoiceSchema);
const upcoming = Compile(UpcomingInvoiceSchema);

async function begun(rateOf?: (question: TaxQuestion) => Promise<TaxAnswer>) {
  const database = await freshDatabase();
  const told: NodeLogEntry[] = [];
  const cistern = await createTestCistern({
    catalog,
    now: "2026-01-01T00:00:00Z",
    databaseUrl: database.url,
    log: (entry) => {
      if (entry.code !== "schema_changed") told.push(entry);
    },
    ...(rateOf === undefined ? {} : { taxes: { rateOf } }),
  });
  await cistern.createWorkspace({ id: "acme", currency: "EUR" });
  const acme = cistern.workspace("acme");
  await acme.subscription.put({ plan: "team" });
  const close = async (): Promise<void> => {
    await cistern.close();
    await database.drop();
  };
  const first = async (): Promise<Invoice> => {
    const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
    const invoice = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${data[0]?.id}`);
    assert.deepEqual(whole.Errors(invoice), []);
    return invoice;
  };
  return { cistern, acme, told, close, first };
}

const customer = { name: "Acme GmbH", taxId: "DE123456789" };
const issuer = { name: "Vendor Ltd" };

test("whoever knows taxes is asked with what is known, and the answer is on the invoice and in the books", async (t) => {
  const asked: TaxQuestion[] = [];
  const { cistern, acme, close, first, told } = await begun(async (question) => {
    asked.push(question);
    return { kind: "rate", basisPoints: 1_900, note: "VAT 19 %" };
  });
  t.after(close);
  await cistern.put("/v1/billing/issuer", issuer);
  const profile = { customer, tax: { basisPoints: 700, name: "of the profile" }, termsDays: 14 };
  await acme.billing.put(profile);
  const draft = await first();
  assert.deepEqual([draft.status, draft.total.amount], ["draft", "11900"]);
  await cistern.advanceTo("2026-01-02T00:00:00Z");
  const invoice = await first();
  assert.equal(invoice.status, "finalized");
  assert.deepEqual(invoice.taxRate, { basisPoints: 1_900, name: "VAT 19 %" });
  assert.deepEqual([invoice.tax.amount, invoice.warnings], ["1900", undefined]);
  const eur = (amount: string) => ({ amount, currency: "EUR" });
  assert.deepEqual(asked.at(-1), {
    workspaceId: "acme",
    invoice: invoice.id,
    profile,
    currency: "EUR",
    subtotal: eur("10000"),
    lines: [{ kind: "base_fee", about: "team", amount: eur("10000") }],
  });
  const { data } = await cistern.get<TrialBalanceReport>("/v1/books/trial-balance?month=2026-01");
  assert.equal(data.find(({ account }) => account.endsWith("Tax"))?.closing, "-19.00");
  assert.deepEqual(told, []);
});

test("an invoice whose tax nobody knows stays a draft, says why, and is issued when it is known", async (t) => {
  let answer: TaxAnswer | Error = { kind: "unknown", reason: "No tax id of the customer." };
  const { cistern, acme, close, first } = await begun(async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  t.after(close);
  await cistern.put("/v1/billing/issuer", issuer);
  await acme.billing.put({ customer });
  await cistern.advanceTo("2026-01-03T00:00:00Z");
  const draft = await first();
  assert.deepEqual(
    [draft.status, draft.total.amount, draft.warnings],
    ["draft", "10000", [{ code: "tax_unknown", message: "No tax id of the customer." }]],
  );
  const refusal = async (): Promise<unknown> => {
    try {
      return await acme.invoices.finalize(draft.id);
    } catch (error) {
      assert.ok(error instanceof CisternProblem);
      return [error.status, error.code, error.problem.detail];
    }
  };
  assert.deepEqual(await refusal(), [409, "tax_unknown", "No tax id of the customer."]);
  answer = new Error("connection refused");
  assert.deepEqual(await refusal(), [
    409,
    "tax_unknown",
    "Its tax could not be asked for: connection refused",
  ]);
  answer = { kind: "rate", basisPoints: 19.5, note: "VAT" };
  assert.match(String(await refusal()), /none: 19\.5 basis points/);
  // What is no answer is no tax of 0.
  for (const [none, printed] of [
    [{}, "{}"],
    [{ knd: "none" }, "{ knd: 'none' }"],
    [{ kind: "rates", basisPoints: 1_900 }, "{ kind: 'rates', basisPoints: 1900 }"],
    [{ kind: "unknown" }, "{ kind: 'unknown' }"],
    [null, "null"],
    [undefined, "undefined"],
  ] as const) {
    answer = JSON.parse(JSON.stringify({ none })).none;
    assert.deepEqual(await refusal(), [
      409,
      "tax_unknown",
      `What was answered for its tax is no answer: ${printed}.`,
    ]);
  }
  await cistern.advanceTo("2026-01-03T12:00:00Z");
  assert.equal((await first()).status, "draft");
  answer = { kind: "rate", basisPoints: 1_900, note: JSON.parse("{}").note };
  assert.match(String(await refusal()), /none: 1900 basis points/);
  answer = { kind: "rate", basisPoints: 0, note: "Reverse charge" };
  await cistern.advanceTo("2026-01-04T00:00:00Z");
  const invoice = await first();
  assert.deepEqual(
    [invoice.status, invoice.number, invoice.total.amount],
    ["finalized", "INV-000001", "10000"],
  );
  assert.deepEqual(invoice.taxRate, { basisPoints: 0, name: "Reverse charge" });
  // What comes later does not touch it.
  answer = { kind: "none" };
  assert.deepEqual((await first()).taxRate, invoice.taxRate);
  const next = await cistern.get<UpcomingInvoice>("/v1/workspaces/acme/invoices/upcoming");
  assert.deepEqual(upcoming.Errors(next), []);
  assert.equal(next.taxRate, undefined);
});

test("without anybody else the profile's rate is taken; what the paper lacks is said before and after", async (t) => {
  const { cistern, acme, close, first, told } = await begun();
  t.after(close);
  await acme.billing.put({ tax: { basisPoints: 1_900, name: "VAT 19 %" } });
  const codes = async () => ((await first()).warnings ?? []).map(({ code }) => code);
  assert.deepEqual(await codes(), ["issuer_missing", "customer_missing"]);
  await cistern.put("/v1/billing/issuer", issuer);
  assert.deepEqual(await codes(), ["customer_missing"]);
  await cistern.advanceTo("2026-01-02T00:00:00Z");
  const invoice = await first();
  assert.deepEqual([invoice.total.amount, invoice.warnings], ["11900", undefined]);
  assert.deepEqual(
    told.map(({ code, message }) => [code, message.slice(0, 63)]),
    [["invoice_incomplete", "Invoice INV-000001 of acme was issued all the same. Nobody is s"]],
  );
});
