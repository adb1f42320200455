/** What is prepaid and drawn down, as a finance person meets it: over HTTP, month after month on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Invoice,
  InvoicePage,
  Subscription,
  SubscriptionChange,
  UsagePage,
} from "@cistern/contract";
import { defineCatalog } from "../../src/catalog/index.ts";
import { createTestCistern } from "../../src/test-cistern.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perThousand: { input_text: "1" } }] } },
  plans: {
    committed: {
      currency: "USD",
      overage: { kind: "bill", price: "0.012" },
      prepaid: {
        terms: [{ price: "10000.00", list: "12500.00" }],
        creditPrice: "0.01",
        periods: 3,
        rollover: { percent: "50" },
      },
    },
  },
});

test("E15c a prepayment is a line, its draws are lines of value 0, and what goes beyond it is overage", async (t) => {
  const cistern = await createTestCistern({
    catalog,
    now: "2026-01-01T00:00:00Z",
    databaseUrl: process.env["DATABASE_URL"],
  });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const acme = cistern.workspace("acme");
  const put = { plan: "committed" };
  const path = "/v1/workspaces/acme";
  const preview = await cistern.post<SubscriptionChange>(`${path}/subscription/preview`, put);
  const begun = await cistern.put<SubscriptionChange>(`${path}/subscription`, put);
  assert.deepEqual(begun.lines, preview.lines, "the preview is the act");
  assert.deepEqual([begun.amount.amount, begun.credits], ["1000000", "1250000"]);
  assert.deepEqual(begun.subscription.prepaid, { term: 1, periodsLeft: 2, credits: "1250000" });

  await cistern.advanceTo("2026-02-10T00:00:00Z");
  await acme.debit({ member: "ana", meter: "chat", credits: "333333" });
  await acme.debit({ member: "ana", meter: "chat", credits: "333333" });
  await cistern.advanceTo("2026-03-10T00:00:00Z");
  await acme.debit({ member: "ana", meter: "chat", credits: "583334" });
  await acme.debit({ member: "ana", meter: "chat", credits: "500" });
  await cistern.advanceTo("2026-04-02T00:00:00Z");
  const { data } = await cistern.get<InvoicePage>(`${path}/invoices`);
  const invoices = await Promise.all(
    data.map(({ id }) => cistern.get<Invoice>(`${path}/invoices/${id}`)),
  );
  const told = invoices
    .toSorted((a, b) => (a.issuedAt ?? "").localeCompare(b.issuedAt ?? ""))
    .map(({ lines, total, creditsDrawn }) => ({
      lines: lines.map(({ description, arithmetic, amount }) => [
        description,
        arithmetic,
        amount.amount,
      ]),
      total: total.amount,
      drawn: creditsDrawn.map(({ credits }) => credits),
    }));
  const prepayment = [
    "Prepaid usage, plan committed",
    "1,250,000 credits, 12,500.00 by the list - 2,500.00",
    "1000000",
  ];
  assert.deepEqual(told[0], { lines: [prepayment], total: "1000000", drawn: [] });
  assert.deepEqual(told.at(-1)?.lines, [["Overage, credits", "500 x 0.012", "600"], prepayment]);
  assert.equal(told.at(-1)?.total, "1000600");
  // Months of draws alone have nothing to write down: they stand on the next invoice that there is.
  assert.deepEqual(told.at(-1)?.drawn, ["1250000"]);
  assert.deepEqual(
    invoices.flatMap(({ creditsDrawn }) => creditsDrawn.map(({ worth }) => worth.amount)),
    ["1000000"],
  );
  const usage = await cistern.get<UsagePage>(`${path}/usage`);
  assert.deepEqual(
    usage.data.map(({ arithmetic, worth, billed }) => [
      arithmetic,
      worth?.amount,
      billed?.amount.amount,
    ]),
    [
      ["333,333, as told", "266666", undefined],
      ["333,333, as told", "266667", undefined],
      ["583,334, as told", "466667", undefined],
      ["500, as told", undefined, "600"],
    ],
  );
  const after = await cistern.get<Subscription>(`${path}/subscription`);
  assert.deepEqual(after.prepaid, { term: 2, periodsLeft: 2, credits: "1250000" });
});

test("the preview of an end tells what is left of a commitment, to the cent of the act", async (t) => {
  const cistern = await createTestCistern({
    catalog: defineCatalog({
      meters: { chat: { buckets: ["input_text"] } },
      rateCards: { standard: { rows: [{ meter: "chat", perThousand: { input_text: "1" } }] } },
      plans: {
        committed: {
          currency: "USD",
          base: { fee: "31.00" },
          usage: { chat: "0.01" },
          minimum: { amounts: ["50.00", "70.00"] },
        },
      },
    }),
    now: "2026-01-01T00:00:00Z",
    databaseUrl: process.env["DATABASE_URL"],
  });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const path = "/v1/workspaces/acme/subscription";
  await cistern.put(path, { plan: "committed" });
  await cistern.advanceTo("2026-01-02T00:00:00Z");
  await cistern.workspace("acme").debit({ member: "ana", meter: "chat", credits: "2000" });
  const preview = await cistern.post<SubscriptionChange>(`${path}/cancel/preview`, { when: "now" });
  const told = await cistern.get<Subscription>(path);
  assert.equal(told.status, "active", "nothing happened");
  const done = await cistern.post<SubscriptionChange>(`${path}/cancel`, { when: "now" });
  assert.deepEqual(done.lines, preview.lines);
  assert.equal(new Set(done.lines.map(({ id }) => id)).size, 2);
  assert.deepEqual(
    done.lines.map(({ kind, amount }) => [kind, amount.amount]),
    [
      ["unused_time", "-3000"],
      ["shortfall", "10000"],
    ],
  );
});
