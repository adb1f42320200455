import { after } from "node:test";
import { catalogMigrations, pushCatalog, readCatalog } from "../../src/catalog/index.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { readSettings, serve } from "../../src/index.ts";
import { execute, freshDatabase } from "../fresh-database.ts";
import { type ApiServer, callsTo } from "./api-server.ts";

const key = "my-own-key";

/** Makes catalogs versions that are in force already, in order, in a database that no server works with yet. */
export async function inForce(url: string, ...catalogs: readonly unknown[]): Promise<void> {
  const randomUuid = () => crypto.randomUUID();
  const database = await openDatabase({ url, folder: "", host: process, randomUuid });
  const pool = database.openPool({ purpose: "push", connectionsMax: 1 });
  await migrate(pool, await catalogMigrations());
  for (const one of catalogs)
    await pushCatalog(pool, readCatalog(one, "the test's catalog"), { now: () => Date.now() });
  await execute(url, "UPDATE catalog_versions SET effective_at_ms = version");
  await database.close();
}

/** A server in which a catalog is in force already. */
export async function startWithCatalog(catalog: unknown): Promise<Omit<ApiServer, "server">> {
  const { url } = await freshDatabase();
  await inForce(url, catalog);
  const settings = { PORT: "0", DATABASE_URL: url, CISTERN_API_KEY: key, CISTERN_LOG: "fatal" };
  const server = await serve(readSettings(settings));
  after(() => server.stop());
  return callsTo(server.url, key);
}
