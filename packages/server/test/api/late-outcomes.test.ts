/** Outcomes that mature late, or come back late, through the front door: what invoices make of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BillableOutcome, Invoice, InvoicePage } from "@cistern/contract";
import { type TestCistern, createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  outcomes: { resolution: { kind: "conversation" } },
  plans: {
    resolved: {
      currency: "USD",
      base: { fee: "10.00" },
      outcomes: { resolution: "0.99" },
      finalizeAfter: "PT2H",
    },
  },
});

async function onPlan(t: { after(end: () => Promise<void>): void }) {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now: "2026-04-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "resolved" });
  return cistern;
}

const claim = (cistern: TestCistern, customer: string) =>
  cistern.workspace("acme").outcomes.claim({
    type: "resolution",
    customer,
    topic: "refund",
    conversation: `${customer}-1`,
    channel: "chat",
  });

/** Kinds and amounts of lines by invoice, with its status. */
async function told(cistern: TestCistern) {
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  const whole: unknown[] = [];
  for (const { id } of data) {
    const one = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${id}`);
    whole.push([one.status, ...one.lines.map(({ kind, amount }) => [kind, amount.amount])]);
  }
  return whole;
}

const fee = ["finalized", ["base_fee", "1000"]];

test("an outcome that matures after its subscription was cancelled is invoiced", async (t) => {
  const cistern = await onPlan(t);
  await cistern.advanceTo("2026-04-30T12:00:00Z");
  await claim(cistern, "zoe");
  await cistern.post("/v1/workspaces/acme/subscription/cancel", { when: "period_end" });
  // The invoice of April, with nothing on it, is none.
  await cistern.advanceTo("2026-05-01T11:00:00Z");
  assert.deepEqual(await told(cistern), [fee]);
  await cistern.advanceTo("2026-05-01T13:00:00Z");
  assert.deepEqual(await told(cistern), [fee, ["draft", ["outcome", "99"]]]);
  await cistern.advanceTo("2026-06-01T00:00:00Z");
  assert.deepEqual(await told(cistern), [fee, ["finalized", ["outcome", "99"]]]);
});

test("one that matures while its subscription is paused is invoiced, and so is what the pause drafted", async (t) => {
  const cistern = await onPlan(t);
  await cistern.advanceTo("2026-04-10T00:00:00Z");
  await claim(cistern, "max");
  await cistern.advanceTo("2026-04-30T12:00:00Z");
  await claim(cistern, "zoe");
  await cistern.post("/v1/workspaces/acme/subscription/pause");
  await cistern.advanceTo("2026-05-01T01:00:00Z");
  assert.deepEqual(await told(cistern), [fee, ["draft", ["outcome", "99"]]]);
  await cistern.advanceTo("2026-05-02T00:00:00Z");
  assert.deepEqual(await told(cistern), [
    fee,
    ["finalized", ["outcome", "99"]],
    ["draft", ["outcome", "99"]],
  ]);
});

test("contact without a conversation takes an outcome back for fourteen days, on the invoice of the current period", async (t) => {
  const cistern = await onPlan(t);
  await cistern.advanceTo("2026-04-25T00:00:00Z");
  const { id } = await claim(cistern, "zoe");
  const other = await claim(cistern, "max");
  await cistern.advanceTo("2026-05-05T00:00:00Z");
  const said = { kind: "contact", customer: "zoe", topic: "refund" } as const;
  await cistern.workspace("acme").outcomes.signal(said);
  const statusOf = async (outcome: string) =>
    (await cistern.get<BillableOutcome>(`/v1/workspaces/acme/outcomes/${outcome}`)).status;
  assert.equal(await statusOf(id), "reversed");
  await cistern.advanceTo("2026-05-20T00:00:00Z");
  await cistern.workspace("acme").outcomes.signal({ ...said, customer: "max" });
  assert.equal(await statusOf(other.id), "billed", "the window is over");
  await cistern.advanceTo("2026-06-02T00:00:00Z");
  assert.deepEqual(await told(cistern), [
    fee,
    ["finalized", ["outcome", "198"], ["base_fee", "1000"]],
    ["finalized", ["outcome_reversed", "-99"], ["base_fee", "1000"]],
  ]);
});
