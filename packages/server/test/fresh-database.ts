import { after } from "node:test";
import { Client } from "pg";
import { startTestServer } from "./test-server.ts";
import type { TestServer } from "./test-server.ts";

/** An empty database of one test file's own. Dropped after the file at the latest. */
export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

let ownServer: Promise<TestServer> | undefined;
let made = 0;
const left = new Set<FreshDatabase>();

/** Makes an empty database on the server of the global setup, or, when a file runs alone, on one started for it. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const serverUrl =
    process.env["CISTERN_TEST_DATABASE_URL"] ?? (await (ownServer ??= startTestServer())).url;
  made += 1;
  const name = `test_${process.pid}_${made}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database: FreshDatabase = {
    url: url.href,
    drop: async () => {
      if (left.delete(database)) await execute(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
  left.add(database);
  return database;
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: "cistern tests" });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

after(async () => {
  for (const database of left) await database.drop();
  await (await ownServer)?.stop();
});
