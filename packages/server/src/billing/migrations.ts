import { type Migration, readMigrations } from "../database/index.ts";

/** The tables of numbers and billing profiles, for `migrate`. */
export function billingMigrations(): Promise<readonly Migration[]> {
  return readMigrations("billing", new URL("migrations/", import.meta.url));
}
