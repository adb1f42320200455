/** A minimum whose shortfalls roll over, from the catalog to the invoice and the books: months on a real database. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type Invoice,
  InvoiceSchema,
  type Subscription,
  SubscriptionSchema,
  type TrialBalanceReport,
} from "@cistern/contract";
import { Compile } from "typebox/compile";
import { CatalogFault, createTestCistern, defineCatalog } from "../../src/index.ts";
import { readCatalog } from "../../src/catalog/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const meters = { chat: { buckets: ["turns"] } };
const rateCards = {
  standard: { rows: [{ meter: "chat", perUnit: { turns: "1" } }] },
} as const;
const plan = { currency: "USD", usage: { "*": "1.00" }, finalizeAfter: "PT1H" } as const;
const catalog = defineCatalog({
  meters,
  rateCards,
  plans: {
    rolling: {
      ...plan,
      minimum: { amounts: ["1000.00", "1000.00", "1000.00"], rollover: { periods: 1 } },
    },
    plain: { ...plan, minimum: { amounts: ["1000.00", "1000.00", "1000.00"] } },
  },
});
const database = await freshDatabase();
const cistern = await createTestCistern({
  catalog,
  now: "2026-01-01T00:00:00Z",
  databaseUrl: database.url,
});
after(async () => {
  await cistern.close();
  await database.drop();
});

const subscriptionOf = async (id: string): Promise<Subscription> => {
  const body = await cistern.get<Subscription>(`/v1/workspaces/${id}/subscription`);
  assert.deepEqual(Compile(SubscriptionSchema).Errors(body), []);
  return body;
};

const invoicesOf = async (id: string): Promise<readonly Invoice[]> => {
  const { data } = await cistern.get<{ data: readonly { id: string; draftedAt: string }[] }>(
    `/v1/workspaces/${id}/invoices`,
  );
  const inOrder = data.toSorted((a, b) => (a.draftedAt < b.draftedAt ? -1 : 1));
  return await Promise.all(
    inOrder.map(async (one) => {
      const invoice = await cistern.get<Invoice>(`/v1/workspaces/${id}/invoices/${one.id}`);
      assert.deepEqual(Compile(InvoiceSchema).Errors(invoice), []);
      return invoice;
    }),
  );
};

const closing = async (month: string, account: string): Promise<string | undefined> => {
  const report = await cistern.get<TrialBalanceReport>(`/v1/books/trial-balance?month=${month}`);
  return report.data.find((row) => row.account.endsWith(account) && row.commodity === "USD")
    ?.closing;
};

test("E15 what January lacked covers what February used above its minimum, once, and the rest of it lapses", async () => {
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const acme = cistern.workspace("acme");
  await acme.subscription.put({ plan: "rolling" });
  await acme.debit({ member: "ana", credits: "640" });

  await cistern.advanceTo("2026-02-01T00:30:00Z");
  assert.deepEqual((await subscriptionOf("acme")).shortfallKept, {
    amount: "36000",
    currency: "USD",
  });
  assert.equal(await closing("2026-01", "Revenue:Shortfall"), undefined);
  assert.equal(await closing("2026-01", "Liabilities:Deferred:Shortfall"), "-360.00");

  await cistern.advanceTo("2026-02-10T00:00:00Z");
  await acme.debit({ member: "ana", credits: "1300" });
  await cistern.advanceTo("2026-03-01T00:30:00Z");
  // Told within the grace time: 40.00 more of February, which January's shortfall covers too.
  const late = await acme.debit({
    member: "ana",
    credits: "40",
    occurredAt: "2026-02-27T00:00:00Z",
  });
  assert.equal(late.shortfall?.amount, "-4000");
  await cistern.advanceTo("2026-03-02T00:00:00Z");
  const [january, february] = await invoicesOf("acme");
  const told = (invoice: Invoice | undefined) =>
    invoice?.lines.map((line) => [line.kind, line.arithmetic, line.amount.amount]);
  assert.deepEqual(told(january), [
    ["usage", "640 x 1.00", "64000"],
    ["shortfall", "1,000.00 committed - 640.00 used", "36000"],
  ]);
  assert.deepEqual(told(february), [
    ["usage", "1,340 x 1.00", "134000"],
    [
      "shortfall_used",
      "1,340.00 used - 1,000.00 committed, of 360.00 charged as shortfall before",
      "-34000",
    ],
  ]);
  assert.equal(february?.subtotal.amount, "100000");
  assert.equal((await subscriptionOf("acme")).shortfallKept, undefined);
  assert.equal(await closing("2026-02", "Liabilities:Deferred:Shortfall"), "0.00");
  // 60.00 lapsed with February; late usage took 40.00 of them, in the month in which it was told.
  assert.equal(await closing("2026-02", "Revenue:Shortfall"), "-60.00");
  assert.equal(await closing("2026-03", "Revenue:Shortfall"), "-20.00");

  const forward = await cistern.get<{ data: readonly Record<string, string>[] }>(
    "/v1/books/roll-forward?month=2026-02",
  );
  const [row] = forward.data.filter(({ workspace }) => workspace === "acme");
  assert.deepEqual(
    [row?.["opening"], row?.["billed"], row?.["recognised"], row?.["closing"]],
    ["360.00", "0.00", "360.00", "0.00"],
  );
});

test("a preview of leaving charges what leaving charges, and what was kept lapses", async () => {
  await cistern.createWorkspace({ id: "left", currency: "USD" });
  const left = cistern.workspace("left");
  // On 2 March, so that its second period begins on 2 April.
  await left.subscription.put({ plan: "rolling" });
  await cistern.advanceTo("2026-04-02T12:00:00Z");
  assert.equal((await subscriptionOf("left")).shortfallKept?.amount, "100000");
  const preview = await left.subscription.previewCancel({ when: "now" });
  const act = await left.subscription.cancel({ when: "now" });
  for (const said of [preview, act]) {
    assert.equal(said.amount.amount, "200000", "two months are left of the term");
    assert.equal(said.subscription.shortfallKept, undefined);
  }
});

test("going over to another rollover charges nothing", async () => {
  await cistern.createWorkspace({ id: "other", currency: "USD" });
  const other = cistern.workspace("other");
  await other.subscription.put({ plan: "plain" });
  const change = await other.subscription.preview({ plan: "rolling" });
  assert.equal(change.subscription.plan, "rolling");
  assert.deepEqual(change.lines, []);
});

test("a rollover that a term has no room for, or that is of no period, is told with its place", () => {
  const plans = {
    term: { ...plan, minimum: { amounts: ["1.00", "1.00"], trueUp: "term", rollover: {} } },
    short: { ...plan, minimum: { amounts: ["1.00", "1.00"], rollover: { periods: 2 } } },
    alone: { ...plan, minimum: { amounts: ["1.00"], rollover: {} } },
    form: { ...plan, minimum: { amounts: ["1.00", "1.00"], rollover: { periods: 0, share: "1" } } },
  };
  assert.throws(
    () => readCatalog({ meters, rateCards, plans }, "it"),
    (error) => {
      assert(error instanceof CatalogFault);
      const at = (name: string): string => `/plans/${name}/minimum/rollover`;
      assert.deepEqual(error.problems.map(({ path, message }) => `${path} ${message}`).toSorted(), [
        `${at("alone")} is of 1 later periods, and the term has 1 in all`,
        `${at("form")} must not have the unknown field "share"`,
        `${at("form")}/periods must be >= 1`,
        `${at("short")} is of 2 later periods, and the term has 2 in all`,
        `${at("term")} is of what single periods lack, and the plan trues up by the term`,
      ]);
      return true;
    },
  );
});

test("a part in mid-period bills usage as it was; its end takes off what a shortfall that was kept covers", async () => {
  await cistern.createWorkspace({ id: "parts", currency: "USD" });
  const parts = cistern.workspace("parts");
  await parts.subscription.put({ plan: "rolling" });
  const from = Date.parse((await subscriptionOf("parts")).period.end);
  await parts.debit({ member: "ana", credits: "850" });
  const day = (days: number) => new Date(from + days * 86_400_000).toISOString();
  await cistern.advanceTo(day(3));
  await parts.debit({ member: "ana", credits: "1300" });
  await cistern.advanceTo(day(4));
  const part = await parts.invoices.invoiceNow();
  assert.deepEqual([part.interim, part.subtotal.amount], [true, "130000"]);
  await cistern.advanceTo(day(32));
  const last = (await invoicesOf("parts")).at(-1);
  assert.deepEqual(
    last?.lines.map(({ kind, amount }) => [kind, amount.amount]),
    [["shortfall_used", "-15000"]],
  );
});
