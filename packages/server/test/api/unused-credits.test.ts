/** What a catalog says of credits that are never used, to the books: months on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Invoice,
  type InvoicePage,
  type TopUp,
  type TrialBalanceReport,
} from "@cistern/contract";
import { CatalogFault, createTestCistern, defineCatalog } from "../../src/index.ts";
import { readCatalog } from "../../src/catalog/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const meters = { chat: { buckets: ["input_text"] } };
const rateCards = {
  standard: { rows: [{ meter: "chat", perThousand: { input_text: "1" } }] },
} as const;
const included = { credits: "1000", value: "100.00" } as const;
const terms = [{ price: "90.00", list: "100.00" }] as const;

const catalog = defineCatalog({
  meters,
  rateCards,
  packs: {
    state: { currency: "USD", price: "10.00", credits: "1000", expiresAfter: "P1M", escheat: true },
  },
  plans: {
    plain: { currency: "USD", base: { fee: "100.00", value: "0.00" }, included },
    state: {
      currency: "USD",
      base: { fee: "100.00", value: "0.00" },
      included: { ...included, escheat: true, rollover: { percent: "30" } },
    },
    expected: {
      currency: "USD",
      base: { fee: "100.00", value: "0.00" },
      included: { ...included, breakage: "10" },
    },
    paid: {
      currency: "USD",
      prepaid: { terms: [...terms], creditPrice: "0.10", escheat: true },
    },
  },
});

/** Uses 225 of the plan's credits in January, and gives what the books of a month say. */
async function lifeOn(plan: string) {
  const database = await freshDatabase();
  const cistern = await createTestCistern({
    catalog,
    now: "2026-01-01T00:00:00Z",
    databaseUrl: database.url,
  });
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const acme = cistern.workspace("acme");
  await acme.subscription.put({ plan });
  await acme.debit({ member: "ana", credits: "225" });
  const close = async (): Promise<void> => {
    await cistern.close();
    await database.drop();
  };
  const closing = async (month: string, account: string): Promise<string | undefined> => {
    const { data } = await cistern.get<TrialBalanceReport>(
      `/v1/books/trial-balance?month=${month}`,
    );
    return data.find((row) => row.account.endsWith(account) && row.commodity === "USD")?.closing;
  };
  return { cistern, acme, close, closing };
}

test("E7 of a plan's credits what expires is owed to the state, where the plan says so, and what rolls on later", async (t) => {
  const { cistern, close, closing } = await lifeOn("state");
  t.after(close);
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  // 225 are used and 300 roll on; 475 expire.
  assert.equal(await closing("2026-02", "UnclaimedProperty"), "-47.50");
  assert.equal(await closing("2026-02", "Breakage"), undefined);
  await cistern.advanceTo("2026-03-02T00:00:00Z");
  // The 300 expire, and of February's 1,000 what does not roll on.
  assert.equal(await closing("2026-03", "UnclaimedProperty"), "-147.50");
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  const last = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${data[1]?.id}`);
  assert.equal(last.creditsDrawn[0]?.worth.amount, "2250");
});

test("E6 of a plan's credits what is expected never to be used is earned with use, where the plan says so", async (t) => {
  const { cistern, close, closing } = await lifeOn("expected");
  t.after(close);
  assert.equal(await closing("2026-01", "Revenue:Usage"), "-22.50");
  assert.equal(await closing("2026-01", "Breakage"), "-2.50");
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  assert.equal(await closing("2026-02", "Breakage"), "-77.50");
});

test("without a word of it, it is breakage when they end", async (t) => {
  const { cistern, close, closing } = await lifeOn("plain");
  t.after(close);
  assert.equal(await closing("2026-01", "Breakage"), undefined);
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  assert.equal(await closing("2026-02", "Breakage"), "-77.50");
});

test("E7 what was prepaid, and what was bought as a pack, say it too", async (t) => {
  const { cistern, close, closing } = await lifeOn("paid");
  t.after(close);
  const topUp = await cistern.post<TopUp>("/v1/workspaces/acme/top-ups", { pack: "state" });
  await cistern.post(`/v1/workspaces/acme/top-ups/${topUp.id}/mark-paid`, { payment: "bank-1" });
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  // 775 of 1,000 that cost 90.00, and a pack of 10.00.
  assert.equal(await closing("2026-02", "UnclaimedProperty"), "-79.75");
});

test("what cannot be is told with its place", () => {
  const faulty = () =>
    defineCatalog({
      meters,
      rateCards,
      packs: {
        both: { currency: "USD", price: "1.00", credits: "1", breakage: "5", escheat: true },
      },
      plans: {
        all: {
          currency: "USD",
          base: { fee: "1.00", value: "0.00" },
          included: { ...included, breakage: "100" },
          prepaid: { terms: [...terms], creditPrice: "0.10", breakage: "5", escheat: true },
        },
      },
    });
  assert.throws(
    () => readCatalog(faulty(), "The catalog"),
    (error) => {
      assert.ok(error instanceof CatalogFault);
      for (const place of [
        "/packs/both/breakage",
        "/plans/all/included/breakage",
        "/plans/all/prepaid/breakage",
      ])
        assert.ok(error.message.includes(place), error.message);
      return true;
    },
  );
});
