/** Every charge explains itself: quantities, arithmetic, and what credits were worth. Months of them, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BillableOutcome,
  type Debit,
  type Invoice,
  type InvoicePage,
  InvoiceSchema,
  type UsagePage,
  UsagePageSchema,
} from "@cistern/contract";
import { Compile } from "typebox/compile";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] }, search: { buckets: ["requests"] } },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", perMillion: { input_text: "125", output_text: "1000" }, minimum: "2" },
        { meter: "search", perUnit: { requests: "1" } },
      ],
    },
  },
  outcomes: {
    resolution: { kind: "conversation" },
    document: { kind: "quantity", parts: { draft: "50" } },
  },
  plans: {
    committed: {
      currency: "USD",
      usage: {
        search: { kind: "package", per: 100, price: "1.00" },
        chat: {
          kind: "volume",
          tiers: [
            { upTo: 100, price: "0.02" },
            { price: "0.01", flat: "3.00" },
          ],
        },
      },
      overage: { kind: "bill", price: "0.0123" },
      minimum: { amounts: ["500.00", "600.00"], trueUp: "period" },
      outcomes: {
        resolution: "0.99",
        document: { kind: "graduated", tiers: [{ upTo: 10, price: "0.05" }, { price: "0.03" }] },
      },
    },
    small: {
      currency: "USD",
      base: { fee: "100.00", value: "60.00" },
      seats: { fee: "15.00", minimum: 2 },
      included: { credits: "5000", value: "50.00" },
    },
    big: {
      currency: "USD",
      base: { fee: "250.00", value: "150.00" },
      included: { credits: "15000", value: "150.00" },
    },
  },
});

async function begun(now: string) {
  const database = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now, databaseUrl: database.url });
  const close = async (): Promise<void> => {
    await cistern.close();
    await database.drop();
  };
  const create = async (id: string) => {
    await cistern.createWorkspace({ id, currency: "USD" });
    return cistern.workspace(id);
  };
  const lines = async (id: string) => {
    const { data } = await cistern.get<InvoicePage>(`/v1/workspaces/${id}/invoices`);
    const all: (readonly [string, string, string | undefined, string, string])[][] = [];
    for (const one of data) {
      const invoice = await cistern.get<Invoice>(`/v1/workspaces/${id}/invoices/${one.id}`);
      assert.deepEqual(Compile(InvoiceSchema).Errors(invoice), []);
      all.push(
        invoice.lines.map((line) => [
          line.description,
          `${line.quantity} ${line.unit}`,
          line.unitPriceDecimal,
          line.arithmetic,
          line.amount.amount,
        ]),
      );
    }
    return all;
  };
  const usage = async (id: string) => {
    const page = await cistern.get<UsagePage>(`/v1/workspaces/${id}/usage`);
    assert.deepEqual(Compile(UsagePageSchema).Errors(page), []);
    return page.data;
  };
  return { cistern, close, create, lines, usage };
}

test("usage, outcomes in steps and in part, and what a minimum lacks have their arithmetic", async (t) => {
  const { cistern, close, create, lines } = await begun("2026-07-01T00:00:00Z");
  t.after(close);
  const acme = await create("acme");
  await acme.subscription.put({ plan: "committed" });
  await cistern.advanceTo("2026-07-03T00:00:00Z");
  await acme.debit({ member: "ana", meter: "search", usage: { requests: 250 } });
  await acme.debit({ member: "ana", meter: "chat", credits: "333.5" });
  const claim = (body: object) =>
    cistern.post<BillableOutcome>("/v1/workspaces/acme/outcomes", body);
  await claim({ type: "document", quantity: 17 });
  await claim({ type: "document", quantity: 4, part: "draft" });
  const resolved: BillableOutcome[] = [];
  for (const customer of ["c1", "c2", "c3"])
    resolved.push(
      await claim({ type: "resolution", customer, topic: "t", conversation: `of-${customer}` }),
    );
  await cistern.advanceTo("2026-07-10T00:00:00Z");
  await cistern.post(`/v1/workspaces/acme/outcomes/${resolved[0]?.id}/reopen`, {});
  await cistern.advanceTo("2026-08-02T00:00:00Z");
  // Of July, whose invoice is issued.
  await acme.debit({
    member: "ana",
    meter: "search",
    usage: { requests: 51 },
    occurredAt: "2026-07-30T00:00:00Z",
  });
  await cistern.advanceTo("2026-09-02T00:00:00Z");
  assert.deepEqual(await lines("acme"), [
    [
      ["Usage, search", "250 credits", undefined, "3 x 1.00 for 100 each", "300"],
      ["Usage, chat", "333.5 credits", undefined, "333.5 x 0.01 + 3.00", "634"],
      ["Outcomes, document", "17 outcomes", undefined, "10 x 0.05 + 7 x 0.03", "71"],
      ["Outcomes, document (draft)", "4 outcomes", "0.03", "4 at 50 %: 2 x 0.03", "6"],
      ["Outcomes, resolution", "3 outcomes", "0.99", "3 x 0.99", "297"],
      ["Outcomes reversed, resolution", "-1 outcomes", "0.99", "-1 x 0.99", "-99"],
      [
        "Shortfall of the commitment, committed",
        "1 periods",
        undefined,
        "500.00 committed - 12.09 used",
        "48791",
      ],
    ],
    [
      [
        "Usage, search",
        "51 credits",
        undefined,
        "1 x 1.00 for 100 each, beyond 250 of before",
        "100",
      ],
      [
        "Shortfall of the commitment, committed",
        "-1 periods",
        undefined,
        "500.00 committed - 13.09 used - 487.91 charged before",
        "-100",
      ],
      [
        "Shortfall of the commitment, committed",
        "1 periods",
        undefined,
        "600.00 committed - 0.00 used",
        "60000",
      ],
    ],
  ]);
});

test("parts of a period say of which fee they are, and for how long; used credits what they cost", async (t) => {
  const { cistern, close, create, lines } = await begun("2026-07-01T00:00:00Z");
  t.after(close);
  const acme = await create("acme");
  await acme.subscription.put({ plan: "big" });
  await acme.debit({ member: "ana", credits: "13000" });
  await cistern.advanceTo("2026-07-20T10:00:00Z");
  await acme.subscription.put({ plan: "small", change: "now" });
  await acme.subscription.seats({ seats: 3 });
  await cistern.advanceTo("2026-08-02T00:00:00Z");
  const [, second] = await lines("acme");
  assert.deepEqual(second, [
    [
      "Unused time, base fee, plan big",
      "-1 months",
      "250.00",
      "-1 x 250.00 x 11 d 14 h of 31 d",
      "-9341",
    ],
    [
      "Rest of the period, base fee, plan small",
      "1 months",
      "100.00",
      "1 x 100.00 x 11 d 14 h of 31 d",
      "3737",
    ],
    [
      "Rest of the period, seats, plan small",
      "2 seats",
      "15.00",
      "2 x 15.00 x 11 d 14 h of 31 d",
      "1121",
    ],
    [
      "Credits used already, plan big",
      "1737 credits",
      undefined,
      "1,737 credits x 125.00 / 15,000",
      "1448",
    ],
    [
      "Rest of the period, seats, plan small",
      "1 seats",
      "15.00",
      "1 x 15.00 x 11 d 14 h of 31 d",
      "560",
    ],
    ["Base fee, plan small", "1 months", "100.00", "1 x 100.00", "10000"],
    ["Seats, plan small", "3 seats", "15.00", "3 x 15.00", "4500"],
  ]);
});

test("a usage row says how its credits come about and what they were worth, to the last cent of their lot", async (t) => {
  const { cistern, close, create, usage } = await begun("2026-07-01T00:00:00Z");
  t.after(close);
  const acme = await create("acme");
  const cost = { amount: "100", currency: "USD" };
  await acme.grant({ credits: "5", source: "purchase", cost });
  const search = { member: "ana", meter: "search", usage: { requests: 2 } };
  await acme.debit(search);
  await acme.debit(search);
  await acme.debit({
    member: "ana",
    meter: "chat",
    usage: { input_text: 8_000, output_text: 500 },
  });
  // What is owed is paid by what comes later, and then worth what that cost.
  await acme.grant({
    credits: "1000",
    source: "purchase",
    cost: { amount: "1000", currency: "USD" },
  });
  const debit = await cistern.post<Debit>("/v1/workspaces/acme/debits", {
    member: "ana",
    meter: "chat",
    usage: { output_text: 100_000 },
  });
  await acme.refund({ of: debit.id, credits: "25" });
  const usd = (amount: string) => ({ amount, currency: "USD" });
  assert.deepEqual(
    (await usage("acme")).map(({ arithmetic, worth, paidLater, refundedWorth }) => [
      arithmetic,
      worth,
      paidLater,
      refundedWorth,
    ]),
    [
      ["2 requests x 1 = 2", usd("40"), undefined, undefined],
      ["2 requests x 1 = 2", usd("40"), undefined, undefined],
      [
        "8,000 input_text x 0.000125 + 500 output_text x 0.001, at least 2 = 2",
        usd("20"),
        { credits: "1", worth: usd("1") },
        undefined,
      ],
      ["100,000 output_text x 0.001 = 100", usd("100"), undefined, usd("25")],
    ],
  );
});

test("usage of a hold that was made in credits is not rated, and its row says why", async (t) => {
  const { cistern, close, create } = await begun("2026-01-01T00:00:00Z");
  t.after(close);
  const acme = await create("acme");
  await acme.grant({ credits: "100", source: "promotion" });
  const hold = await acme.authorize({ member: "ana", meter: "search", credits: "10" });
  const settled = await hold.settle({ usage: { requests: 13 } });
  assert.deepEqual([settled.charged, settled.unrated], ["10", true]);
  await cistern.advanceTo("2026-01-01T00:01:00Z");
  const { data } = await cistern.get<UsagePage>("/v1/workspaces/acme/usage");
  assert.deepEqual(
    data.map(({ arithmetic, unrated }) => [arithmetic, unrated]),
    [
      [
        "10, what its hold had left, since the hold was made in credits: its usage is not rated",
        true,
      ],
    ],
  );
});
