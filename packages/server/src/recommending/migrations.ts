import { type Migration, readMigrations } from "../database/index.ts";

/** The table of replays of what is over, for `migrate`. */
export function recommendingMigrations(): Promise<readonly Migration[]> {
  return readMigrations("recommending", new URL("migrations/", import.meta.url));
}
