/** Owns how versions of the catalog are read back: as they were pushed, or not at all (V4). */
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import type { Catalog } from "./catalog.ts";
import { readCatalog } from "./read-catalog.ts";
import { readVersionsSql } from "./statements.ts";

/** A catalog that was pushed. */
export interface CatalogVersion {
  readonly version: number;
  readonly effectiveAtMs: number;
  readonly catalog: Catalog;
}

/**
 * The versions after `version`, in their order.
 *
 * @throws DatabaseFault; CatalogFault for one that this build cannot read.
 */
export async function versionsAfter(pool: Pool, version: number): Promise<CatalogVersion[]> {
  const rows = await rowsOf(pool)<VersionColumns>("Reading the catalog", readVersionsSql, [
    version,
  ]);
  return rows.map((row) => ({
    version: Number(row.version),
    effectiveAtMs: Number(row.effective_at_ms),
    catalog: catalogOf(row),
  }));
}

interface VersionColumns {
  readonly version: string;
  readonly hash: string;
  readonly content: string;
  readonly effective_at_ms: string;
}

function catalogOf({ version, hash, content }: VersionColumns): Catalog {
  const source = `Version ${version} of the catalog`;
  const catalog = readCatalog(JSON.parse(content), source, { isPushed: true });
  if (catalog.hash !== hash) throw new Error(`${source} is not what was pushed: its hash differs.`);
  return catalog;
}
