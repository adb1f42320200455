/** What `catalog diff` and `catalog migrate` say of one subscription, in words and money. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { workspaceWith } from "../api/api-server.ts";
import { inForce, serverOn } from "../api/catalog-server.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { freshDatabase } from "../fresh-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const catalog = (credits: string) => ({
  credits: { name: { singular: "token", plural: "tokens" }, decimals: 1 },
  meters: { chat: { buckets: ["turns"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { turns: "2" } }] } },
  plans: {
    team: {
      currency: "USD",
      seats: { fee: "20.00" },
      included: { credits, per: "seat", value: "5.00" },
    },
  },
});

async function run(env: Readonly<Record<string, string>>, ...args: string[]) {
  const cistern = startCistern(env, "catalog", ...args);
  return { code: await cistern.ended(), stdout: cistern.stdout(), stderr: cistern.stderr() };
}

test("credits of the plan that go are told before they do, and prices that were negotiated in money", async () => {
  const { url } = await freshDatabase();
  await inForce(url, catalog("500"), 1);
  const server = await serverOn(url);
  const folder = await temporaryFolder();
  after(() => folder.remove());
  const path = "/v1/workspaces/t";
  await workspaceWith(server, "t", "300");
  const negotiated = {
    seat: { amount: "1200", currency: "USD" },
    until: "2099-01-01T00:00:00Z",
  };
  await server.put(`${path}/subscription`, { plan: "team", seats: 1, negotiated });
  const newer = catalog("5");
  const file = join(folder.path, "fewer.json");
  await writeFile(file, JSON.stringify(newer));
  const told = await run({ DATABASE_URL: url }, "diff", file);
  const terms = /^ {4}negotiated: seat 12\.00 USD, until 2099-01-01T00:00:00Z$/m;
  assert.match(told.stdout, terms, told.stderr);
  await inForce(url, newer, 2);
  await server.put("/v1/catalog", { content: newer });
  const there = { CISTERN_URL: server.url, CISTERN_KEY: server.key };
  // Whoever is in the last second of a period has one credit less to give back.
  const taken = /from now: 0\.00 USD, 0\.0 tokens, 49[45]\.0 tokens of the plan taken$/m;
  for (const more of [["--preview"], []]) {
    const moved = await run(there, "migrate", "--plan", "team", "--when", "now", ...more);
    assert.match(moved.stdout, taken, moved.stderr);
  }
  const balance = await server.get(`${path}/balance`);
  assert.match(balance.text, /"revoked":"49[45]"/);
});
