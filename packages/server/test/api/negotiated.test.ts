/** Prices that were negotiated with one customer, over HTTP: usage in credits and in money, outcomes, spans of time, and all their faults. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CatalogDiff,
  CatalogDiffSchema,
  HoldSchema,
  type Invoice,
  InvoiceSchema,
  type InvoicePage,
  ProblemSchema,
  SubscriptionChangeSchema,
} from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { type Reply, eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const catalogOf = (chat: string) =>
  defineCatalog({
    meters: { chat: { buckets: ["input_text"] }, image: { buckets: ["images"] } },
    rateCards: {
      standard: {
        rows: [
          { meter: "chat", perUnit: { input_text: chat } },
          { meter: "image", perUnit: { images: "5" } },
        ],
      },
    },
    outcomes: { document: { kind: "quantity" } },
    plans: {
      team: {
        currency: "USD",
        base: { fee: "100.00" },
        overage: { kind: "bill", price: "0.01" },
        outcomes: { document: "0.50" },
        finalizeAfter: "PT1S",
      },
    },
  });
const api = await startWithCatalog(catalogOf("2"));
const usd = (amount: string) => ({ amount, currency: "USD" });
const fits = (schema: TSchema, reply: Reply): void => {
  const [fault] = Compile(schema).Errors(reply.body);
  assert.equal(fault, undefined, reply.text);
};
const terms = {
  base: usd("8000"),
  overage: "0.006",
  outcomes: { document: { kind: "package", per: 10, price: "3.00" } },
  rates: { multiplier: "0.75", rows: [{ meter: "image", perUnit: { images: "1" } }] },
} as const;

test("a customer's rates price its holds and debits, are pinned by a hold, and are told with its plan", async () => {
  await workspaceWith(api, "n1", "1000");
  const path = "/v1/workspaces/n1";
  await api.put(`${path}/subscription`, { plan: "team" });
  const call = { member: "ana", meter: "chat", estimate: { input_text: 8 } };
  const before = await api.post(`${path}/holds`, call);
  const body = { negotiated: terms, change: "now" };
  const preview = await api.post(`${path}/subscription/preview`, body);
  const put = await api.put(`${path}/subscription`, body);
  assert.equal(put.status, 200, put.text);
  fits(SubscriptionChangeSchema, put);
  assert.deepEqual(put.at("subscription.negotiated"), terms);
  assert.deepEqual(preview.at("subscription.negotiated"), terms);
  assert.equal(put.at("amount.amount"), preview.at("amount.amount"));
  assert.equal((await api.post(`${path}/quotes`, call)).at("credits"), "12", "8 x 2 x 0.75");
  const after = await api.post(`${path}/holds`, call);
  fits(HoldSchema, after);
  assert.equal(after.at("rate.negotiated"), true);
  const image = await api.post(`${path}/debits`, {
    member: "ana",
    meter: "image",
    usage: { images: 7 },
  });
  assert.equal(image.at("charged"), "7");
  await api.put(`${path}/subscription`, { negotiated: null, change: "now" });
  const settle = async (hold: Reply) =>
    (await api.post(`${path}/holds/${hold.textAt("id")}/settle`, { usage: { input_text: 4 } })).at(
      "charged",
    );
  assert.deepEqual([await settle(before), await settle(after)], ["8", "6"]);
  const usage = await eventually(
    () => api.get(`${path}/usage`),
    (page) => page.rows().length === 3,
  );
  assert.equal(usage.text.split('"negotiated":true').length - 1, 2);
});

test("the invoice says what was negotiated, in spans that follow each other", async (t) => {
  const { url: databaseUrl } = await freshDatabase();
  const now = "2026-01-01T00:00:00Z";
  const cistern = await createTestCistern({ catalog: catalogOf("2"), now, databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD", overage: { kind: "plan" } });
  const acme = cistern.workspace("acme");
  const put = await cistern.put("/v1/workspaces/acme/subscription", {
    plan: "team",
    negotiated: [
      { ...terms, until: "2026-02-15T00:00:00Z" },
      { base: usd("9000"), from: "2026-04-01T00:00:00Z" },
    ],
  });
  assert.match(JSON.stringify(put), /"negotiatedLater":\[\{"base"/);
  await acme.debit({ member: "ana", meter: "chat", usage: { input_text: 100 } });
  await acme.outcomes.claim({ type: "document", quantity: 14 });
  await cistern.advanceTo("2026-04-02T00:00:00Z");
  const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
  const invoices = await Promise.all(
    data.map(({ id }) => cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${id}`)),
  );
  for (const one of invoices)
    assert.equal(Compile(InvoiceSchema).Errors(one).length, 0, JSON.stringify(one));
  assert.deepEqual(
    invoices.map(({ lines }) =>
      lines.map(({ description, arithmetic, amount, negotiated = false }) => [
        description,
        arithmetic,
        amount.amount,
        negotiated,
      ]),
    ),
    [
      [["Base fee, plan team", "1 x 80.00, at a negotiated price", "8000", true]],
      [
        ["Overage, credits", "150 x 0.006, at a negotiated price", "90", true],
        ["Outcomes, document", "2 x 3.00 for 10 each, at a negotiated price", "600", true],
        ["Base fee, plan team", "1 x 80.00, at a negotiated price", "8000", true],
      ],
      [["Base fee, plan team", "1 x 100.00", "10000", false]],
      [["Base fee, plan team", "1 x 90.00, at a negotiated price", "9000", true]],
    ],
  );
});

test("a diff goes by what was negotiated, and tells it", async () => {
  await workspaceWith(api, "n2", "1000");
  const path = "/v1/workspaces/n2";
  await api.put(`${path}/subscription`, { plan: "team", negotiated: terms });
  const usage = { member: "ana", meter: "chat", usage: { input_text: 10 } };
  await api.post(`${path}/debits`, usage);
  const check = Compile(CatalogDiffSchema);
  const theirs = async () => {
    const reply = await api.post("/v1/catalog/diff", { content: catalogOf("4") });
    assert.ok(check.Check(reply.body), reply.text);
    const diff: CatalogDiff = check.Parse(reply.body);
    return diff.subscriptions.find(({ workspace }) => workspace === "n2");
  };
  const impact = await eventually(theirs, (one) => one?.usage?.charged === "15");
  assert.equal(impact?.usage?.repriced, "30", "10 x 4 x 0.75");
  assert.deepEqual(impact?.negotiated, terms);
});

test("all that is wrong with a negotiation is told with its place, and nothing is changed", async () => {
  await workspaceWith(api, "n3", "0");
  const path = "/v1/workspaces/n3/subscription";
  await api.put(path, { plan: "team" });
  const before = await api.get(path);
  const places = (reply: Reply): readonly unknown[] => {
    fits(ProblemSchema, reply);
    assert.deepEqual([reply.status, reply.at("code")], [422, "invalid_request"], reply.text);
    return reply.rows("violations").map(({ pointer }) => pointer);
  };
  const form = {
    overage: "-0.5",
    outcomes: { document: "NaN" },
    usage: { "*": { kind: "graduated", tiers: [{ price: "-1" }] } },
    rates: { multiplier: "-2", rows: [{ meter: "image", perUnit: { images: "NaN" } }] },
  };
  assert.deepEqual(
    new Set(places(await api.put(path, { negotiated: form }))),
    new Set([
      "/negotiated/overage",
      "/negotiated/outcomes/document",
      "/negotiated/usage/*/tiers/0/price",
      "/negotiated/rates/multiplier",
      "/negotiated/rates/rows/0/perUnit/images",
    ]),
  );
  const meaning = [
    {
      seat: usd("100"),
      usage: { paint: "1" },
      overage: { kind: "graduated", tiers: [{ upTo: 5, price: "1" }] },
      outcomes: { resolution: "1" },
      rates: {
        multiplier: "0",
        rows: [
          { meter: "paint", perUnit: { images: "1" } },
          { meter: "image", perUnit: { pictures: "1" } },
          { meter: "chat", perUnit: { input_text: "1" } },
          { meter: "chat", perMillion: { input_text: "1" } },
        ],
      },
      until: "2099-01-01T00:00:00Z",
    },
    { base: usd("1"), from: "2098-01-01T00:00:00Z" },
    { base: usd("1"), from: "2097-01-01T00:00:00Z", until: "2020-01-01T00:00:00Z" },
  ];
  const told = places(await api.put(path, { negotiated: meaning }));
  for (const place of [
    "/negotiated/0/seat",
    "/negotiated/0/usage/paint",
    "/negotiated/0/overage/tiers",
    "/negotiated/0/outcomes/resolution",
    "/negotiated/0/rates/multiplier",
    "/negotiated/0/rates/rows/0/meter",
    "/negotiated/0/rates/rows/1/perUnit/pictures",
    "/negotiated/0/rates/rows/3",
    "/negotiated/1/from",
    "/negotiated/2/until",
  ])
    assert.ok(told.includes(place), `${place} in ${told.join(" ")}`);
  assert.deepEqual((await api.get(path)).body, before.body);
});
