/**
 * Owns how the parts of one node stand on each other: database, journal, engine, keys, names. `serve` puts HTTP on it,
 * `embedded` a client in process.
 *
 * N1 what was opened is closed, in the opposite order, also when a later step fails.
 */
import { FormatFault } from "@cistern/contract";
import type { RateCard } from "@cistern/kernel";
import type { ApiParts } from "./api/index.ts";
import {
  type Database,
  type DatabaseFault,
  type DatabaseOptions,
  type Migration,
  compareClocks,
  databaseFault,
  migrate,
  openDatabase,
} from "./database/index.ts";
import { type Engine, type EngineLogEntry, createEngine } from "./engine/index.ts";
import { createCalendar, createIds, isTimeZone } from "./host/index.ts";
import { createApiKeys, createNames, identityMigrations } from "./identity/index.ts";
import { journalMigrations, postgresStore } from "./journal/index.ts";
import type { Platform } from "./platform.ts";
import {
  createProjector,
  createRefusalCounts,
  ledgerPage,
  mentionsIn,
  projectionMigrations,
  usagePage,
} from "./projections/index.ts";

/** What a node stands on. */
export interface NodeOptions {
  /** `DATABASE_URL`; without it the embedded PostgreSQL of `folder`. */
  readonly databaseUrl?: string | undefined;
  readonly folder: string;
  readonly rateCard: RateCard;
  readonly log: (entry: NodeLogEntry) => void;
  /** Gives the start up. */
  readonly signal?: AbortSignal;
}

/** A line for the operator. */
export type NodeLogEntry =
  | EngineLogEntry
  | {
      readonly level: "info" | "warn" | "error";
      readonly code:
        | "database_setting"
        | "connection_lost"
        | "database_lost"
        | "schema_changed"
        | "call_failed";
      readonly message: string;
      readonly cause?: unknown;
    };

/** A node that runs until it is closed. */
export interface Node {
  readonly database: Database;
  readonly engine: Engine;
  readonly parts: ApiParts;
  /** From now on `/readyz` says that this node is going. */
  drain(): void;
  /** Answers what it has taken, writes snapshots, ends every connection and the embedded server. May be called twice. */
  close(): Promise<void>;
}

/** Connections by purpose: the journal's are as many as statements in flight; all others wait for people. */
const journalConnections = 4;
const otherConnections = 3;
const projectionConnections = 2;
const readyStatementMs = 2_000;
const readySql = "SELECT 1";

/** Every table of a node, in the order in which they are made. */
export async function nodeMigrations(): Promise<readonly Migration[]> {
  return [
    ...(await journalMigrations()),
    ...(await projectionMigrations()),
    ...(await identityMigrations()),
  ];
}

/** Opens a node. Rejects with `DatabaseFault`. */
export async function openNode(options: NodeOptions, platform: Platform): Promise<Node> {
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    for (const close of closers.toReversed()) await close();
  };
  const close = (): Promise<void> => (closing ??= closeAll());
  try {
    const database = await openDatabase(databaseOptions(options, platform));
    closers.push(() => database.close());
    return await startOn(database, options, platform, { closers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOn(
  database: Database,
  { rateCard, log }: NodeOptions,
  platform: Platform,
  { closers, close }: { closers: (() => Promise<void>)[]; close: () => Promise<void> },
): Promise<Node> {
  for (const message of database.warnings)
    log({ level: "warn", code: "database_setting", message });
  const others = database.openPool({ purpose: "control", connectionsMax: otherConnections });
  const applied = await migrate(others, await nodeMigrations());
  if (applied.length > 0)
    log({
      level: "info",
      code: "schema_changed",
      message: `Applied ${applied.length} migrations: ${applied.map(({ part, name }) => `${part}/${name}`).join(", ")}.`,
    });
  const readyPool = database.openPool({
    purpose: "readiness",
    connectionsMax: 1,
    statementMs: readyStatementMs,
  });
  const newId = createIds({ now: () => platform.now(), randomBytes: platform.randomBytes });
  const calendar = createCalendar();
  const store = postgresStore({
    pool: database.openPool({ purpose: "journal", connectionsMax: journalConnections }),
    isDistributed: database.isDistributed,
  });
  const projecting = {
    pool: database.openPool({ purpose: "projections", connectionsMax: projectionConnections }),
    clock: platform,
    onFault: (cause: unknown) =>
      log({
        level: "warn",
        code: "projection_failed",
        message: "A projection failed; it is tried again.",
        cause,
      }),
  };
  const projector = createProjector({ ...projecting, store });
  const refusals = createRefusalCounts(projecting);
  projector.start();
  closers.push(
    () => projector.stop(),
    () => refusals.flush(),
  );
  const engine = createEngine({
    store,
    mentions: mentionsIn(others),
    observer: {
      appended: (row) => projector.appended(row),
      refused: (refusal) => refusals.refused(refusal),
    },
    clock: platform,
    newId: platform.randomUuid,
    writer: newId("nod"),
    calendar,
    rateCard: () => rateCard,
    clockDistanceMs: async () =>
      (await compareClocks(others, () => platform.now())).certainDistanceMs,
    log,
  });
  await engine.start();
  closers.push(() => engine.stop());
  let isDraining = false;
  const parts: ApiParts = {
    engine,
    records: {
      usage: (workspaceId, query) =>
        fromDatabase("Reading usage", usagePage(others, workspaceId, query)),
      ledger: (workspaceId, query) =>
        fromDatabase("Reading the ledger", ledgerPage(others, workspaceId, query)),
      lagSeconds: () => projector.lagSeconds(),
    },
    keys: createApiKeys({
      pool: others,
      now: () => platform.now(),
      randomBytes: platform.randomBytes,
      newId,
    }),
    names: createNames(others),
    calendar,
    isTimeZone,
    rateCard: () => rateCard,
    readiness: async () => {
      const reasons = isDraining ? ["This node is stopping."] : [];
      if (!engine.stats().isClockRight)
        reasons.push("This node's clock is too far from the database's.");
      try {
        await readyPool.query(readySql);
      } catch {
        reasons.push("The database does not answer.");
      }
      return reasons;
    },
    newId,
  };
  return {
    database,
    engine,
    parts,
    drain: () => {
      isDraining = true;
    },
    close,
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

function databaseOptions(options: NodeOptions, platform: Platform): DatabaseOptions {
  const { databaseUrl, folder, log, signal } = options;
  const lost = (code: "connection_lost" | "database_lost") => (fault: DatabaseFault) =>
    log({ level: "warn", code, message: fault.message, cause: fault });
  return {
    ...(databaseUrl === undefined ? {} : { url: databaseUrl }),
    folder,
    host: platform.host,
    randomUuid: platform.randomUuid,
    ...(signal === undefined ? {} : { signal }),
    onConnectionLost: lost("connection_lost"),
    onServerLost: lost("database_lost"),
  };
}
