/** What a call costs the vendor is on its usage rows and in its ledger, for the vendor's keys alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsagePageSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const catalog = {
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: {
      rows: [
        {
          meter: "chat",
          perMillion: { input_text: "250", output_text: "2000" },
          cost: { currency: "USD", perMillion: { input_text: "1.25", output_text: "10" } },
        },
      ],
    },
  },
};

const api = await startWithCatalog(catalog);
const acme = "/v1/workspaces/acme";
await workspaceWith(api, "acme", "1000", { currency: "EUR" });
const theirs = { name: "theirs", scopes: ["admin"], workspace: "acme" };
const apiKey = (await api.post("/v1/keys", theirs)).textAt("key");

test("a call of a fraction of a cent shows its cost to the vendor, and no customer sees it", async () => {
  const call = { member: "ana", meter: "chat", model: "gpt-5" };
  const hold = await api.post(`${acme}/holds`, { ...call, estimate: { input_text: 400 } });
  const settled = await api.post(`${acme}/holds/${hold.textAt("id")}/settle`, {
    usage: { input_text: 301, output_text: 7 },
  });
  await api.post(`${acme}/debits`, { ...call, usage: { input_text: 1_000_000 } });
  await api.post(`${acme}/debits`, { ...call, credits: "2" });
  const page = await eventually(
    () => api.get(`${acme}/usage`),
    (reply) => reply.rows().length === 3,
  );
  assert.ok(Compile(UsagePageSchema).Check(page.body), page.text);
  const costs = page.rows().map((row) => row["cost"]);
  assert.deepEqual(costs, [
    { amount: "0.044625", currency: "USD" },
    { amount: "125", currency: "USD" },
    undefined,
  ]);
  const ledger = await api.get(`${acme}/ledger?kind=usage.debited`);
  const posted = ledger.rows().flatMap(({ postings }) => postings);
  assert.deepEqual(
    posted.filter((one) => JSON.stringify(one).includes("USD")),
    [
      { account: "ModelCost", commodity: "USD", amount: "125" },
      { account: "AccruedProvider", commodity: "USD", amount: "-125" },
    ],
  );
  const seen = [settled];
  for (const path of ["usage", "ledger", "events", `holds/${hold.textAt("id")}`])
    seen.push(await api.get(`${acme}/${path}`, { apiKey }));
  for (const { status, text } of seen) {
    assert.equal(status, 200, text);
    assert.doesNotMatch(text, /"USD"|044625|nanos|ModelCost|AccruedProvider/);
  }
});

test("nor does a customer through a batch", async () => {
  const operations = [{ method: "GET", path: `${acme}/usage` }];
  const reply = await api.post("/v1/batch", { operations }, { apiKey });
  assert.doesNotMatch(reply.text, /"cost"/);
});
