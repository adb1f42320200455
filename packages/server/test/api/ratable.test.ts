/** Credits that are recognised with the access are paid back as far as they are there (RULES 15): preview, answer, invoice and books. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Invoice, InvoicePage, TrialBalanceReport } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const credits = { credits: "15000", recognition: "ratable" } as const;
const fewer = { credits: "5000", recognition: "ratable" } as const;
const catalog = defineCatalog({
  meters: { chat: { buckets: ["turns"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { turns: "1" } }] } },
  plans: {
    // FINANCE, E12: of 250.00 half is for the credits; of 100.00, 40.00.
    business: {
      currency: "USD",
      base: { fee: "250.00", value: "150.00" },
      included: { ...credits, value: "150.00" },
    },
    starter: {
      currency: "USD",
      base: { fee: "100.00", value: "60.00" },
      included: { ...fewer, value: "40.00" },
    },
    unsaid: { currency: "USD", base: { fee: "250.00" }, included: credits },
    free: {
      currency: "USD",
      base: { fee: "250.00" },
      included: { ...credits, value: "0.00" },
    },
  },
});
const database = await freshDatabase();
const cistern = await createTestCistern({
  catalog,
  now: "2026-06-01T00:00:00Z",
  databaseUrl: database.url,
});
after(async () => {
  await cistern.close();
  await database.drop();
});

async function begun(id: string, plan: string, used: string) {
  await cistern.createWorkspace({ id, currency: "USD" });
  const workspace = cistern.workspace(id);
  await workspace.subscription.put({ plan });
  await workspace.debit({ member: "ana", credits: used });
  return workspace;
}

test("E12.c a downgrade and a cancellation pay back what is left of ratable credits, and their preview says so", async () => {
  const down = await begun("down", "business", "13000");
  const ends = await begun("ends", "unsaid", "15000");
  const half = await begun("half", "business", "15000");
  const free = await begun("free", "free", "15000");
  await cistern.advanceTo("2026-06-16T00:00:00Z");

  const to = { plan: "starter", change: "now" } as const;
  const preview = await down.subscription.preview(to);
  const changed = await down.subscription.put(to);
  for (const said of [preview, changed]) {
    assert.equal(said.amount.amount, "-5000");
    assert.equal(said.creditsTaken, "2000");
    const [used] = said.lines.filter(({ kind }) => kind === "used_credits");
    assert.deepEqual([used?.quantity, used?.amount.amount], ["3000", "2500"]);
  }
  // Without a value all of the price is for the credits; with one, half of it; with none, nothing.
  for (const [workspace, amount] of [
    [ends, "0"],
    [half, "-6250"],
    [free, "-12500"],
  ] as const) {
    const before = await workspace.subscription.previewCancel({ when: "now" });
    assert.equal(before.amount.amount, amount);
    assert.equal((await workspace.subscription.cancel({ when: "now" })).amount.amount, amount);
  }

  await cistern.advanceTo("2026-07-02T00:00:00Z");
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/down/invoices");
  const invoices = await Promise.all(
    data.map(({ id }) => cistern.get<Invoice>(`/v1/workspaces/down/invoices/${id}`)),
  );
  const [line] = invoices.flatMap(({ lines }) =>
    lines.filter(({ kind }) => kind === "used_credits"),
  );
  assert.equal(line?.arithmetic, "3,000 credits x 125.00 / 15,000");

  const report = await cistern.get<TrialBalanceReport>("/v1/books/trial-balance?month=2026-06");
  const closing = (account: string): string | undefined =>
    report.data.find((row) => row.account.endsWith(account) && row.commodity === "USD")?.closing;
  assert.equal(closing("Deferred:Access"), "0.00", "all of June is earned");
  // 4 x 250.00, less 50.00, 0.00, 62.50 and 125.00 that are their customers'.
  assert.equal(closing("Revenue:Subscription"), "-762.50");
});
