/** Allowances of meters beside credits, from a catalog to a refusal: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EntitlementsSchema,
  HoldSchema,
  type Invoice,
  InvoiceSchema,
  type InvoicePage,
  ProblemSchema,
  QuoteSchema,
  RefundSchema,
  SettlementSchema,
  SubscriptionSchema,
  type UsagePage,
  UsagePageSchema,
} from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { type Reply, eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const catalog = defineCatalog({
  meters: {
    api: { buckets: ["calls"] },
    chat: { buckets: ["input_text", "output_text"] },
    storage: { kind: "level", buckets: ["gib"] },
  },
  rateCards: {
    standard: {
      rows: [
        { meter: "api", perUnit: { calls: "0.5" } },
        { meter: "chat", perUnit: { input_text: "1", output_text: "2" } },
        { meter: "storage", perUnit: { gib: "0.01" } },
      ],
    },
  },
  plans: {
    starter: {
      currency: "USD",
      base: { fee: "10.00" },
      allowances: {
        api: { calls: { included: "100", beyond: "refuse" } },
        chat: { output_text: { included: "50" } },
        storage: { gib: { included: "5" } },
      },
      finalizeAfter: "PT1S",
    },
    seated: {
      currency: "USD",
      seats: { fee: "10.00" },
      allowances: { api: { calls: { included: "100", per: "seat" } } },
    },
  },
});
const api = await startWithCatalog(catalog);

const fits = (schema: TSchema, reply: Reply): void => {
  const [fault] = Compile(schema).Errors(reply.body);
  assert.equal(fault, undefined, reply.text);
};

async function on(workspace: string, body: object): Promise<string> {
  await workspaceWith(api, workspace, "1000");
  const path = `/v1/workspaces/${workspace}`;
  const put = await api.put(`${path}/subscription`, body);
  assert.equal(put.status, 200, put.text);
  return path;
}

const calls = (count: number) => ({ member: "ana", meter: "api", estimate: { calls: count } });

test("an allowance is held without credits, used by what was used, and refuses what it does not cover", async () => {
  const path = await on("a1", { plan: "starter" });
  const subscription = await api.get(`${path}/subscription`);
  fits(SubscriptionSchema, subscription);
  assert.deepEqual(subscription.rows("allowances").slice(0, 2), [
    { meter: "api", bucket: "calls", included: "100" },
    { meter: "chat", bucket: "output_text", included: "50" },
  ]);
  const quote = await api.post(`${path}/quotes`, calls(60));
  fits(QuoteSchema, quote);
  assert.deepEqual(quote.body, {
    credits: "0",
    allowance: [{ bucket: "calls", units: "60" }],
    drawn: { reserve: "0", pot: "0", pots: [] },
    allowed: true,
  });
  const hold = await api.post(`${path}/holds`, calls(60));
  fits(HoldSchema, hold);
  assert.deepEqual(
    [hold.status, hold.at("credits"), hold.at("allowance")],
    [201, "0", [{ bucket: "calls", units: "60" }]],
  );
  const held = await api.post(`${path}/holds`, calls(60));
  fits(ProblemSchema, held);
  assert.deepEqual(
    [held.status, held.at("code"), held.at("available"), held.at("unit")],
    [409, "allowance_held", "40", "calls"],
  );
  assert.ok(Number(held.headers.get("retry-after")) >= 1);
  const settled = await api.post(`${path}/holds/${hold.textAt("id")}/settle`, {
    usage: { calls: 55 },
  });
  fits(SettlementSchema, settled);
  assert.deepEqual(
    [settled.at("charged"), settled.at("allowance")],
    ["0", [{ bucket: "calls", units: "55" }]],
  );
  const refused = await api.post(`${path}/holds`, calls(46));
  fits(ProblemSchema, refused);
  const end = subscription.textAt("period.end");
  assert.deepEqual(
    [refused.status, refused.at("code"), refused.at("missing"), refused.at("retryAt")],
    [402, "allowance_exhausted", "1", end],
  );
  assert.equal(
    refused.textAt("detail"),
    `The hold asks for 46 calls of api; the plan starter has 45 left of 100 in this period (55 used, 0 held). It begins anew at ${end}. Ask for less, or take a plan with more: PUT /v1/workspaces/a1/subscription.`,
  );
  const told = await api.get(`${path}/entitlements`);
  fits(EntitlementsSchema, told);
  assert.deepEqual(told.at("allowances.0"), {
    meter: "api",
    bucket: "calls",
    included: "100",
    used: "55",
    held: "0",
    left: "45",
    past: "0",
    beyond: "refuse",
    resetsAt: end,
  });
  assert.equal(told.at("allowances.2.perHour"), true, "a level is told times hours");
});

test("past an allowance usage is charged by the rate card; a refund of the whole gives back its units", async () => {
  const path = await on("a2", { plan: "starter" });
  const debit = await api.post(`${path}/debits`, {
    member: "ana",
    meter: "chat",
    usage: { input_text: 10, output_text: 60 },
  });
  assert.deepEqual(
    [debit.at("charged"), debit.at("allowance")],
    ["30", [{ bucket: "output_text", units: "50" }]],
  );
  const usage = await eventually(
    () => api.get(`${path}/usage`),
    (page) => page.rows().length === 1,
  );
  fits(UsagePageSchema, usage);
  assert.deepEqual(usage.at("data.0.allowance"), { output_text: "50" });
  const back = await api.post(`${path}/refunds`, { of: debit.at("id") });
  fits(RefundSchema, back);
  assert.deepEqual(
    [back.at("credits"), back.at("allowance")],
    ["30", [{ bucket: "output_text", units: "50" }]],
  );
  assert.equal((await api.get(`${path}/entitlements`)).at("allowances.1.used"), "0");
});

test("twenty callers at once get what the allowance has, and not one call more", async () => {
  const path = await on("a3", { plan: "starter" });
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => api.post(`${path}/holds`, calls(9))),
  );
  const statuses = Map.groupBy(replies, ({ status }) => status);
  assert.deepEqual(
    [statuses.get(201)?.length, statuses.get(409)?.length],
    [11, 9],
    "eleven times 9 of 100",
  );
  const told = await api.get(`${path}/entitlements`);
  assert.deepEqual([told.at("allowances.0.held"), told.at("allowances.0.left")], ["99", "1"]);
});

test("seats bring their part of an allowance for the rest of the period, as a preview says", async () => {
  const path = await on("a4", { plan: "seated", seats: 1 });
  const preview = await api.post(`${path}/subscription/preview`, { seats: 3 });
  const act = await api.put(`${path}/seats`, { seats: 3 });
  assert.equal(act.status, 200, act.text);
  // Seconds after the beginning of the period all of it is left.
  assert.deepEqual(act.at("subscription.allowances"), [
    { meter: "api", bucket: "calls", included: "300" },
  ]);
  assert.deepEqual(preview.at("subscription.allowances"), act.at("subscription.allowances"));
});

test("a period later it begins anew, and the invoice tells what was within it and what was past it", async (t) => {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now: "2026-03-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const acme = cistern.workspace("acme");
  await acme.grant({ credits: "1000", source: "promotion" });
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "starter" });
  await acme.debit({ member: "ana", meter: "api", usage: { calls: 100 } });
  await acme.debit({ member: "ana", meter: "chat", usage: { input_text: 0, output_text: 80 } });
  await assert.rejects(acme.authorize(calls(1)), { code: "allowance_exhausted" });
  await cistern.advanceTo("2026-03-31T00:00:00Z");
  // 10 GiB for thirty days, of which 5 for thirty-one are included.
  await acme.debit({
    member: "ana",
    meter: "storage",
    usage: { gib: 10 },
    from: "2026-03-01T00:00:00Z",
    to: "2026-03-31T00:00:00Z",
  });
  await cistern.advanceTo("2026-04-02T00:00:00Z");
  assert.equal((await acme.authorize(calls(100))).credits, "0");
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  const { lines } = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${data[1]?.id}`);
  const invoice = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${data[1]?.id}`);
  const [fault] = Compile(InvoiceSchema).Errors(invoice);
  assert.equal(fault, undefined);
  assert.deepEqual(
    lines.map(({ description, arithmetic, quantity, amount }) => [
      description,
      quantity,
      arithmetic,
      amount.amount,
    ]),
    [
      ["Within the allowance, api", "100", "100 calls, included in the plan", "0"],
      ["Within the allowance, chat", "50", "50 output_text, included in the plan", "0"],
      ["Past the allowance, chat", "30", "30 output_text, charged in credits", "0"],
      ["Within the allowance, storage", "3720", "3,720 gib hours, included in the plan", "0"],
      ["Past the allowance, storage", "3480", "3,480 gib hours, charged in credits", "0"],
      ["Base fee, plan starter", "1", "1 x 10.00", "1000"],
    ],
  );
  const usage = await cistern.get<UsagePage>("/v1/workspaces/acme/usage");
  assert.deepEqual(
    usage.data.map(({ credits, allowance, arithmetic }) => [credits, allowance, arithmetic]),
    [
      ["0", { calls: "100" }, "(100 calls - 100 included) x 0.5 = 0"],
      ["60", { output_text: "50" }, "(80 output_text - 50 included) x 2 = 60"],
      ["34.8", { gib: "3720" }, "(10 gib x 30 d - 3,720 h included) x 0.01 = 34.8"],
    ],
  );
});
