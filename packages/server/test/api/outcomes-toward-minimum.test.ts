/** A minimum on a plan that bills outcomes alone: what is taken back, or matures late, is not charged again through it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BillableOutcome, Invoice, InvoicePage } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const plan = { currency: "USD", outcomes: { doc: "1.00", chat: "10.00" } } as const;

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "100" } }] } },
  outcomes: { doc: { kind: "quantity" }, chat: { kind: "conversation" } },
  plans: {
    open: plan,
    committed: { ...plan, minimum: { amounts: ["100.00"] } },
  },
});

async function cisternWith(t: { after(end: () => Promise<void>): void }) {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now: "2026-01-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  const subscribed = async (id: string, name: "open" | "committed") => {
    await cistern.createWorkspace({ id, currency: "USD" });
    const at = `/v1/workspaces/${id}`;
    await cistern.put(`${at}/subscription`, { plan: name });
    return {
      post: <Answer>(path: string, body: object = {}) =>
        cistern.post<Answer>(`${at}/${path}`, body),
      claim: (body: object) => cistern.post<BillableOutcome>(`${at}/outcomes`, body),
      /** By invoice, the oldest first: its lines, and what it comes to. */
      invoices: async () => {
        const { data } = await cistern.get<InvoicePage>(`${at}/invoices`);
        const whole: Invoice[] = [];
        for (const one of data) whole.push(await cistern.get<Invoice>(`${at}/invoices/${one.id}`));
        return whole
          .toSorted((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ lines, subtotal }) => [
            ...lines.map(({ kind, amount }) => [kind, Number(amount.amount)]),
            Number(subtotal.amount),
          ]);
      },
    };
  };
  return { cistern, subscribed };
}

test("300.00 in January, of which 200.00 are reopened, and 100.00 in February come to 200.00", async (t) => {
  const { cistern, subscribed } = await cisternWith(t);
  const acme = await subscribed("acme", "committed");
  await cistern.advanceTo("2026-01-30T00:00:00Z");
  await acme.claim({ type: "doc", quantity: 100 });
  const back = await acme.claim({ type: "doc", quantity: 200 });
  await cistern.advanceTo("2026-02-05T00:00:00Z");
  await acme.post(`outcomes/${back.id}/reopen`);
  await acme.claim({ type: "doc", quantity: 100 });
  await cistern.advanceTo("2026-03-02T00:00:00Z");
  assert.deepEqual(await acme.invoices(), [
    [["outcome", 30_000], 30_000],
    [["outcome_reversed", -20_000], ["outcome", 10_000], -10_000],
  ]);
});

test("what was billed on a plan without a minimum is given back whole under one", async (t) => {
  const { cistern, subscribed } = await cisternWith(t);
  const acme = await subscribed("acme", "open");
  await cistern.advanceTo("2026-01-30T00:00:00Z");
  const back = await acme.claim({ type: "doc", quantity: 100 });
  await cistern.put("/v1/workspaces/acme/subscription", {
    plan: "committed",
    change: "period_end",
  });
  await cistern.advanceTo("2026-02-05T00:00:00Z");
  await acme.post(`outcomes/${back.id}/reopen`);
  await acme.claim({ type: "doc", quantity: 100 });
  await cistern.advanceTo("2026-03-02T00:00:00Z");
  assert.deepEqual(await acme.invoices(), [
    [["outcome", 10_000], 10_000],
    [["outcome_reversed", -10_000], ["outcome", 10_000], 0],
  ]);
});

test("ten chats of the last evening come to the minimum of 100.00, however the month was the last", async (t) => {
  const { cistern, subscribed } = await cisternWith(t);
  const atEnd = await subscribed("at_end", "committed");
  const now = await subscribed("now", "committed");
  const paused = await subscribed("paused", "committed");
  await cistern.advanceTo("2026-01-31T20:00:00Z");
  for (const one of [atEnd, now, paused])
    for (let chat = 0; chat < 10; chat += 1)
      await one.claim({
        type: "chat",
        customer: `c${chat}`,
        topic: "bill",
        conversation: `v${chat}`,
      });
  await atEnd.post("subscription/cancel");
  await now.post("subscription/cancel", { when: "now" });
  await paused.post("subscription/pause");
  await cistern.advanceTo("2026-03-10T00:00:00Z");
  for (const one of [atEnd, now, paused]) {
    const invoices = (await one.invoices()).flat(1);
    const totals = invoices.filter((entry) => typeof entry === "number");
    assert.equal(
      totals.reduce((sum, total) => sum + total, 0),
      10_000,
      JSON.stringify(invoices),
    );
  }
  assert.deepEqual(await paused.invoices(), [
    [["shortfall", 10_000], 10_000],
    [["outcome", 10_000], ["shortfall", -10_000], 0],
  ]);
});
