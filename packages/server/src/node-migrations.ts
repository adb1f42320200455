import { billingMigrations } from "./billing/index.ts";
import { catalogMigrations } from "./catalog/index.ts";
import type { Migration } from "./database/index.ts";
import { feedMigrations } from "./feed/index.ts";
import { identityMigrations } from "./identity/index.ts";
import { ingestMigrations } from "./ingest/index.ts";
import { journalMigrations } from "./journal/index.ts";
import { outboundMigrations } from "./outbound/index.ts";
import { projectionMigrations } from "./projections/index.ts";
import { recommendingMigrations } from "./recommending/index.ts";
import { topUpMigrations } from "./top-ups/index.ts";
import { watchingMigrations } from "./watching/index.ts";

/** Every table of a node, in the order in which they are made. */
export async function nodeMigrations(): Promise<readonly Migration[]> {
  return [
    ...(await journalMigrations()),
    ...(await projectionMigrations()),
    ...(await identityMigrations()),
    ...(await catalogMigrations()),
    ...(await topUpMigrations()),
    ...(await watchingMigrations()),
    ...(await recommendingMigrations()),
    ...(await billingMigrations()),
    ...(await outboundMigrations()),
    ...(await feedMigrations()),
    ...(await ingestMigrations()),
  ];
}
