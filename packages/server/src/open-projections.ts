/** Owns the tables that a node makes of its journals, and how the API reads them. */
import { FormatFault } from "@cistern/contract";
import type { Pool } from "pg";
import type { ApiParts } from "./api/index.ts";
import { type Database, DatabaseFault, databaseFault } from "./database/index.ts";
import type { EngineClock } from "./engine/index.ts";
import type { JournalStore } from "./journal/index.ts";
import {
  type Projector,
  createProjector,
  createRefusalCounts,
  ledgerPage,
  projectedSeq,
  refusalsByReason,
  refusalsInSpan,
  usagePage,
  useReportsIn,
} from "./projections/index.ts";
import type { ReplaysOptions } from "./recommending/index.ts";

const projectionConnections = 2;

interface ProjectionParts {
  readonly database: Database;
  /** On which the API reads. */
  readonly pool: Pool;
  readonly store: JournalStore;
  readonly clock: EngineClock;
  /** By which waiting ends, also where the other one is moved by somebody. */
  readonly readingClock: EngineClock;
  readonly onFault: (cause: unknown) => void;
}

/** Starts the projections. */
export function openProjections({
  database,
  pool,
  store,
  clock,
  readingClock,
  onFault,
}: ProjectionParts) {
  const around = {
    pool: database.openPool({ purpose: "projections", connectionsMax: projectionConnections }),
    clock,
    onFault,
  };
  const projector = createProjector({ ...around, store });
  projector.start();
  const refusals = createRefusalCounts(around);
  const reading: Pick<ApiParts, "records" | "useReports" | "refusals"> = {
    records: {
      usage: (workspaceId, query) =>
        fromDatabase("Reading usage", usagePage(pool, workspaceId, query)),
      ledger: (workspaceId, query) =>
        fromDatabase("Reading the ledger", ledgerPage(pool, workspaceId, query)),
      lagSeconds: () => projector.lagSeconds(),
    },
    useReports: useReportsIn(pool, () => refusals.flush()),
    refusals: {
      byReason: async (asked) => {
        await refusals.flush();
        return await fromDatabase("Reading refusals", refusalsByReason(pool, asked));
      },
    },
  };
  const inSpan: ReplaysOptions["refusals"]["inSpan"] = async (asked) => {
    await refusals.flush();
    return await fromDatabase("Reading refusals", refusalsInSpan(pool, asked));
  };
  const projected = projectedTo({ pool, projector, clock: readingClock });
  return { projector, projected, refusals, reading, inSpan };
}

/** Reading waits for the tables at most so long, and looks again so often. */
const projectedMsMax = 5_000;
const lookAgainMs = 25;

/** Waits until the tables have a row of the journal: nobody shall miss in them what an answer told before. */
export function projectedTo({
  pool,
  projector,
  clock,
}: {
  readonly pool: Pool;
  readonly projector: Pick<Projector, "settled">;
  readonly clock: EngineClock;
}): ApiParts["projected"] {
  const resting = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });
  return async (workspaceId, seq) => {
    const givesUpAt = clock.now() + projectedMsMax;
    while ((await projectedSeq(pool, workspaceId)) < seq) {
      if (clock.now() > givesUpAt)
        throw new DatabaseFault("timeout", `The tables of ${workspaceId} are behind. Retry.`);
      // What this node wrote is there at once; what another one did is a moment away.
      await Promise.race([projector.settled(), resting(lookAgainMs)]);
      if ((await projectedSeq(pool, workspaceId)) < seq) await resting(lookAgainMs);
    }
  };
}

/** What a query met becomes a fault that says whether to try again; a request's own fault stays what it is. */
async function fromDatabase<T>(doing: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof FormatFault) throw error;
    throw databaseFault(error, doing);
  }
}
