import { randomBytes, randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { migrate, openDatabase } from "../../../packages/server/src/database/index.ts";
import {
  type Engine,
  type EngineLimits,
  createEngine,
} from "../../../packages/server/src/engine/index.ts";
import {
  type NewId,
  builtInRates,
  createCalendar,
  createIds,
  readRateCard,
} from "../../../packages/server/src/host/index.ts";
import {
  type JournalStore,
  journalMigrations,
  postgresStore,
} from "../../../packages/server/src/journal/index.ts";

/** Cistern without its HTTP: the engine on a journal in PostgreSQL, put together as the server does it. */
export interface Node {
  readonly engine: Engine;
  readonly store: JournalStore;
  readonly pool: Pool;
  readonly newId: NewId;
  /** Answers what is under way, then closes the connections. May be called twice. */
  close(): Promise<void>;
}

/** More than the statements that the engine has in flight: reads find a connection beside them. */
const connectionsMax = 6;

/** Starts a node on a database of the bench's PostgreSQL; brings the schema up first. */
export async function startNode(
  connectionString: string,
  options: { readonly writer?: string; readonly limits?: Partial<EngineLimits> } = {},
): Promise<Node> {
  const database = await openDatabase({
    url: connectionString,
    folder: "",
    host: process,
    randomUuid: randomUUID,
  });
  const pool = database.openPool({ purpose: "journal", connectionsMax });
  await migrate(pool, await journalMigrations());
  const store = postgresStore({ pool, isDistributed: database.isDistributed });
  const rates = readRateCard(builtInRates, "The built-in rates");
  const newId = createIds({ now: () => Date.now(), randomBytes });
  const engine = createEngine({
    store,
    clock: {
      now: () => Date.now(),
      after(ms, callBack) {
        const timer = setTimeout(callBack, ms);
        return () => clearTimeout(timer);
      },
      soon: (callBack) => void setImmediate(callBack),
    },
    newId: () => newId("bat"),
    writer: options.writer ?? "bench",
    calendar: createCalendar(),
    rateCard: () => rates,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  await engine.start();
  let closing: Promise<void> | undefined;
  const close = async () => {
    await engine.stop();
    await database.close();
  };
  return { engine, store, pool, newId, close: () => (closing ??= close()) };
}
