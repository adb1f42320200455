/** Invoices as a finance person and a vendor's developer meet them: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvoiceChangeSchema, InvoicePageSchema, InvoiceSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "100" } }] } },
  plans: {
    starter: {
      currency: "USD",
      base: { fee: "100.00", value: "60.00" },
      included: { credits: "5000", value: "40.00" },
      finalizeAfter: "P1D",
    },
  },
});
const whole = Compile(InvoiceSchema);
const change = Compile(InvoiceChangeSchema);
const page = Compile(InvoicePageSchema);

test("a draft is issued under the next number, and read as JSON", async () => {
  await workspaceWith(api, "i1", "0");
  await api.put("/v1/workspaces/i1/subscription", { plan: "starter" });
  const list = await api.get("/v1/workspaces/i1/invoices");
  assert.ok(page.Check(list.body), list.text);
  const id = list.textAt("data.0.id");
  const draft = await api.get(`/v1/workspaces/i1/invoices/${id}`);
  assert.ok(whole.Check(draft.body), draft.text);
  assert.equal(draft.at("status"), "draft");
  const done = await api.post(`/v1/workspaces/i1/invoices/${id}/finalize`, {});
  assert.equal(done.status, 200, done.text);
  assert.ok(change.Check(done.body), done.text);
  assert.equal(done.at("number"), "INV-000001");
  const read = await api.get(`/v1/workspaces/i1/invoices/${id}`);
  assert.ok(whole.Check(read.body), read.text);
  assert.equal(read.at("number"), "INV-000001");
  assert.equal(read.at("total.amount"), "10000");
  console.log(read.text);
});
