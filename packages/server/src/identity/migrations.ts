import { type Migration, readMigrations } from "../database/index.ts";

/** The tables of keys and names, for `migrate`. */
export function identityMigrations(): Promise<readonly Migration[]> {
  return readMigrations("identity", new URL("migrations/", import.meta.url));
}
