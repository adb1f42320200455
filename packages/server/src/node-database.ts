/** Owns what a node makes of its database: connections by purpose, its schema, and what an operator is told of it. */
import type { Pool } from "pg";
import {
  type Database,
  type DatabaseFault,
  type DatabaseOptions,
  compareClocks,
  migrate,
} from "./database/index.ts";
import { type JournalStore, postgresStore } from "./journal/index.ts";
import { nodeMigrations } from "./node-migrations.ts";
import type { Platform } from "./platform.ts";

/** Tells an operator of the database. */
export type TellOfDatabase = (entry: {
  readonly level: "info" | "warn";
  readonly code: "database_setting" | "connection_lost" | "database_lost" | "schema_changed";
  readonly message: string;
  readonly cause?: unknown;
}) => void;

/** Which database a node stands on. */
export interface WantedDatabase {
  /** Left out: the embedded PostgreSQL of `folder`. */
  readonly databaseUrl?: string | undefined;
  readonly folder: string;
  readonly log: TellOfDatabase;
  /** Gives the start up. */
  readonly signal?: AbortSignal;
}

/** Connections by purpose: the journal's are as many as statements in flight; all others wait for people. */
const journalConnections = 4;
export const otherConnections = 3;
const feedConnections = 2;

/** How the database of a node is opened. */
export function databaseOptions(options: WantedDatabase, platform: Platform): DatabaseOptions {
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

/** The journal on connections of its own. */
export const journalOf = (database: Database): JournalStore =>
  postgresStore({
    pool: database.openPool({
      purpose: "journal",
      connectionsMax: journalConnections,
      pipelines: true,
    }),
    isDistributed: database.isDistributed,
  });

/** The feed is read beside the journal's own connections: whoever reads it holds up nobody who waits for an answer. */
export const feedOf = (database: Database): Pick<JournalStore, "readRows"> =>
  postgresStore({
    pool: database.openPool({ purpose: "feed", connectionsMax: feedConnections }),
  });

/** How far this node's clock is from the database's for certain (RULES 21). */
export async function distanceMs(pool: Pool, platform: Pick<Platform, "now">): Promise<number> {
  return (await compareClocks(pool, () => platform.now())).certainDistanceMs;
}

/** Brings the schema up to this version, and tells what an operator should know of this database. */
export async function prepare(database: Database, pool: Pool, log: TellOfDatabase): Promise<void> {
  for (const message of database.warnings)
    log({ level: "warn", code: "database_setting", message });
  const applied = await migrate(pool, await nodeMigrations());
  if (applied.length === 0) return;
  const names = applied.map(({ part, name }) => `${part}/${name}`).join(", ");
  log({ level: "info", code: "schema_changed", message: `Applied migrations: ${names}.` });
}
