import { Client } from "pg";
import { connectionStringOf } from "./address.ts";
import type { Address } from "./address.ts";
import { clusterUser } from "./cluster-paths.ts";
import type { ClusterPaths } from "./cluster-paths.ts";

const probeSql = `SELECT current_setting('data_directory') AS folder,
  EXISTS (SELECT 1 FROM pg_database WHERE datname = '${clusterUser}') AS is_complete`;

/** What stands at an address: the server of this very folder, another one, or nobody who answers. */
export type Answer =
  | { readonly kind: "ours" }
  | { readonly kind: "another" }
  | { readonly kind: "silent"; readonly cause: unknown };

/** Asks the server at `address` for its data folder, and makes the database `cistern` in it if this is its first start. */
export async function probe(address: Address, paths: ClusterPaths): Promise<Answer> {
  const client = new Client({
    connectionString: await connectionStringOf(address, paths, "postgres"),
    connectionTimeoutMillis: 2_000,
    query_timeout: 10_000,
    application_name: "cistern probe",
  });
  // The server may end the connection at any moment while it starts or stops; the call under way reports it.
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string; is_complete: boolean }>(probeSql);
    if (rows[0]?.folder !== paths.data) return { kind: "another" };
    if (!rows[0].is_complete) await client.query(`CREATE DATABASE ${clusterUser}`);
    return { kind: "ours" };
  } catch (cause) {
    return { kind: "silent", cause };
  } finally {
    await client.end().catch(() => {});
  }
}
