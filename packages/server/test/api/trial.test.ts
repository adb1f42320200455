/** A trial as a customer sees it: nothing of it is charged later, and it is had once. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Debit, PoolBalance, SubscriptionChange } from "@cistern/contract";
import { defineCatalog } from "../../src/catalog/index.ts";
import { type TestCistern, createTestCistern } from "../../src/test-cistern.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  plans: {
    team: {
      currency: "USD",
      base: { fee: "100.00", value: "60.00" },
      included: { credits: "1000", value: "40.00" },
      trialDays: 14,
      overage: { kind: "debt", limit: "5000" },
    },
  },
});

let cistern: TestCistern;

before(async () => {
  cistern = await createTestCistern({ catalog, now: "2026-01-01T00:00:00Z" });
});

after(() => cistern.close());

test("usage beyond a trial's credits is a loss that no paid credits make good, and a second trial is none", async () => {
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const path = "/v1/workspaces/acme";
  const body = { plan: "team" };
  const first = await cistern.put<SubscriptionChange>(`${path}/subscription`, body);
  assert.deepEqual([first.subscription.status, first.trialUsed], ["trialing", undefined]);
  await cistern.advanceTo("2026-01-05T00:00:00Z");
  const used = await cistern.post<Debit>(`${path}/debits`, { member: "ana", credits: "1600" });
  assert.deepEqual([used.charged, used.debt, used.loss], ["1000", undefined, "600"]);
  await cistern.advanceTo("2026-01-20T00:00:00Z");
  const late = { member: "ana", credits: "80", occurredAt: "2026-01-10T00:00:00Z" };
  assert.equal((await cistern.post<Debit>(`${path}/debits`, late)).loss, "80");
  const balance = await cistern.get<PoolBalance & { debt: string }>(`${path}/balance`);
  assert.deepEqual([balance.available, balance.debt], ["1000", "0"]);

  await cistern.post(`${path}/subscription/cancel`, { when: "now" });
  const preview = await cistern.post<SubscriptionChange>(`${path}/subscription/preview`, body);
  const second = await cistern.put<SubscriptionChange>(`${path}/subscription`, body);
  for (const { subscription, amount, trialUsed } of [preview, second])
    assert.deepEqual([subscription.status, amount.amount, trialUsed], ["active", "10000", true]);
});
