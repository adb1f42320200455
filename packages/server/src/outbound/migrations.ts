import { type Migration, readMigrations } from "../database/index.ts";

/** The tables of what leaves, for `migrate`. */
export function outboundMigrations(): Promise<readonly Migration[]> {
  return readMigrations("outbound", new URL("migrations/", import.meta.url));
}
