import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Pool } from "pg";
import { DatabaseFault, migrate, openDatabase, readMigrations } from "../../src/database/index.ts";
import type { Database, Migration } from "../../src/database/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { emptyFolder, eventually } from "./folders.ts";

let database: Database;
let pool: Pool;

beforeEach(async () => {
  const { url } = await freshDatabase();
  database = await openDatabase({ url, folder: "", host: process, randomUuid: () => "" });
  pool = database.openPool({ purpose: "tests", connectionsMax: 10 });
});

afterEach(() => database.close());

const first: Migration = {
  part: "journal",
  number: 1,
  name: "heads",
  sql: "CREATE TABLE heads (id text PRIMARY KEY); CREATE TABLE rows (id text PRIMARY KEY);",
};
const second: Migration = {
  part: "journal",
  number: 2,
  name: "columns",
  sql: "ALTER TABLE heads ADD COLUMN seq bigint NOT NULL DEFAULT 0",
};
const other: Migration = {
  part: "identity",
  number: 1,
  name: "keys",
  sql: "CREATE TABLE keys (id text PRIMARY KEY)",
};

function refuses(migrations: readonly Migration[], code: string, words: RegExp): Promise<void> {
  return assert.rejects(migrate(pool, migrations), (error) => {
    assert.ok(error instanceof DatabaseFault);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
}

test("migrations are applied once each, in order, and recorded by part", async () => {
  assert.deepEqual(await migrate(pool, [first, other]), [first, other]);
  assert.deepEqual(await migrate(pool, [first, second, other]), [second]);
  assert.deepEqual(await migrate(pool, [first, second, other]), []);
  await pool.query("INSERT INTO heads (id, seq) VALUES ('a', 1)");
  const { rows } = await pool.query(
    "SELECT part, number, name FROM schema_migrations ORDER BY part, number",
  );
  assert.deepEqual(rows, [
    { part: "identity", number: 1, name: "keys" },
    { part: "journal", number: 1, name: "heads" },
    { part: "journal", number: 2, name: "columns" },
  ]);
});

test("of nodes that start at once each migration is applied by exactly one", async () => {
  // Without IF NOT EXISTS: a second run of either would fail.
  const runs = await Promise.all(Array.from({ length: 8 }, () => migrate(pool, [first, second])));
  assert.deepEqual(
    runs.flat().toSorted((a, b) => a.number - b.number),
    [first, second],
  );
});

test("an edited or renamed migration is refused", async () => {
  await migrate(pool, [first]);
  await refuses(
    [{ ...first, sql: `${first.sql} -- tidied` }],
    "migration_edited",
    /journal\/0001-heads was edited/,
  );
  await refuses([{ ...first, name: "tops" }, second], "migration_edited", /applied \(as heads/);
  await assert.rejects(pool.query("SELECT seq FROM heads"), /seq/);
});

test("a database that is ahead of this version is refused, other parts' migrations are not looked at", async () => {
  await migrate(pool, [first, second, other]);
  await refuses([first], "migration_unknown", /journal\/0002-columns.*newer/);
  assert.deepEqual(await migrate(pool, [other]), []);
});

test("a migration that fails leaves nothing behind, and what came before it stays", async () => {
  const broken = { ...second, sql: "CREATE TABLE half (id text); SELECT nonsense" };
  await refuses(
    [first, broken],
    "migration_failed",
    /journal\/0002-columns failed and left nothing/,
  );
  await assert.rejects(pool.query("SELECT * FROM half"), /half/);
  assert.deepEqual(await migrate(pool, [first, second]), [second]);
});

test("a migration may take longer than other statements, and other nodes wait for it", async () => {
  const impatient = database.openPool({ purpose: "tests", connectionsMax: 2, statementMs: 50 });
  const slow = { ...second, sql: `SELECT pg_sleep(0.3); ${second.sql}` };
  const runs = await Promise.all([
    migrate(impatient, [first, slow]),
    migrate(impatient, [first, slow]),
  ]);
  assert.equal(runs.flat().length, 2);
});

test("a migration whose connection is lost is applied on another one", async () => {
  await migrate(pool, [first]);
  const slow = { ...second, sql: `SELECT pg_sleep(0.5) AS slow_migration; ${second.sql}` };
  const run = migrate(pool, [first, slow]);
  await eventually("the migration's connection is ended", async () => {
    const { rowCount } = await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query LIKE '%slow_migration;%' AND state = 'active' AND pid <> pg_backend_pid()`,
    );
    return rowCount === 1;
  });
  assert.deepEqual(await run, [slow]);
});

test("a migration that breaks a unique key fails at once instead of being tried again", async () => {
  const doubled = { ...second, sql: "INSERT INTO heads VALUES ('a'), ('a')" };
  await refuses([first, doubled], "migration_failed", /duplicate key/);
});

test("numbers run from 1 without gaps", async () => {
  await refuses([second], "migration_misnumbered", /0002-columns stands where number 1/);
  await refuses([first, { ...second, number: 3 }], "migration_misnumbered", /0003-columns/);
  await refuses([first, { ...second, number: 1 }], "migration_misnumbered", /expected/);
});

test("a part's migrations are read from its folder in order of number", async () => {
  const folder = join(await emptyFolder(), "migrations");
  await mkdir(folder);
  await writeFile(join(folder, "0002-columns.sql"), second.sql);
  await writeFile(join(folder, "0001-heads.sql"), first.sql);
  await writeFile(join(folder, "README.md"), "Never edited.");
  assert.deepEqual(await readMigrations("journal", pathToFileURL(folder)), [first, second]);
  assert.deepEqual(await readMigrations("journal", pathToFileURL(`${folder}/`)), [first, second]);
  await writeFile(join(folder, "3-late.sql"), "SELECT 1");
  await assert.rejects(
    readMigrations("journal", pathToFileURL(folder)),
    /3-late\.sql .* not named like/,
  );
});
