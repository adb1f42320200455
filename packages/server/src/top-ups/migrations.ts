import { type Migration, readMigrations } from "../database/index.ts";

/** The tables of the watch over top-ups, for `migrate`. */
export function topUpMigrations(): Promise<readonly Migration[]> {
  return readMigrations("top-ups", new URL("migrations/", import.meta.url));
}
