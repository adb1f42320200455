import { type Migration, readMigrations } from "../database/index.ts";

/** The table of observations, for `migrate`. */
export function ingestMigrations(): Promise<readonly Migration[]> {
  return readMigrations("ingest", new URL("migrations/", import.meta.url));
}
