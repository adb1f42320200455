/**
 * The schema, in plain numbered steps. Each part keeps its own in files `NNNN-name.sql` that are never edited.
 *
 * M1 a migration is applied once, in a transaction of its own with the row that records it. M2 of nodes that start at once one
 * applies and the others wait and find it done: all lock the one row of `schema_guard`, which every engine has, unlike advisory
 * locks. M3 a recorded migration that differs from its file, or that this version does not know, stops the start.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Pool, PoolClient } from "pg";
import {
  DatabaseFault,
  databaseFault,
  databaseFaultCode,
  errorCode,
  errorText,
} from "./database-fault.ts";

const attemptsMax = 10;

const createTablesSql = `
CREATE TABLE IF NOT EXISTS schema_guard (id integer PRIMARY KEY);
CREATE TABLE IF NOT EXISTS schema_migrations (
  part text NOT NULL,
  number integer NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (part, number)
)`;
const createGuardSql = "INSERT INTO schema_guard (id) VALUES (1) ON CONFLICT (id) DO NOTHING";
const lockGuardSql = "SELECT id FROM schema_guard WHERE id = 1 FOR UPDATE";
const readAppliedSql =
  "SELECT part, number, name, sha256 FROM schema_migrations ORDER BY part, number";
const recordSql =
  "INSERT INTO schema_migrations (part, number, name, sha256) VALUES ($1, $2, $3, $4)";
/** Building an index takes as long as it takes, and other nodes wait for it: no limit for the server, a day for the driver. */
const patienceSql = "SET LOCAL statement_timeout = 0";
const patienceMs = 86_400_000;

/** One step of one part's schema. Numbers of a part run from 1 without a gap. */
export interface Migration {
  /** The part that owns the tables. */
  readonly part: string;
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** Reads a part's migrations from its folder: files `0001-name.sql`, and no others. */
export async function readMigrations(part: string, folder: URL): Promise<readonly Migration[]> {
  const base = folder.href.endsWith("/") ? folder : new URL(`${folder.href}/`);
  const files = (await readdir(base)).filter((file) => file.endsWith(".sql")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const [, number, name] = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file) ?? [];
      if (number === undefined || name === undefined)
        throw new DatabaseFault(
          "migration_misnumbered",
          `${file} in ${base.href} is not named like 0001-name.sql. Rename it.`,
        );
      return {
        part,
        number: Number(number),
        name,
        sql: await readFile(new URL(file, base), "utf8"),
      };
    }),
  );
}

/**
 * Brings the schema up to these migrations, in the order given, and returns those that this call applied.
 *
 * @throws DatabaseFault `migration_misnumbered`, `migration_edited`, `migration_unknown`, `migration_failed`, or no connection.
 */
export async function migrate(
  pool: Pool,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  assertNumbered(migrations);
  await repeating(pool, "Preparing the schema", prepare);
  const done = await repeating(pool, "Reading the schema's version", readApplied);
  assertKnown(migrations, done);
  const applied: Migration[] = [];
  for (const migration of migrations.filter((wanted) => !isDone(wanted, done)))
    if (
      await repeating(pool, `Migration ${nameOf(migration)}`, (client) => apply(client, migration))
    )
      applied.push(migration);
  return applied;
}

async function prepare(client: PoolClient): Promise<void> {
  try {
    await client.query(createTablesSql);
    await client.query(createGuardSql);
  } catch (error) {
    if (!lostRaces.has(errorCode(error))) throw error;
    throw new DatabaseFault("conflict", "Another node is preparing the schema. Retry.", {
      cause: error,
    });
  }
}

/** M1, M2. Answers whether it was us who applied it. */
async function apply(client: PoolClient, migration: Migration): Promise<boolean> {
  await client.query("BEGIN");
  try {
    await client.query(patienceSql);
    await client.query(patiently(lockGuardSql));
    // Another node may have been first: look again under the lock.
    const done = await readApplied(client);
    assertKnown(
      [migration],
      done.filter((row) => isSame(row, migration)),
    );
    const isOurs = !isDone(migration, done);
    if (isOurs) await applyUnderLock(client, migration);
    await client.query("COMMIT");
    return isOurs;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

async function applyUnderLock(client: PoolClient, migration: Migration): Promise<void> {
  const { part, number, name } = migration;
  try {
    await client.query(patiently(migration.sql));
  } catch (error) {
    if (isPassing(error)) throw error;
    throw new DatabaseFault(
      "migration_failed",
      `Migration ${nameOf(migration)} failed and left nothing behind: ${errorText(error)}. Mend the database, then start again.`,
      { cause: error },
    );
  }
  await client.query(recordSql, [part, number, name, hashOf(migration)]);
}

interface Applied {
  readonly part: string;
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

async function readApplied(client: PoolClient): Promise<readonly Applied[]> {
  // CockroachDB's integer has eight bytes, which the driver gives as text.
  const { rows } = await client.query<Omit<Applied, "number"> & { number: number | string }>(
    readAppliedSql,
  );
  return rows.map((row) => ({ ...row, number: Number(row.number) }));
}

/** The driver knows a limit per statement; its types do not. */
function patiently(text: string) {
  return { text, query_timeout: patienceMs };
}

/** Runs `work` on a connection, and again after a lost race or a lost connection: all that is done here may be repeated. */
async function repeating<T>(
  pool: Pool,
  doing: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1)
    try {
      const client = await pool.connect();
      try {
        return await work(client);
      } finally {
        client.release();
      }
    } catch (error) {
      if (attempt === attemptsMax || !isPassing(error)) throw databaseFault(error, doing);
    }
}

/** Two nodes that create the same table at once: the loser gets one of these, `IF NOT EXISTS` or not. */
const lostRaces: ReadonlySet<string | undefined> = new Set(["23505", "42P07", "42710"]);

function isPassing(error: unknown): boolean {
  const code = databaseFaultCode(error);
  return code === "conflict" || code === "unavailable";
}

function assertNumbered(migrations: readonly Migration[]): void {
  const last = new Map<string, number>();
  for (const migration of migrations) {
    const expected = (last.get(migration.part) ?? 0) + 1;
    if (migration.number !== expected)
      throw new DatabaseFault(
        "migration_misnumbered",
        `Migration ${nameOf(migration)} stands where number ${expected} of ${migration.part} is expected. Number them from 1 without gaps.`,
      );
    last.set(migration.part, expected);
  }
}

/** M3. Parts that are not asked for are not looked at. */
function assertKnown(migrations: readonly Migration[], done: readonly Applied[]): void {
  const parts = new Set(migrations.map((migration) => migration.part));
  for (const row of done.filter((found) => parts.has(found.part))) {
    const file = migrations.find((migration) => isSame(row, migration));
    if (file === undefined)
      throw new DatabaseFault(
        "migration_unknown",
        `The database has migration ${nameOf(row)}, which this version does not know. Run the version that wrote it, or a newer one.`,
      );
    if (file.name !== row.name || hashOf(file) !== row.sha256)
      throw new DatabaseFault(
        "migration_edited",
        `Migration ${nameOf(file)} was edited after it was applied (as ${row.name}, SHA-256 ${row.sha256.slice(0, 12)}…; the file has ${hashOf(file).slice(0, 12)}…). Restore it and write a new one.`,
      );
  }
}

function isSame(row: Applied, migration: Migration): boolean {
  return row.part === migration.part && row.number === migration.number;
}

function isDone(migration: Migration, done: readonly Applied[]): boolean {
  return done.some((row) => isSame(row, migration));
}

function nameOf(migration: {
  readonly part: string;
  readonly number: number;
  readonly name: string;
}): string {
  return `${migration.part}/${String(migration.number).padStart(4, "0")}-${migration.name}`;
}

function hashOf(migration: Migration): string {
  return createHash("sha256").update(migration.sql).digest("hex");
}
