/** A migration keeps what is planned: fewer seats, another plan, prices that wait, an end. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { SubscriptionChange } from "@cistern/contract";
import { type TestCistern, createTestCistern } from "../../src/index.ts";

const catalog = (fee: string) => ({
  meters: { api: { buckets: ["calls"] } },
  rateCards: { standard: { rows: [{ meter: "api", perUnit: { calls: "1" } }] } },
  plans: {
    team: {
      currency: "USD",
      seats: { fee },
      included: { credits: "100", per: "seat" as const, value: "5.00" },
    },
    small: { currency: "USD", base: { fee: "1.00" } },
  },
});

const usd = (amount: string) => ({ amount, currency: "USD" });
const path = (workspace: string): string => `/v1/workspaces/${workspace}`;

/** With each of these done to three seats of 20.00. */
async function begun(): Promise<TestCistern> {
  const cistern = await createTestCistern({
    catalog: catalog("20.00"),
    now: "2026-01-01T00:00:00Z",
  });
  after(() => cistern.close());
  for (const id of ["plain", "fewer", "downgrade", "cancel", "prices", "both"]) {
    await cistern.createWorkspace({ id, currency: "USD" });
    await cistern.put(`${path(id)}/subscription`, { plan: "team", seats: 3 });
  }
  await cistern.put(`${path("fewer")}/seats`, { seats: 1 });
  await cistern.put(`${path("downgrade")}/subscription`, { plan: "small", change: "period_end" });
  await cistern.post(`${path("cancel")}/subscription/cancel`, {});
  for (const id of ["prices", "both"])
    await cistern.put(`${path(id)}/subscription`, { negotiated: { seat: usd("1000") } });
  await cistern.put(`${path("both")}/seats`, { seats: 2 });
  await cistern.put("/v1/catalog", { content: catalog("30.00") });
  await cistern.advanceTo("2026-01-01T12:00:00Z");
  return cistern;
}

for (const change of ["period_end", "now"] as const)
  test(`a subscription that is moved ${change} is billed by what was planned for it`, async () => {
    const cistern = await begun();
    const february: Record<string, string> = {
      plain: "9000",
      fewer: "3000",
      downgrade: "100",
      cancel: "none",
      prices: "3000",
      both: "2000",
    };
    for (const id of Object.keys(february)) {
      const body = { repin: true, change };
      const preview = await cistern.post<SubscriptionChange>(
        `${path(id)}/subscription/preview`,
        body,
      );
      const act = await cistern.put<SubscriptionChange>(`${path(id)}/subscription`, body);
      assert.deepEqual(
        { ...act, subscription: { ...act.subscription, at: undefined } },
        { ...preview, subscription: { ...preview.subscription, at: undefined } },
      );
    }
    await cistern.advanceTo("2026-02-02T00:00:00Z");
    for (const [id, expected] of Object.entries(february)) {
      const { data } = await cistern.get<{
        readonly data: readonly { readonly id: string }[];
      }>(`${path(id)}/invoices`);
      const invoices = await Promise.all(
        data.map((one) =>
          cistern.get<{
            readonly lines: readonly { kind: string; from: string; amount: { amount: string } }[];
          }>(`${path(id)}/invoices/${one.id}`),
        ),
      );
      const fee = invoices
        .flatMap(({ lines }) => lines)
        .find(({ kind, from }) => kind !== "remaining_time" && from.startsWith("2026-02-01"));
      assert.equal(fee?.amount.amount ?? "none", expected, id);
    }
  });

test("a plan that the catalog has no longer is not pinned anew, and that is said", async () => {
  const cistern = await begun();
  const { small } = catalog("1.00").plans;
  await cistern.put("/v1/catalog", { content: { ...catalog("1.00"), plans: { small } } });
  await cistern.advanceTo("2026-01-02T00:00:00Z");
  await assert.rejects(
    cistern.put(`${path("plain")}/subscription`, { repin: true }),
    /The catalog in force has no plan team/,
  );
});
