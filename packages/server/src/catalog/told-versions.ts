/**
 * Owns whether workspaces are still to learn that prices have moved on: of each version of the catalog that moves a rate card on, all of
 * them, once it is in effect (docs/decisions/0032). What they learn, and that they do so once, is the kernel's (`rating/card-changed.ts`).
 */
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import type { RateCards } from "./rate-cards.ts";
import { insertToldSql, toldSql } from "./statements.ts";
import type { CatalogVersion } from "./versions.ts";

/** Versions that are in effect and were told to nobody, or not to all. */
export interface ToldVersions {
  /** The newest of them at an instant, where one of them moves a rate card on; undefined where there is nothing to tell. */
  untoldAt(at: number): Promise<number | undefined>;
  /** All workspaces were told of a version, and of those before it. */
  told(version: number): Promise<void>;
}

/** By then every node has come to its instant, and what was begun before it is done. */
const settledMs = 5_000;

/** See the file head. Both reject with `DatabaseFault`. */
export function createToldVersions(
  pool: Pool,
  rateCards: Pick<RateCards, "versions">,
): ToldVersions {
  const query = rowsOf(pool);
  const doing = "Noting which versions of the catalog were told";
  let known = 0;
  const told = async (version: number): Promise<void> => {
    await query(doing, insertToldSql, [version]);
    known = version;
  };
  return {
    async untoldAt(at) {
      const inEffect = rateCards
        .versions()
        .filter(({ effectiveAtMs }) => effectiveAtMs + settledMs <= at);
      const newest = inEffect[0]?.version ?? 0;
      if (newest <= known) return undefined;
      const [row] = await query<{ version: string }>(doing, toldSql);
      known = Math.max(known, Number(row?.version ?? 0));
      if (newest <= known) return undefined;
      if (inEffect.some((one, index) => one.version > known && moves(one, inEffect[index + 1])))
        return newest;
      await told(newest);
      return undefined;
    },
    told,
  };
}

/** Whether a version has a rate card that the one before it had otherwise. Before the first one another may have been in force. */
function moves({ catalog }: CatalogVersion, before: CatalogVersion | undefined): boolean {
  if (before === undefined) return true;
  return [...catalog.rateCards].some(
    ([name, { id }]) => before.catalog.rateCards.get(name)?.id !== id,
  );
}
