import { after } from "node:test";
import { catalogMigrations, pushCatalog, readCatalog } from "../../src/catalog/index.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { readSettings, serve } from "../../src/index.ts";
import { execute, freshDatabase } from "../fresh-database.ts";
import { type ApiServer, callsTo } from "./api-server.ts";

const key = "my-own-key";

/** Makes a catalog the newest version, in force from `effectiveAtMs` on, in a database; a server that works with it reads it soon. */
export async function inForce(url: string, catalog: unknown, effectiveAtMs: number): Promise<void> {
  const randomUuid = () => crypto.randomUUID();
  const database = await openDatabase({ url, folder: "", host: process, randomUuid });
  const pool = database.openPool({ purpose: "push", connectionsMax: 1 });
  await migrate(pool, await catalogMigrations());
  await pushCatalog(pool, readCatalog(catalog, "the test's catalog"), { now: () => Date.now() });
  await execute(
    url,
    `UPDATE catalog_versions SET effective_at_ms = ${effectiveAtMs}
     WHERE version = (SELECT max(version) FROM catalog_versions)`,
  );
  await database.close();
}

/** A server in which a catalog is in force already, or will be soon. */
export async function startWithCatalog(catalog: unknown, effectiveAtMs = 1): Promise<ApiServer> {
  const { url } = await freshDatabase();
  await inForce(url, catalog, effectiveAtMs);
  return await serverOn(url);
}

/** A server on a database. */
export async function serverOn(
  url: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ApiServer> {
  const settings = { PORT: "0", DATABASE_URL: url, CISTERN_API_KEY: key, CISTERN_LOG: "fatal" };
  const server = await serve(readSettings({ ...settings, ...env }));
  after(() => server.stop());
  return { server, ...callsTo(server.url, key) };
}
