/**
 * Owns how a version of the catalog begins (RULES 19).
 *
 * V1 versions are numbered from 1, each takes effect after the one before it, and none is ever changed. V2 a version takes effect
 * `aheadMsMin` after its push at the earliest, so that every node that still decides has read it by then (`rate-cards.ts`).
 */
import { printInstant } from "@cistern/contract";
import type { Pool } from "pg";
import { compareClocks, rowsOf } from "../database/index.ts";
import { type Catalog, CatalogFault } from "./catalog.ts";
import { insertVersionSql, latestVersionSql } from "./statements.ts";

/** What a push came to. */
export interface Pushed {
  readonly version: number;
  readonly effectiveAtMs: number;
  /** Whether the latest version had this content already, so that nothing was pushed. */
  readonly isSame: boolean;
}

/** A statement of a push that takes longer is given up: nodes count on it (V2). */
export const pushStatementMs = 5_000;

/** V2. */
const aheadMsMin = 60_000;
/** Longer may not pass between the look at the clock and the insert. */
const pauseMsMax = 5_000;

/**
 * Makes a catalog the newest version, from `effectiveAtMs` on, else as soon as may be.
 *
 * @throws CatalogFault where it may not take effect then, or another push came first; DatabaseFault.
 */
export async function pushCatalog(
  pool: Pool,
  catalog: Catalog,
  {
    effectiveAtMs,
    now,
    databaseNow = async () => (await compareClocks(pool, now)).databaseMs,
  }: {
    readonly effectiveAtMs?: number | undefined;
    readonly now: () => number;
    /** The clock that V2 goes by; left out: the database's own. Another one only where nobody else goes by that. */
    readonly databaseNow?: () => number | Promise<number>;
  },
): Promise<Pushed> {
  const databaseMs = await databaseNow();
  const lookedAtMs = now();
  const latest = await latestVersion(pool);
  if (latest?.hash === catalog.hash)
    return { version: latest.version, effectiveAtMs: latest.effectiveAtMs, isSame: true };
  const earliest = Math.max(Math.ceil(databaseMs) + aheadMsMin, (latest?.effectiveAtMs ?? 0) + 1);
  const from = effectiveAtMs ?? earliest;
  if (from < earliest)
    throw fault(
      `takes effect at ${printInstant(earliest)} at the earliest: ${aheadMsMin / 1_000} s ahead, and after the version before it`,
    );
  if (now() - lookedAtMs > pauseMsMax) throw fault("took too long to push; push it again");
  const version = (latest?.version ?? 0) + 1;
  const values = [version, catalog.hash, catalog.content, from, Math.floor(databaseMs)];
  const { length } = await rowsOf(pool)("Pushing the catalog", insertVersionSql, values);
  if (length === 0)
    throw fault("was pushed while another push was under way; look at that one first");
  return { version, effectiveAtMs: from, isSame: false };
}

interface VersionColumns {
  readonly version: string;
  readonly hash: string;
  readonly effective_at_ms: string;
}

async function latestVersion(pool: Pool) {
  const [row] = await rowsOf(pool)<VersionColumns>("Pushing the catalog", latestVersionSql);
  if (row === undefined) return undefined;
  return {
    version: Number(row.version),
    hash: row.hash,
    effectiveAtMs: Number(row.effective_at_ms),
  };
}

const fault = (message: string): CatalogFault =>
  new CatalogFault("The catalog", [{ path: "", message }]);
