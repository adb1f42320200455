import { randomBytes, randomUUID } from "node:crypto";
import type { RateCard } from "@cistern/kernel";
import type { Pool } from "pg";
import { billingMigrations } from "../../../packages/server/src/billing/index.ts";
import {
  builtInCatalog,
  catalogMigrations,
  rateCardIn,
  readCatalog,
} from "../../../packages/server/src/catalog/index.ts";
import { migrate, openDatabase } from "../../../packages/server/src/database/index.ts";
import {
  type Engine,
  type EngineLimits,
  createEngine,
} from "../../../packages/server/src/engine/index.ts";
import { type NewId, createCalendar, createIds } from "../../../packages/server/src/host/index.ts";
import {
  type JournalStore,
  journalMigrations,
  postgresStore,
} from "../../../packages/server/src/journal/index.ts";
import {
  type Projector,
  createProjector,
  projectionMigrations,
} from "../../../packages/server/src/projections/index.ts";

/** Cistern without its HTTP: the engine on a journal in PostgreSQL, put together as the server does it. */
export interface Node {
  readonly engine: Engine;
  readonly store: JournalStore;
  readonly pool: Pool;
  /** For all that is not the journal. */
  readonly control: Pool;
  readonly projector: Projector;
  readonly newId: NewId;
  /** Answers what is under way, then closes the connections. May be called twice. */
  close(): Promise<void>;
}

/** How a node is started. */
export interface NodeOptions {
  /** Whether it projects what it appends; left out: no, since that is on no answer's way and has a measurement of its own. */
  readonly projects?: boolean;
  readonly limits?: Partial<EngineLimits>;
  /** By which usage is rated; the built-in catalog's when left out. */
  readonly rateCard?: RateCard;
}

/** As the server has them. */
const journalConnections = 4;
const projectionConnections = 2;
const controlConnections = 3;

export const clock = {
  now: () => Date.now(),
  after(ms: number, callBack: () => void) {
    const timer = setTimeout(callBack, ms);
    return () => clearTimeout(timer);
  },
  soon: (callBack: () => void) => void setImmediate(callBack),
};

export const newId: NewId = createIds({ now: clock.now, randomBytes });
export const calendar = createCalendar();
export const builtInCard = rateCardIn(readCatalog(builtInCatalog, "The built-in catalog"));

/** Starts a node on a database of the bench's PostgreSQL; brings the schema up first. */
export async function startNode(
  connectionString: string,
  { projects = false, limits = {}, rateCard = builtInCard }: NodeOptions = {},
): Promise<Node> {
  const database = await openDatabase({
    url: connectionString,
    folder: "",
    host: process,
    randomUuid: randomUUID,
  });
  const pool = database.openPool({
    purpose: "journal",
    connectionsMax: journalConnections,
    pipelines: true,
  });
  const control = database.openPool({ purpose: "control", connectionsMax: controlConnections });
  await migrate(control, [
    ...(await journalMigrations()),
    ...(await projectionMigrations()),
    ...(await catalogMigrations()),
    ...(await billingMigrations()),
  ]);
  const store = postgresStore({ pool, isDistributed: database.isDistributed });
  const projector = createProjector({
    store,
    clock,
    pool: database.openPool({ purpose: "projections", connectionsMax: projectionConnections }),
    onFault: (fault) => {
      throw fault;
    },
  });
  if (projects) projector.start();
  const engine = createEngine({
    store,
    clock,
    newId: randomUUID,
    writer: newId("nod"),
    calendar,
    rateCard: () => rateCard,
    limits,
    ...(projects ? { observer: { appended: (row) => projector.appended(row) } } : {}),
  });
  await engine.start();
  let closing: Promise<void> | undefined;
  const close = async () => {
    await engine.stop();
    if (projects) await projector.stop();
    await database.close();
  };
  return { engine, store, pool, control, projector, newId, close: () => (closing ??= close()) };
}
