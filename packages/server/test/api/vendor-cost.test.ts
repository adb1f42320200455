/** What a call costs the vendor is on its usage rows, for the vendor's keys alone. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UsagePageSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { catalogMigrations, pushCatalog, readCatalog } from "../../src/catalog/index.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { readSettings, serve } from "../../src/index.ts";
import { execute, freshDatabase } from "../fresh-database.ts";
import { callsTo, eventually, workspaceWith } from "./api-server.ts";

const catalog = readCatalog(
  {
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
  },
  "the test's catalog",
);

/** A server in which the catalog is in force already. */
async function startWithCatalog() {
  const { url } = await freshDatabase();
  const randomUuid = () => crypto.randomUUID();
  const database = await openDatabase({ url, folder: "", host: process, randomUuid });
  const pool = database.openPool({ purpose: "push", connectionsMax: 1 });
  await migrate(pool, await catalogMigrations());
  await pushCatalog(pool, catalog, { now: () => Date.now() });
  await execute(url, "UPDATE catalog_versions SET effective_at_ms = 1");
  await database.close();
  const settings = {
    PORT: "0",
    DATABASE_URL: url,
    CISTERN_API_KEY: "my-own-key",
    CISTERN_LOG: "fatal",
  };
  const server = await serve(readSettings(settings));
  after(() => server.stop());
  return callsTo(server.url, "my-own-key");
}

const api = await startWithCatalog();
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
  const seen = [settled];
  for (const path of ["usage", "ledger", "events", `holds/${hold.textAt("id")}`])
    seen.push(await api.get(`${acme}/${path}`, { apiKey }));
  for (const { status, text } of seen) {
    assert.equal(status, 200, text);
    assert.doesNotMatch(text, /"USD"|044625|nanos/);
  }
});

test("nor does a customer through a batch", async () => {
  const operations = [{ method: "GET", path: `${acme}/usage` }];
  const reply = await api.post("/v1/batch", { operations }, { apiKey });
  assert.doesNotMatch(reply.text, /"cost"/);
});
