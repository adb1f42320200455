import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { openDatabase } from "../../../packages/server/src/database/index.ts";

/** The one PostgreSQL that everybody in a run works on: the embedded one, with the settings that Cistern gives it. */
export interface BenchPostgres {
  /** For the table's head, e.g. `18.4`. */
  readonly version: string;
  /** Creates an empty database and answers its connection string, so that nobody's tables are in another's way. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server; its folder is the caller's to remove. */
  stop(): Promise<void>;
}

export async function startPostgres(folder: string): Promise<BenchPostgres> {
  const database = await openDatabase({ folder, host: process, randomUuid: randomUUID });
  try {
    const version = await withClient(database.connectionString, async (client) => {
      const shown = await client.query<{ server_version: string; synchronous_commit: string }>(
        "SELECT current_setting('server_version') AS server_version, current_setting('synchronous_commit') AS synchronous_commit",
      );
      const row = shown.rows[0];
      if (row?.synchronous_commit !== "on")
        throw new Error(
          `synchronous_commit is ${row?.synchronous_commit}, so nothing would be durable`,
        );
      return row.server_version;
    });
    return {
      version,
      async createDatabase(name) {
        await withClient(database.connectionString, (client) =>
          client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`),
        );
        const url = new URL(database.connectionString);
        url.pathname = `/${name}`;
        return url.href;
      },
      stop: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Runs `work` on a connection of its own. */
export async function withClient<Answer>(
  connectionString: string,
  work: (client: Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
