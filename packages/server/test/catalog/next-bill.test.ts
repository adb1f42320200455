/** What a diff says of the next bill is what the next bill is, whatever waits at the end of the period. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CatalogDiff, InvoicePage, SubscriptionChange } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = ({
  fee = "10.00",
  minimum = "500.00",
  price = "0.01",
  card = "1",
  api = "100",
} = {}) =>
  defineCatalog({
    meters: { chat: { buckets: ["turns"] }, api: { buckets: ["calls"] } },
    rateCards: {
      standard: {
        rows: [
          { meter: "chat", perUnit: { turns: "1" } },
          { meter: "api", perUnit: { calls: card } },
        ],
      },
    },
    outcomes: { doc: { kind: "quantity" } },
    plans: {
      commit: {
        currency: "USD",
        base: { fee },
        usage: { "*": price },
        minimum: { amounts: [minimum] },
      },
      out: { currency: "USD", base: { fee }, outcomes: { doc: "1.00" } },
      trial: { currency: "USD", base: { fee }, trialDays: 30 },
      plain: { currency: "USD", base: { fee } },
      big: { currency: "USD", base: { fee: "99.00" } },
      seats: { currency: "USD", seats: { fee } },
      intro: { currency: "USD", base: { fee }, followedBy: { plan: "big", after: 1 } },
      over: { currency: "USD", base: { fee }, overage: { kind: "bill", price } },
      free: { currency: "USD", base: { fee }, allowances: { api: { calls: { included: api } } } },
    },
  });

const subscribed: readonly (readonly [workspace: string, plan: string, seats?: number])[] = [
  ["commit", "commit"],
  ["outcomes", "out"],
  ["trial", "trial"],
  ["cancelled", "plain"],
  ["scheduled", "plain"],
  ["fewer", "seats", 5],
  ["followed", "intro"],
  ["over", "over"],
  ["negotiated", "seats", 2],
  ["ending", "seats", 2],
  ["plain", "plain"],
];
const usd = (amount: string) => ({ amount, currency: "USD" });

async function lives(t: { after(end: () => Promise<void>): void }) {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({
    catalog: catalog(),
    now: "2026-01-01T00:00:00Z",
    databaseUrl,
  });
  t.after(() => cistern.close());
  const on = (workspace: string): string => `/v1/workspaces/${workspace}`;
  for (const [workspace, plan, seats] of subscribed) {
    await cistern.createWorkspace({ id: workspace, currency: "USD" });
    await cistern.put(`${on(workspace)}/subscription`, {
      plan,
      ...(seats === undefined ? {} : { seats }),
    });
  }
  const use = { member: "ana", meter: "chat", usage: { turns: 1_000 } };
  await cistern.post(`${on("commit")}/debits`, use);
  await cistern.post(`${on("over")}/debits`, use);
  await cistern.workspace("outcomes").outcomes.claim({ type: "doc", quantity: 7 });
  await cistern.post(`${on("cancelled")}/subscription/cancel`, {});
  await cistern.put(`${on("scheduled")}/subscription`, { plan: "big", change: "period_end" });
  await cistern.put(`${on("fewer")}/seats`, { seats: 2 });
  await cistern.put(`${on("negotiated")}/subscription`, {
    negotiated: { seat: usd("700"), from: "2026-02-01T00:00:00Z" },
  });
  await cistern.put(`${on("ending")}/subscription`, {
    negotiated: { seat: usd("700"), until: "2026-01-20T00:00:00Z" },
  });
  await cistern.advanceTo("2026-01-10T00:00:00Z");
  return { cistern, on };
}

const lastOf = (page: InvoicePage): string =>
  page.data.toSorted((a, b) => (a.draftedAt < b.draftedAt ? -1 : 1)).at(-1)?.total?.amount ?? "0";

test("as it is: commitment, outcomes, seats, another plan, trial, end, and negotiated terms that wait or end", async (t) => {
  const { cistern, on } = await lives(t);
  const content = catalog({ fee: "20.00", minimum: "800.00", price: "0.02" });
  const told = await cistern.post<CatalogDiff>("/v1/catalog/diff", { content });
  assert.deepEqual(
    told.subscriptions.map(({ workspace }) => workspace),
    subscribed.map(([workspace]) => workspace).toSorted(),
  );
  const again = await cistern.post<CatalogDiff>("/v1/catalog/diff", { content });
  assert.deepEqual(again, told, "asking changes nothing");
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  for (const { workspace, nextBill } of told.subscriptions) {
    const page = await cistern.get<InvoicePage>(`${on(workspace)}/invoices`);
    const isOver = workspace === "cancelled";
    assert.equal(nextBill?.pinned.amount, isOver ? "0" : lastOf(page), workspace);
  }
});

test("migrated at the end of the period: what `migrate` makes of it", async (t) => {
  const { cistern, on } = await lives(t);
  const content = catalog({ fee: "20.00", minimum: "800.00", price: "0.02" });
  const told = await cistern.post<CatalogDiff>("/v1/catalog/diff", { content });
  await cistern.put("/v1/catalog", { content });
  await cistern.advanceTo("2026-01-10T01:00:00Z");
  for (const { workspace } of told.subscriptions)
    await cistern.put<SubscriptionChange>(`${on(workspace)}/subscription`, {
      repin: true,
      change: "period_end",
    });
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  for (const { workspace, nextBill } of told.subscriptions.filter(
    (one) => one.workspace !== "cancelled",
  )) {
    const page = await cistern.get<InvoicePage>(`${on(workspace)}/invoices`);
    assert.equal(nextBill?.newer?.amount, lastOf(page), workspace);
  }
});

test("a plan that goes from the catalog is told to who runs on it, and goes on as it was pinned", async (t) => {
  const { cistern, on } = await lives(t);
  const { plans = {}, ...rest } = catalog();
  const { plain: _gone, ...others } = plans;
  const content = { ...rest, plans: others };
  const told = await cistern.post<CatalogDiff>("/v1/catalog/diff", { content });
  assert.deepEqual(
    told.changes.map(({ kind, what }) => `${kind} ${what}`),
    ["removed plan plain"],
    "beside the catalog that it was started with",
  );
  assert.deepEqual(
    told.subscriptions.map(({ workspace, planRemoved }) => [workspace, planRemoved]),
    [
      ["cancelled", true],
      ["plain", true],
      ["scheduled", true],
    ],
  );
  await cistern.put("/v1/catalog", { content });
  await cistern.advanceTo("2026-01-11T00:00:00Z");
  const kept = await cistern.put<SubscriptionChange>(`${on("plain")}/subscription`, {
    plan: "plain",
  });
  assert.equal(kept.subscription.planVersion, told.subscriptions[1]?.planVersion);
  const body = { plan: "plain", repin: true };
  await assert.rejects(cistern.put(`${on("plain")}/subscription`, body), /no plan plain/);
  await assert.rejects(
    cistern.put(`${on("over")}/subscription`, { plan: "plain" }),
    /no plan plain/,
  );
});
