/** Plans are made once a connection and kept, so they must be right on small tables as well as on large ones. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "pg";
import { journalMigrations, postgresStore } from "../../src/journal/index.ts";
import * as statements from "../../src/journal/postgres/statements.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { appendChain, freshWorkspace } from "./store-suite.ts";

const { url } = await freshDatabase();
const database = await openDatabase({
  url,
  folder: "",
  host: process,
  randomUuid: () => crypto.randomUUID(),
});
after(() => database.close());
const pool = database.openPool({ purpose: "plan tests", connectionsMax: 2 });
await migrate(pool, await journalMigrations());
const store = postgresStore({ pool });

type PlanNode = Readonly<Record<string, unknown>>;

/** Every node of the plan that reads a table. */
async function tableReads(client: Client, sql: string): Promise<PlanNode[]> {
  const { rows } = await client.query<{ "QUERY PLAN": unknown }>(
    `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${sql}`,
  );
  const reads: PlanNode[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const child of node) visit(child);
    else if (isPlanNode(node)) {
      if (node["Relation Name"] !== undefined && node["Node Type"] !== "ModifyTable")
        reads.push(node);
      visit(Object.values(node));
    }
  };
  visit(rows[0]?.["QUERY PLAN"]);
  return reads;
}

function isPlanNode(node: unknown): node is PlanNode {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

for (const [size, rows] of [
  ["a small", 3],
  ["a larger", 300],
] as const)
  test(`S4 on ${size} journal every statement reaches its tables through their keys`, async () => {
    for (let workspaces = 0; workspaces < rows / 3; workspaces += 1)
      await appendChain(store, freshWorkspace(), 3);
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query("ANALYZE");
      await client.query(statements.tuneSessionSql);
      for (const [name, sql] of Object.entries(statements)) {
        if (name === "tuneSessionSql") continue;
        for (const read of await tableReads(client, sql)) {
          const condition = String(read["Index Cond"] ?? read["Recheck Cond"]);
          assert.match(condition, /workspace_id = /, `${name}: ${JSON.stringify(read)}`);
        }
      }
    } finally {
      await client.end();
    }
  });
