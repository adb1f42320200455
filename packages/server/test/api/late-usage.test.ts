/** Usage that is heard of late, through the front door: what invoices and books make of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventPage, Invoice, InvoicePage, RevenueReport } from "@cistern/contract";
import { type TestCistern, createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalogOf = (price: string) =>
  defineCatalog({
    meters: { chat: { buckets: ["input_text"] } },
    rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: price } }] } },
    plans: {
      committed: {
        currency: "USD",
        usage: { "*": "0.01" },
        minimum: { amounts: ["500.00"] },
        finalizeAfter: "PT2H",
      },
      pooled: {
        currency: "USD",
        base: { fee: "50.00", value: "25.00" },
        included: { credits: "100", value: "25.00" },
        overage: { kind: "bill", price: "0.02" },
        finalizeAfter: "PT2H",
      },
      owing: {
        currency: "USD",
        base: { fee: "50.00" },
        overage: { kind: "debt", limit: "500" },
        finalizeAfter: "PT2H",
      },
    },
  });

async function onPlan(t: { after(end: () => Promise<void>): void }, plan: string) {
  const { url: databaseUrl } = await freshDatabase();
  const catalog = catalogOf("1");
  const cistern = await createTestCistern({ catalog, now: "2026-04-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  await cistern.put("/v1/workspaces/acme/subscription", { plan });
  return cistern;
}

async function invoices(cistern: TestCistern): Promise<readonly Invoice[]> {
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  const whole: Invoice[] = [];
  for (const { id } of data)
    whole.push(await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${id}`));
  return whole;
}

const linesOf = ({ lines }: Invoice) => lines.map(({ kind, amount }) => [kind, amount.amount]);

test("a minimum of 500.00 with 100.00 used and 42.00 told late is invoiced 500.00, and no cent of it twice", async (t) => {
  const cistern = await onPlan(t, "committed");
  const acme = cistern.workspace("acme");
  await cistern.advanceTo("2026-04-20T00:00:00Z");
  await acme.debit({ member: "ana", meter: "chat", usage: { input_text: 10_000 } });
  await cistern.advanceTo("2026-05-01T01:00:00Z");
  const occurredAt = "2026-04-30T22:00:00Z";
  const late = await acme.debit({ member: "ana", credits: "4200", occurredAt });
  assert.deepEqual(late.shortfall, { amount: "-4200", currency: "USD" });
  await cistern.advanceTo("2026-05-01T03:00:00Z");
  const [first] = await invoices(cistern);
  assert(first !== undefined);
  assert.deepEqual(linesOf(first), [
    ["usage", "14200"],
    ["shortfall", "35800"],
  ]);
  assert.deepEqual([first.status, first.total.amount], ["finalized", "50000"]);
  // What is told after the issue is an adjustment, which the shortfall of April pays.
  await acme.debit({ member: "ana", credits: "100", occurredAt });
  await cistern.advanceTo("2026-06-01T03:00:00Z");
  const [same, second] = await invoices(cistern);
  assert.deepEqual(same, first, "an issued invoice never changes");
  assert(second !== undefined);
  assert.deepEqual(linesOf(second), [
    ["usage", "100"],
    ["shortfall", "-100"],
    ["shortfall", "50000"],
  ]);
  assert.equal(second.total.amount, "50000");
});

test("a shortfall is revenue of the month it is of", async (t) => {
  const cistern = await onPlan(t, "committed");
  await cistern.workspace("acme").debit({ member: "ana", credits: "10000" });
  await cistern.advanceTo("2026-05-03T00:00:00Z");
  const report = await cistern.get<RevenueReport>("/v1/books/revenue?month=2026-04");
  assert.deepEqual(
    report.data.map(({ kind, amount }) => [kind, amount]),
    [
      ["Shortfall", "400.00"],
      ["Usage", "100.00"],
    ],
  );
});

const drawnOf = ({ creditsDrawn }: Invoice) =>
  creditsDrawn.map(({ meter = "", calls, credits }) => [meter, calls, credits]);

test("credits drawn are those of lots, on the invoice of their period while that is a draft", async (t) => {
  const cistern = await onPlan(t, "pooled");
  const acme = cistern.workspace("acme");
  await cistern.advanceTo("2026-04-20T00:00:00Z");
  await acme.debit({ member: "ana", meter: "chat", usage: { input_text: 60 } });
  await cistern.advanceTo("2026-04-30T23:50:00Z");
  const hold = await acme.authorize({ member: "ana", meter: "chat", credits: "30", ttl: "PT1H" });
  await cistern.advanceTo("2026-05-01T00:10:00Z");
  await hold.settle({ credits: "30" });
  const draft = (await invoices(cistern))[1];
  assert(draft !== undefined);
  assert.deepEqual(drawnOf(draft), [["chat", 2, "90"]], "the draft has what came late");
  await cistern.advanceTo("2026-05-01T03:00:00Z");
  // Of April too, and its invoice is issued: it is of the next one.
  await acme.debit({ member: "ana", credits: "7", occurredAt: "2026-04-05T00:00:00Z" });
  await acme.debit({ member: "ana", meter: "chat", usage: { input_text: 100 } });
  await cistern.advanceTo("2026-06-01T03:00:00Z");
  const [first, april, may] = await invoices(cistern);
  assert(first !== undefined && april !== undefined && may !== undefined);
  assert.deepEqual(drawnOf(first), []);
  assert.deepEqual([april.status, drawnOf(april)], ["finalized", [["chat", 2, "90"]]]);
  // Of the hundred 7 are billed: they were drawn from nowhere.
  assert.deepEqual(drawnOf(may), [
    ["", 1, "7"],
    ["chat", 1, "93"],
  ]);
  assert.deepEqual(linesOf(may).at(0), ["overage", "14"]);
});

test("credits drawn of an invoice that is void are on the one that takes its lines over, and on no other", async (t) => {
  const cistern = await onPlan(t, "pooled");
  const acme = cistern.workspace("acme");
  const use = (calls: number) =>
    acme.debit({ member: "ana", meter: "chat", usage: { input_text: calls } });
  await cistern.advanceTo("2026-04-20T00:00:00Z");
  await use(60);
  // Of April what is void before May's is drafted; of May a part that is void, and its end, that is void once June's is issued.
  await cistern.advanceTo("2026-05-01T03:00:00Z");
  const april = (await invoices(cistern))[1];
  await acme.invoices.void(april?.id ?? "");
  await acme.refund({ of: (await use(3)).id, credits: "2" });
  await use(110);
  await cistern.advanceTo("2026-05-10T00:00:00Z");
  const part = await acme.invoices.invoiceNow();
  assert.deepEqual(drawnOf(part), [["chat", 3, "162"]]);
  assert.equal(part.creditsReturned, "2");
  await acme.invoices.void(part.id);
  await cistern.advanceTo("2026-06-01T03:00:00Z");
  const [, , , may] = await invoices(cistern);
  assert(may !== undefined);
  assert.deepEqual(
    linesOf(may).filter(([kind]) => kind === "overage"),
    [["overage", "22"]],
  );
  assert.deepEqual(drawnOf(may), [["chat", 3, "162"]]);
  await cistern.advanceTo("2026-06-10T00:00:00Z");
  await use(50);
  await cistern.advanceTo("2026-07-01T03:00:00Z");
  const june = (await invoices(cistern))[4];
  assert(june !== undefined);
  await acme.invoices.void(may.id);
  await cistern.advanceTo("2026-08-01T03:00:00Z");
  const all = await invoices(cistern);
  assert.deepEqual(all.map(drawnOf), [
    [],
    [["chat", 1, "60"]],
    [["chat", 3, "162"]],
    [["chat", 3, "162"]],
    [["chat", 1, "50"]],
    [["chat", 3, "162"]],
  ]);
  assert.deepEqual(all[4], june, "an issued invoice never changes");
  assert.equal(all[5]?.creditsReturned, "2");
});

test("what is owed is drawn when lots pay it", async (t) => {
  const cistern = await onPlan(t, "owing");
  const acme = cistern.workspace("acme");
  await cistern.advanceTo("2026-04-20T00:00:00Z");
  await acme.debit({ member: "ana", meter: "chat", usage: { input_text: 60 } });
  await cistern.advanceTo("2026-05-20T00:00:00Z");
  await acme.grant({ credits: "50", source: "promotion" });
  await cistern.advanceTo("2026-06-02T00:00:00Z");
  assert.deepEqual((await invoices(cistern)).map(drawnOf), [[], [], [["chat", 0, "50"]]]);
});

test("usage that is told late goes by the prices of its time, also when its invoice is issued", async (t) => {
  const cistern = await onPlan(t, "committed");
  const acme = cistern.workspace("acme");
  await cistern.advanceTo("2026-04-20T00:00:00Z");
  const hold = await acme.authorize({
    member: "ana",
    meter: "chat",
    estimate: { input_text: 5 },
    ttl: "PT1H",
  });
  await cistern.put("/v1/catalog", { content: catalogOf("3") });
  await cistern.advanceTo("2026-04-20T00:05:00Z");
  const use = async (amount: number, occurredAt?: string) => {
    const call = { member: "ana", meter: "chat", usage: { input_text: amount } };
    return (await acme.debit(occurredAt === undefined ? call : { ...call, occurredAt })).charged;
  };
  assert.equal(await use(1), "3");
  assert.equal(await use(1, "2026-04-19T00:00:00Z"), "1");
  assert.equal((await hold.settle({ usage: { input_text: 6 } })).charged, "6");
  assert.equal(await use(1), "3");
  await cistern.advanceTo("2026-05-02T00:00:00Z");
  assert.equal(await use(100, "2026-04-19T00:00:00Z"), "100");
  assert.equal(await use(100, "2026-04-21T00:00:00Z"), "300");
  const { data } = await cistern.get<EventPage>("/v1/workspaces/acme/events?limit=100");
  assert.equal(data.filter(({ type }) => type === "rate_card.changed").length, 1);
});
