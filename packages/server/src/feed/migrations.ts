import { type Migration, readMigrations } from "../database/index.ts";

/** The tables of who reads all workspaces, for `migrate`. */
export function feedMigrations(): Promise<readonly Migration[]> {
  return readMigrations("feed", new URL("migrations/", import.meta.url));
}
