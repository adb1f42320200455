/**
 * The one place that makes connections. D1 every pool speaks to the same database, names itself, and gives up in time.
 * D2 a commit that was answered is on the disk: a server whose default says otherwise is told so per connection.
 * D3 nobody starts on a database that cannot be reached: `openDatabase` has asked it once.
 */
import { Pool } from "pg";
import type { PoolConfig } from "pg";
import { DatabaseFault, databaseFault } from "./database-fault.ts";
import { startEmbeddedPostgres } from "./embedded/embedded-postgres.ts";
import type { EmbeddedPostgresOptions } from "./embedded/embedded-postgres.ts";
import { ReadyPool } from "./ready-pool.ts";

const connectMs = 5_000;
const statementMsDefault = 15_000;
const idleMs = 60_000;

/** One round trip that tells whom we speak to. Engines that do not know a setting answer null. */
const greetingSql = `SELECT version() AS version,
  current_setting('synchronous_commit', true) AS synchronous_commit,
  current_setting('fsync', true) AS fsync,
  current_setting('full_page_writes', true) AS full_page_writes,
  EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') AS has_citus`;

/** Which database to open. */
export interface DatabaseOptions extends EmbeddedPostgresOptions {
  /** `DATABASE_URL`; left out or empty, the embedded PostgreSQL of `folder` is started or adopted. */
  readonly url?: string | undefined;
  /** Told when an idle connection breaks. The pool replaces it by itself. */
  readonly onConnectionLost?: (fault: DatabaseFault) => void;
}

/** One pool's share of the database. */
export interface PoolOptions {
  /** What it is for; shown by `pg_stat_activity`. */
  readonly purpose: string;
  readonly connectionsMax: number;
  /** Kept open, and so ready, also when nothing happens. Default 0. */
  readonly connectionsMin?: number;
  /** Whether statements may be sent on one connection before those ahead of them are answered. Default false. */
  readonly pipelines?: boolean;
  /** After this the server gives a statement up, and a little later the client. Default 15 s. */
  readonly statementMs?: number;
}

/** An open database. */
export interface Database {
  readonly connectionString: string;
  /** Whether Cistern runs the server itself, or found it running (`adopted`), or was given a URL. */
  readonly origin: "started" | "adopted" | "url";
  /** Several machines that commit together (Citus, CockroachDB, YugabyteDB): one workspace a statement. */
  readonly isDistributed: boolean;
  /** What the operator should know: settings under which a power cut may lose what was acknowledged. */
  readonly warnings: readonly string[];
  /** A pool of its own for one purpose; `close` ends it. Errors of its queries go through `databaseFault`. */
  openPool(options: PoolOptions): ReadyPool;
  /** Ends every pool, then stops the server if Cistern runs it. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens the database at `url`, else the embedded one.
 *
 * @throws DatabaseFault `bad_url`, `unreachable`, `access_denied`, `unknown_database`, and those of `startEmbeddedPostgres`.
 * @example const database = await openDatabase({ url: process.env.DATABASE_URL, folder: "./.cistern", host: process, randomUuid });
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url } = options;
  if (url !== undefined && url !== "") return open(options, parseUrl(url), "url", async () => {});
  const server = await startEmbeddedPostgres(options);
  try {
    return await open(
      options,
      server.connectionString,
      server.isAdopted ? "adopted" : "started",
      () => server.stop(),
    );
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function open(
  options: DatabaseOptions,
  connectionString: string,
  origin: Database["origin"],
  stop: () => Promise<void>,
): Promise<Database> {
  const greeting = await greet(connectionString);
  const pools: ReadyPool[] = [];
  let closing: Promise<void> | undefined;
  const close = async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await stop();
  };
  return {
    connectionString,
    origin,
    isDistributed: greeting.isDistributed,
    warnings: greeting.warnings,
    openPool: (wanted) => {
      const pool = new ReadyPool(poolConfig(connectionString, wanted, greeting.startOptions));
      // A connection that breaks while somebody has it: the statement under way reports it; unheard, it would end the process.
      pool.on("connect", (client) => client.on("error", () => {}));
      pool.on("error", (error) =>
        options.onConnectionLost?.(databaseFault(error, `Idle connection of ${wanted.purpose}`)),
      );
      pools.push(pool);
      return pool;
    },
    close: () => (closing ??= close()),
  };
}

function poolConfig(
  connectionString: string,
  {
    purpose,
    connectionsMax,
    connectionsMin = 0,
    statementMs = statementMsDefault,
    pipelines = false,
  }: PoolOptions,
  startOptions?: string,
): PoolConfig {
  return {
    connectionString,
    application_name: `cistern ${purpose}`,
    max: connectionsMax,
    min: connectionsMin,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    statement_timeout: statementMs,
    // The server speaks first, so that the client knows what became of the statement; this is for a server that is silent.
    query_timeout: statementMs + connectMs,
    idle_in_transaction_session_timeout: statementMs,
    keepAlive: true,
    pipeline: pipelines,
    keepAliveInitialDelayMillis: 10_000,
    ...(startOptions === undefined ? {} : { options: startOptions }),
  };
}

interface Greeting {
  readonly isDistributed: boolean;
  readonly warnings: readonly string[];
  /** D2: what each connection asks for when it opens. */
  readonly startOptions: string | undefined;
}

interface GreetingRow {
  readonly version: string;
  readonly synchronous_commit: string | null;
  readonly fsync: string | null;
  readonly full_page_writes: string | null;
  readonly has_citus: boolean;
}

async function greet(connectionString: string): Promise<Greeting> {
  const pool = new Pool(poolConfig(connectionString, { purpose: "start", connectionsMax: 1 }));
  pool.on("error", () => {});
  try {
    const { rows } = await pool.query<GreetingRow>(greetingSql);
    const row = rows[0];
    if (row === undefined) throw new Error("The database answered with no row");
    const warnings = (["fsync", "full_page_writes"] as const)
      .filter((name) => row[name] === "off")
      .map(
        (name) =>
          `${name} is off in this database: a power cut may lose acknowledged credits. Turn it on.`,
      );
    return {
      isDistributed: row.has_citus || /CockroachDB|-YB-/.test(row.version),
      warnings,
      startOptions: row.synchronous_commit === "off" ? "-c synchronous_commit=on" : undefined,
    };
  } catch (error) {
    throw databaseFault(error, `Opening the database at ${withoutPassword(connectionString)}`);
  } finally {
    await pool.end();
  }
}

/** Not parsed any further: libpq's URLs may leave out the host, which WHATWG's may not. */
function parseUrl(url: string): string {
  if (!/^postgres(ql)?:\/\/./.test(url))
    throw new DatabaseFault(
      "bad_url",
      "DATABASE_URL is not a PostgreSQL URL. Write postgresql://user:password@host:5432/database.",
    );
  return url;
}

/** A message may end in a log; a password must not. */
function withoutPassword(connectionString: string): string {
  return connectionString
    .replace(/^(\w+:\/\/[^:@/?]*):[^@]*@/, "$1:***@")
    .replace(/([?&]password=)[^&]*/, "$1***");
}
