/** Invoices as a finance person and a vendor's developer meet them: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreditNotePaperSchema,
  InvoiceChangeSchema,
  InvoicePageSchema,
  InvoiceSchema,
  ProblemSchema,
  UpcomingInvoiceSchema,
} from "@cistern/contract";
import { Compile } from "typebox/compile";
import { pagesOf } from "../billing/read-pdf.ts";
import { type Reply, eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "1000000" } }] } },
  plans: {
    starter: {
      currency: "USD",
      base: { fee: "100.00", value: "60.00" },
      included: { credits: "5000", value: "40.00" },
      finalizeAfter: "P1D",
    },
    business: { currency: "USD", base: { fee: "250.00" }, finalizeAfter: "P1D" },
    metered: {
      currency: "USD",
      overage: { kind: "bill", price: "0.0003" },
      finalizeAfter: "P1D",
    },
    quick: { currency: "USD", base: { fee: "9.00" }, finalizeAfter: "PT1S" },
  },
});
const whole = Compile(InvoiceSchema);
const change = Compile(InvoiceChangeSchema);
const page = Compile(InvoicePageSchema);
const problem = Compile(ProblemSchema);
const notePaper = Compile(CreditNotePaperSchema);
const upcoming = Compile(UpcomingInvoiceSchema);

/** A workspace with the draft of its first invoice; gives the invoice's path. */
async function drafted(id: string, plan = "starter"): Promise<string> {
  await workspaceWith(api, id, "0");
  const put = await api.put(`/v1/workspaces/${id}/subscription`, { plan });
  assert.equal(put.status, 200, put.text);
  const list = await api.get(`/v1/workspaces/${id}/invoices`);
  assert.ok(page.Check(list.body), list.text);
  return `/v1/workspaces/${id}/invoices/${list.textAt("data.0.id")}`;
}

/** The same, issued with 19 % tax: 119.00. */
async function issued(id: string): Promise<string> {
  const path = await drafted(id);
  await api.put(`/v1/workspaces/${id}/billing`, profile);
  done(await api.post(`${path}/finalize`));
  return path;
}

const profile = {
  customer: { name: "Acme GmbH", address: "Hauptstr. 1\n10115 Berlin", taxId: "DE123456789" },
  tax: { basisPoints: 1_900, name: "VAT 19 %" },
  termsDays: 14,
  purchaseOrder: "PO 7",
};
const usd = (amount: string) => ({ amount, currency: "USD" });

function done(reply: Reply): Reply {
  assert.equal(reply.status, 200, reply.text);
  assert.ok(change.Check(reply.body), reply.text);
  return reply;
}

async function read(path: string): Promise<Reply> {
  const reply = await api.get(path);
  assert.equal(reply.status, 200, reply.text);
  const [fault] = whole.Errors(reply.body);
  assert.deepEqual(fault, undefined, reply.text);
  return reply;
}

test("a draft shows what it would come to; issued, it says with what, and never changes", async () => {
  const path = await drafted("i1");
  await api.put("/v1/workspaces/i1/billing", profile);
  const draft = await read(path);
  assert.equal(draft.at("status"), "draft");
  assert.equal(draft.at("number"), undefined);
  assert.equal(draft.at("total.amount"), "11900");
  const first = done(await api.post(`${path}/finalize`, {}, { idempotencyKey: "f1" }));
  assert.match(first.textAt("number"), /^INV-[0-9]{6}$/);
  const invoice = await read(path);
  assert.equal(invoice.at("status"), "finalized");
  assert.equal(invoice.at("due.amount"), "11900");
  assert.deepEqual(invoice.at("customer"), profile.customer);
  assert.deepEqual(invoice.at("taxRate"), profile.tax);
  assert.equal(invoice.at("purchaseOrder"), "PO 7");
  assert.equal(invoice.at("lines.0.description"), "Base fee, plan starter");
  assert.equal(invoice.at("lines.0.arithmetic"), "1 x 100.00");
  // What comes later is for later invoices.
  await api.put("/v1/workspaces/i1/billing", { termsDays: 60 });
  assert.equal((await read(path)).text, invoice.text);
  const again = done(await api.post(`${path}/finalize`, {}, { idempotencyKey: "f1" }));
  assert.equal(again.text, first.text);
  const other = await api.post(`${path}/finalize`);
  assert.equal(other.at("code"), "invoice_status", other.text);
});

test("a draft whose time has come is issued by itself", async () => {
  const path = await drafted("i2", "quick");
  const reply = await eventually(
    () => read(path),
    (one) => one.at("status") === "finalized",
  );
  assert.match(reply.textAt("number"), /^INV-[0-9]{6}$/);
  assert.equal(reply.at("total.amount"), "900");
  const metrics = await api.get("/metrics");
  assert.match(metrics.text, /cistern_billing_invoices_issued_total [1-9]/);
});

test("an invoice is paid in parts; a payment is booked once, whoever says it again", async () => {
  const path = await issued("i3");
  const pay = (body: object) => api.post(`${path}/pay`, body);
  const part = { payment: "bank-1", amount: usd("4000"), fee: usd("40"), reference: "transfer" };
  assert.equal(done(await pay(part)).at("due.amount"), "7900");
  const twice = await pay(part);
  assert.equal(twice.status, 409);
  assert.equal(twice.at("code"), "payment_known");
  assert.equal(
    (await pay({ payment: "bank-2", amount: usd("7901") })).at("code"),
    "payment_exceeds_due",
  );
  const wrong = { payment: "bank-2", amount: { amount: "1", currency: "EUR" } };
  assert.equal((await pay(wrong)).at("code"), "currency_mismatch");
  assert.equal(done(await pay({ payment: "bank-2" })).at("status"), "paid");
  const invoice = await read(path);
  assert.deepEqual(
    invoice.rows("payments").map(({ id, amount }) => [id, amount]),
    [
      ["bank-1", usd("4000")],
      ["bank-2", usd("7900")],
    ],
  );
  assert.equal(invoice.at("due.amount"), "0");
});

test("ten messengers of one payment book it once", async () => {
  const path = await issued("i4");
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => api.post(`${path}/pay`, { payment: "p", amount: usd("100") })),
  );
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  assert.equal((await read(path)).at("paid.amount"), "100");
});

test("credit notes have numbers of their own; a refused one uses up none", async () => {
  const path = await issued("i5");
  const credit = (amount: string) => api.post(`${path}/credit`, { amount: usd(amount) });
  const first = done(await credit("1190"));
  assert.equal(first.at("creditNote.tax.amount"), "190");
  assert.equal((await credit("999999")).at("code"), "credit_exceeds_invoice");
  const [a, b] = await Promise.all([credit("10"), credit("20")]);
  assert.deepEqual(
    new Set([first, done(a), done(b)].map((one) => one.at("creditNote.number"))),
    new Set(["CN-000001", "CN-000002", "CN-000003"]),
  );
  const invoice = await read(path);
  assert.equal(invoice.at("due.amount"), "10680");
  assert.equal(invoice.rows("creditNotes").length, 3);
  assert.equal(invoice.at("creditNotes.0.number"), "CN-000001");
});

test("an invoice is taken back, or given up, with its reason; its number stays", async () => {
  const path = await issued("i6");
  done(await api.post(`${path}/void`, { reason: "issued twice" }));
  const taken = await read(path);
  assert.equal(taken.at("status"), "void");
  assert.equal(taken.at("reason"), "issued twice");
  assert.equal(taken.at("due.amount"), "0");
  assert.match(taken.textAt("number"), /^INV-/);
  assert.equal((await api.post(`${path}/pay`, { payment: "late" })).at("code"), "invoice_status");
  const given = await issued("i7");
  done(await api.post(`${given}/write-off`, { reason: "insolvent" }));
  assert.equal((await read(given)).at("status"), "uncollectible");
  // Money that comes all the same.
  assert.equal(done(await api.post(`${given}/pay`, { payment: "found" })).at("status"), "paid");
});

test("what stood on a void invoice waits for the next one", async () => {
  const path = await issued("i14");
  done(await api.post(`${path}/void`, { reason: "the wrong company" }));
  const pending = await api.get("/v1/workspaces/i14/invoices/upcoming");
  assert.deepEqual(
    pending.rows("lines").map(({ kind }) => kind),
    ["base_fee"],
  );
  assert.equal(pending.at("total.amount"), "11900");
  assert.equal((await read(path)).at("lines.0.amount.amount"), "10000", "the paper stays");
});

test("credits of a plan that are given back come off its unpaid invoice, by a credit note with a number", async () => {
  const path = await issued("i15");
  const balance = await api.get("/v1/workspaces/i15/balance");
  const grant = balance.textAt("lots.0.id");
  const back = await api.post(`/v1/workspaces/i15/grants/${grant}/repayments`, { credits: "2500" });
  assert.equal(back.status, 201, back.text);
  assert.deepEqual([back.at("money"), back.at("unpaid")], [usd("2000"), usd("2000")]);
  const invoice = await read(path);
  assert.equal(invoice.at("due.amount"), "9520", "119.00 less 20.00 and its tax");
  assert.equal(invoice.at("creditNotes.0.id"), back.at("creditNote"));
  assert.equal(invoice.at("creditNotes.0.amount.amount"), "2380");
  assert.match(invoice.textAt("creditNotes.0.number"), /^CN-[0-9]{6}$/);
});

test("an invoice can be had as it was issued, whatever happened to it since", async () => {
  const path = await issued("i17");
  const [first, paper] = [await read(path), await api.get(`${path}?format=pdf`)];
  done(await api.post(`${path}/pay`, { payment: "bank-as1", amount: usd("5000") }));
  done(await api.post(`${path}/credit`, { amount: usd("900"), reason: "outage" }));
  const now = await read(path);
  assert.deepEqual([now.at("paid.amount"), now.at("due.amount")], ["5000", "6000"]);
  assert.deepEqual((await read(`${path}?as=issued`)).body, first.body);
  const again = await api.get(`${path}?format=pdf&as=issued`);
  assert.equal(again.text, paper.text);
  assert.notEqual((await api.get(`${path}?format=pdf`)).text, paper.text);
  done(await api.post(`${path}/write-off`, { reason: "insolvent" }));
  assert.deepEqual((await read(`${path}?as=issued`)).body, first.body);
  assert.equal((await api.get(`${path}?as=drafted`)).status, 422);
});

test("what is pending shows before it is on an invoice", async () => {
  await drafted("i8");
  await api.put("/v1/workspaces/i8/billing", profile);
  const nothing = await api.get("/v1/workspaces/i8/invoices/upcoming");
  assert.ok(upcoming.Check(nothing.body), nothing.text);
  assert.deepEqual(nothing.rows("lines"), []);
  await api.put("/v1/workspaces/i8/subscription", { plan: "business" });
  const next = await api.get("/v1/workspaces/i8/invoices/upcoming");
  assert.ok(upcoming.Check(next.body), next.text);
  assert.deepEqual(
    next.rows("lines").map(({ kind }) => kind),
    ["unused_time", "remaining_time"],
  );
  assert.match(
    next.textAt("lines.0.arithmetic"),
    /^-1 x 100\.00 x [0-9a-z ]+ of (28|29|30|31) d( [0-9a-z ]+)?$/,
  );
  assert.equal(next.at("subtotal.amount"), "15000");
  assert.equal(next.at("charged.amount"), "17850");
});

test("credits that were drawn show with nothing to pay", async () => {
  const path = await drafted("i9");
  await api.post("/v1/workspaces/i9/debits", {
    member: "ana",
    meter: "chat",
    usage: { input_text: 12 },
  });
  await api.post("/v1/workspaces/i9/subscription/cancel", { when: "now" });
  const first = await read(path);
  assert.deepEqual(first.at("creditsDrawn"), [], "they came after the draft");
  const list = await api.get("/v1/workspaces/i9/invoices");
  const last = list.rows().at(-1);
  const second = await read(`/v1/workspaces/i9/invoices/${String(last?.["id"])}`);
  assert.deepEqual(second.at("creditsDrawn"), [
    // 5,000 of them were sold for 40.00.
    { meter: "chat", calls: 1, credits: "12", worth: usd("10") },
  ]);
});

test("many lines of less than a cent come to what all of them come to", async () => {
  await workspaceWith(api, "m1", "0");
  await api.put("/v1/workspaces/m1/subscription", { plan: "metered" });
  const debit = () => api.post("/v1/workspaces/m1/debits", { member: "ana", credits: "1" });
  for (const reply of await Promise.all(Array.from({ length: 100 }, debit)))
    assert.equal(reply.status, 201, reply.text);
  // 100 x 0.03 cents, of which each alone rounds to nothing.
  const pending = await api.get("/v1/workspaces/m1/invoices/upcoming");
  assert.equal(pending.at("subtotal.amount"), "3", pending.text);
  assert.equal(pending.at("lines.0.arithmetic"), "100 x 0.0003");
  await api.post("/v1/workspaces/m1/subscription/cancel", { when: "now" });
  const list = await api.get("/v1/workspaces/m1/invoices");
  const id = String(list.rows().at(-1)?.["id"]);
  const invoice = await read(`/v1/workspaces/m1/invoices/${id}`);
  assert.equal(invoice.at("subtotal.amount"), "3", invoice.text);
});

test("lists go by pages and by status", async () => {
  const path = await drafted("i10");
  await api.post("/v1/workspaces/i10/subscription/cancel", { when: "now" });
  const list = await api.get("/v1/workspaces/i10/invoices?limit=1");
  assert.equal(list.rows().length, 1);
  const rest = await api.get(
    `/v1/workspaces/i10/invoices?limit=1&cursor=${list.textAt("nextCursor")}`,
  );
  assert.equal(rest.rows().length, 1);
  assert.equal(rest.at("nextCursor"), undefined);
  done(await api.post(`${path}/finalize`));
  const drafts = await api.get("/v1/workspaces/i10/invoices?status=draft");
  assert.deepEqual(
    drafts.rows().map(({ id }) => id),
    rest.rows().map(({ id }) => id),
  );
});

test("an invoice comes as CSV and PDF, by the query or by what is accepted", async () => {
  const path = await issued("i11");
  await api.put("/v1/billing/issuer", { name: "Vendor Ltd", taxId: "GB9" });
  const fetched = async (query: string, accept: string = "*/*") =>
    await fetch(api.url + path + query, {
      headers: { authorization: `Bearer ${api.key}`, accept },
    });
  const csv = await fetched("?format=csv");
  assert.match(csv.headers.get("content-type") ?? "", /^text\/csv/);
  assert.match(csv.headers.get("content-disposition") ?? "", /filename="INV-[0-9]+\.csv"/);
  const rows = (await csv.text()).trim().split("\r\n");
  assert.equal(rows.length, 3);
  assert.match(rows[1] ?? "", /,100\.00,USD,1 x 100\.00/);
  const pdf = await fetched("", "application/pdf");
  assert.equal(pdf.headers.get("content-type"), "application/pdf");
  const [text = ""] = await pagesOf(new Uint8Array(await pdf.arrayBuffer()));
  assert.ok(text.includes("Acme GmbH") && text.includes("Amount due 119.00 USD"), text);
  const bytes = async () => Buffer.from(await (await fetched("?format=pdf")).arrayBuffer());
  assert.ok((await bytes()).equals(await bytes()));
  assert.equal((await api.get(`${path}?format=docx`)).status, 422);
});

test("a credit note comes as JSON, CSV and PDF, with the invoice that it refers to", async () => {
  const path = await issued("i16");
  const credited = done(await api.post(`${path}/credit`, { amount: usd("1190"), reason: "late" }));
  const note = `${path}/credit-notes/${credited.textAt("creditNote.id")}`;
  const json = await api.get(note);
  assert.ok(notePaper.Check(json.body), json.text);
  assert.deepEqual(
    [json.at("number"), json.at("subtotal.amount"), json.at("tax.amount"), json.at("reason")],
    [credited.at("creditNote.number"), "1000", "190", "late"],
  );
  assert.equal(json.at("invoice.number"), credited.at("number"));
  const fetched = async (query: string) =>
    await fetch(api.url + note + query, { headers: { authorization: `Bearer ${api.key}` } });
  const pdf = await fetched("?format=pdf");
  assert.match(pdf.headers.get("content-disposition") ?? "", /filename="CN-[0-9]+\.pdf"/);
  const [text = ""] = await pagesOf(new Uint8Array(await pdf.arrayBuffer()));
  assert.ok(text.includes("Credit note") && text.includes("Total credit 11.90 USD"), text);
  assert.match(await (await fetched("?format=csv")).text(), /,line,Credit for invoice INV-/);
  const none = await api.get(`${path}/credit-notes/crn_none`);
  assert.deepEqual([none.status, none.at("code")], [404, "unknown_invoice"]);
});

test("a customer's name can be erased, and is in no journal", async () => {
  const path = await issued("i12");
  const erased = await api.call("DELETE", "/v1/workspaces/i12/billing/customer");
  assert.equal(erased.status, 200, erased.text);
  assert.equal(erased.at("customer"), undefined);
  assert.equal(erased.at("tax.basisPoints"), 1_900);
  assert.equal((await read(path)).at("customer"), undefined);
  const feed = await api.get("/v1/workspaces/i12/events?after=0.0");
  assert.ok(!feed.text.includes("Acme GmbH"), feed.text);
});

test("who sends invoices is the vendor's business alone", async () => {
  const made = await api.post("/v1/keys", { name: "k", scopes: ["admin"], workspace: "i1" });
  const apiKey = made.textAt("key");
  assert.equal((await api.get("/v1/billing/issuer", { apiKey })).status, 403);
  const put = await api.put("/v1/billing/issuer", { name: "Me" }, { apiKey });
  assert.equal(put.status, 403);
  assert.equal((await api.get("/v1/workspaces/i2/invoices", { apiKey })).status, 404);
});

test("what cannot be is a problem that says what to do, and changes nothing", async () => {
  const path = await drafted("i13");
  const none = "/v1/workspaces/i13/invoices/inv_none";
  const rows: readonly (readonly [Promise<Reply>, number, string])[] = [
    [api.get(none), 404, "unknown_invoice"],
    [api.post(`${none}/finalize`), 404, "unknown_invoice"],
    [api.post(`${none}/pay`, { payment: "p" }), 404, "unknown_invoice"],
    [api.post(`${path}/pay`, { payment: "p" }), 409, "invoice_status"],
    [api.post(`${path}/void`), 409, "invoice_status"],
    [api.post(`${path}/credit`, { amount: usd("1") }), 409, "invoice_status"],
    [api.post(`${path}/credit`, {}), 422, "invalid_request"],
    [api.post(`${path}/finalize`, {}, { idempotencyKey: null }), 400, "idempotency_key_missing"],
    [api.get("/v1/workspaces/none/invoices"), 404, "unknown_workspace"],
    [api.get("/v1/workspaces/none/billing"), 404, "unknown_workspace"],
    [
      api.put("/v1/workspaces/i13/billing", { tax: { basisPoints: 10_001, name: "x" } }),
      422,
      "invalid_request",
    ],
    [api.put("/v1/workspaces/i13/billing", { termsDays: -1 }), 422, "invalid_request"],
    [api.put("/v1/billing/issuer", { name: "V", invoicePrefix: "=1" }), 422, "invalid_request"],
  ];
  for (const [asked, status, code] of rows) {
    const reply = await asked;
    assert.equal(reply.status, status, reply.text);
    assert.equal(reply.at("code"), code);
    assert.ok(problem.Check(reply.body), reply.text);
  }
  assert.equal((await read(path)).at("status"), "draft");
});

test("the numbers of all these invoices have no gap", async () => {
  const numbers: string[] = [];
  for (let index = 1; index <= 17; index += 1) {
    const list = await api.get(`/v1/workspaces/i${index}/invoices`);
    for (const { number } of list.rows()) if (typeof number === "string") numbers.push(number);
  }
  assert.deepEqual(
    numbers.toSorted(),
    numbers.map((_, index) => `INV-${String(index + 1).padStart(6, "0")}`),
  );
});
