import { type Migration, readMigrations } from "../database/index.ts";

/** The tables of the watch, for `migrate`. */
export function watchingMigrations(): Promise<readonly Migration[]> {
  return readMigrations("watching", new URL("migrations/", import.meta.url));
}
