/** Owns how the catalog is put on a node: the rate cards that it decides by, and what the API reads, compares and pushes. */
import type { Pool } from "pg";
import type { ApiParts } from "./api/index.ts";
import {
  type Catalog,
  CatalogFault,
  type RateCards,
  createRateCards,
  diffCatalogs,
  pushCatalog,
  pushStatementMs,
  readCatalog,
} from "./catalog/index.ts";
import type { Database } from "./database/index.ts";
import type { EngineClock } from "./engine/index.ts";
import { workspaceIds } from "./journal/index.ts";

/** What the catalog stands on. */
export interface CatalogOptions {
  readonly database: Database;
  readonly pool: Pool;
  /** By which versions take effect. */
  readonly clock: Pick<EngineClock, "now">;
  /** By which they are read again: the machine's, also where `clock` is moved by somebody. */
  readonly readingClock: EngineClock;
  /** In force until the first version is. */
  readonly first: Catalog;
  /** See `NodeOptions`. */
  readonly movedClock: (() => number) | undefined;
  /** Told when the versions could not be read; they are read again. */
  readonly onFault: (cause: unknown) => void;
}

/** The catalog on a node; its rate cards are not read yet. */
export function openCatalog(options: CatalogOptions): {
  readonly rateCards: RateCards;
  readonly catalog: ApiParts["catalog"];
} {
  const { database, pool: others, clock, readingClock, first, movedClock, onFault } = options;
  const rateCards = createRateCards({ pool: others, first, clock: readingClock, onFault });
  const pool = database.openPool({
    purpose: "catalog",
    connectionsMax: 1,
    statementMs: pushStatementMs,
  });
  const now = (): number => clock.now();
  const inForce = (): Catalog => {
    const at = now();
    return rateCards.versions().find(({ effectiveAtMs }) => effectiveAtMs <= at)?.catalog ?? first;
  };
  const catalog: ApiParts["catalog"] = {
    push: (content, effectiveAtMs) =>
      orFaults(async () => {
        const read = readCatalog(content, "The catalog");
        const moved = movedClock === undefined ? {} : { databaseNow: movedClock };
        const pushed = await pushCatalog(pool, read, { effectiveAtMs, now, ...moved });
        await rateCards.refresh();
        return { kind: "pushed", hash: read.hash, ...pushed };
      }),
    compare: (content) =>
      orFaults(() => {
        const read = readCatalog(content, "The catalog");
        const newest = rateCards.versions()[0]?.catalog ?? first;
        return { kind: "compared", catalog: read, changes: diffCatalogs(newest, read) };
      }),
    versions: () =>
      rateCards
        .versions()
        .map(({ version, effectiveAtMs, catalog: { hash, content, credits } }) => {
          return { version, hash, effectiveAtMs, content, credits };
        }),
    now,
    workspaces: (last) => workspaceIds(others, last),
    plan: (name) => inForce().plans.get(name),
    pack: (name) => inForce().packs.get(name),
    meters: () => inForce().meters,
    events: () => inForce().events,
    traces: () => inForce().traces,
    credits: () => inForce().credits,
  };
  return { rateCards, catalog };
}

/** What was done, or all that is wrong with what was handed in. */
async function orFaults<Done>(
  act: () => Done | Promise<Done>,
): Promise<Done | { readonly kind: "faulty"; readonly problems: CatalogFault["problems"] }> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CatalogFault)) throw error;
    return { kind: "faulty", problems: error.problems };
  }
}
