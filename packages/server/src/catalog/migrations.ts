import { type Migration, readMigrations } from "../database/index.ts";

/** The table of catalog versions, for `migrate`. */
export function catalogMigrations(): Promise<readonly Migration[]> {
  return readMigrations("catalog", new URL("migrations/", import.meta.url));
}
