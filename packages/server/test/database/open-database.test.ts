import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Pool } from "pg";
import { DatabaseFault, databaseFault, openDatabase } from "../../src/database/index.ts";
import type { Database, DatabaseOptions, PoolOptions } from "../../src/database/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { emptyFolder, eventually, isRunning, query, usedFolder } from "./folders.ts";

function open(options: Partial<DatabaseOptions>): Promise<Database> {
  return openDatabase({
    folder: "/nonexistent",
    host: process,
    randomUuid: () => crypto.randomUUID(),
    ...options,
  });
}

async function withPool(
  options: Partial<DatabaseOptions>,
  pool: Partial<PoolOptions>,
  work: (pool: Pool, database: Database) => Promise<void>,
): Promise<void> {
  const database = await open(options);
  try {
    await work(database.openPool({ purpose: "tests", connectionsMax: 2, ...pool }), database);
  } finally {
    await database.close();
  }
}

async function faultOf(work: Promise<unknown>): Promise<DatabaseFault> {
  const error = await work.then(
    () => assert.fail("it should have failed"),
    (reason: unknown) => databaseFault(reason, "Testing"),
  );
  return error;
}

async function pidOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

test("without a URL the embedded database of the folder is opened, and closing it leaves no process", async () => {
  const database = await open({ url: "", folder: await usedFolder() });
  assert.equal(database.origin, "started");
  assert.equal(database.isDistributed, false);
  assert.deepEqual(database.warnings, []);
  const pool = database.openPool({ purpose: "tests", connectionsMax: 1 });
  const { rows } = await pool.query<{ pid: number }>(
    "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid",
  );
  const pid = rows[0]?.pid ?? 0;
  assert.ok(isRunning(pid));
  await Promise.all([database.close(), database.close()]);
  assert.equal(isRunning(pid), false);
});

test("a pool says what it is for, and holds no more connections than it may", async () => {
  const { url } = await freshDatabase();
  await withPool({ url }, { purpose: "journal", connectionsMax: 2 }, async (pool, database) => {
    assert.equal(database.origin, "url");
    await Promise.all(Array.from({ length: 8 }, () => pool.query("SELECT pg_sleep(0.01)")));
    const { rows } = await pool.query(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'cistern journal'",
    );
    assert.equal(rows.length, 2);
  });
});

test("a statement that takes too long is given up by the server, and the connection stays good", async () => {
  const { url } = await freshDatabase();
  await withPool({ url }, { statementMs: 50, connectionsMax: 1 }, async (pool) => {
    const client = await pool.connect();
    const fault = await faultOf(client.query("SELECT pg_sleep(5)"));
    assert.deepEqual([fault.code, fault.isRetryable, fault.sqlState], ["timeout", true, "57014"]);
    await client.query("SELECT 1");
    client.release();
  });
});

test("an idle connection that breaks is told of and replaced", async () => {
  const { url } = await freshDatabase();
  const told: DatabaseFault[] = [];
  await withPool(
    { url, onConnectionLost: (fault) => told.push(fault) },
    { connectionsMax: 1 },
    async (pool) => {
      const pid = await pidOf(pool);
      await query(url, `SELECT pg_terminate_backend(${pid})`);
      await eventually("the loss is told", () => told.length > 0);
      assert.equal(told[0]?.code, "unavailable");
      assert.notEqual(await pidOf(pool), pid);
    },
  );
});

test("a connection that breaks under a statement is a fault whose outcome is open", async () => {
  const { url } = await freshDatabase();
  await withPool({ url }, { connectionsMax: 1 }, async (pool) => {
    const pid = await pidOf(pool);
    const fault = faultOf(pool.query("SELECT pg_sleep(20)"));
    await query(url, `SELECT pg_terminate_backend(${pid})`);
    const { code, isRetryable } = await fault;
    assert.deepEqual([code, isRetryable], ["unavailable", true]);
  });
});

test("a lost race of transactions is a conflict that may be tried again", async () => {
  const { url } = await freshDatabase();
  await withPool({ url }, {}, async (pool) => {
    await pool.query("CREATE TABLE counter AS SELECT 1 AS n");
    const [first, second] = [await pool.connect(), await pool.connect()];
    for (const client of [first, second]) {
      await client.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
      await client.query("SELECT n FROM counter");
    }
    await first.query("UPDATE counter SET n = 2");
    await first.query("COMMIT");
    const fault = await faultOf(second.query("UPDATE counter SET n = 3"));
    assert.deepEqual([fault.code, fault.isRetryable, fault.sqlState], ["conflict", true, "40001"]);
    first.release();
    second.release();
  });
});

test("a pool without a free connection says so in time", async () => {
  const { url } = await freshDatabase();
  const admin = await open({ url });
  const pools = Array.from({ length: 6 }, () =>
    admin.openPool({ purpose: "tests", connectionsMax: 30 }),
  );
  // The server has a hundred connections: one of these finds none left.
  const taken = await Promise.allSettled(
    pools.flatMap((pool) => Array.from({ length: 20 }, () => pool.connect())),
  );
  const refusal = taken.find((outcome) => outcome.status === "rejected");
  for (const outcome of taken) if (outcome.status === "fulfilled") outcome.value.release();
  await admin.close();
  assert.equal(databaseFault(refusal?.reason, "Testing").code, "overloaded");
});

test("a database whose commits do not wait for the disk is told to wait on every connection", async () => {
  const { url } = await freshDatabase();
  const name = new URL(url).pathname.slice(1);
  await query(url, `ALTER DATABASE ${name} SET synchronous_commit = off`);
  await withPool({ url }, {}, async (pool) => {
    const { rows } = await pool.query("SHOW synchronous_commit");
    assert.deepEqual(rows, [{ synchronous_commit: "on" }]);
  });
});

test("a server that does not sync at all is warned about", async () => {
  const folder = await usedFolder();
  const database = await open({ folder, settings: { fsync: "off" } });
  await database.close();
  assert.match(database.warnings.join(), /fsync is off .* may lose acknowledged credits/);
});

test("an unreachable database is a clear fault with the next step and without the password", async () => {
  const fault = await faultOf(open({ url: "postgresql://me:s3cret@127.0.0.1:1/x" }));
  assert.deepEqual([fault.code, fault.isRetryable], ["unreachable", true]);
  assert.match(
    fault.message,
    /postgresql:\/\/me:\*\*\*@127\.0\.0\.1:1\/x.*ECONNREFUSED.*DATABASE_URL/,
  );
  assert.doesNotMatch(fault.message, /s3cret/);
  const byParameter = await faultOf(open({ url: "postgresql:///x?host=/nowhere&password=s3cret" }));
  assert.equal(byParameter.code, "unreachable");
  assert.doesNotMatch(byParameter.message, /s3cret/);
  const byName = await faultOf(open({ url: "postgresql://me@db.invalid/x" }));
  assert.equal(byName.code, "unreachable");
});

test("a URL of something else is refused before anything is tried", async () => {
  for (const url of ["mysql://me@localhost/x", "localhost:5432", "postgres:/x"])
    assert.equal((await faultOf(open({ url }))).code, "bad_url");
});

test("a database that does not exist and a wrong password are told apart", async () => {
  const unknown = new URL((await freshDatabase()).url);
  unknown.pathname = "/nowhere";
  assert.equal((await faultOf(open({ url: unknown.href }))).code, "unknown_database");
  const folder = join(await emptyFolder(), "a".repeat(120));
  const database = await open({ folder });
  const wrong = new URL(database.connectionString);
  wrong.password = "wrong";
  const fault = await faultOf(open({ url: wrong.href }));
  await database.close();
  assert.deepEqual([fault.code, fault.isRetryable], ["access_denied", false]);
});

test("a connection that was kept is lent at once, at most half of them are, and none holds up the end", async () => {
  const { url } = await freshDatabase();
  const database = await open({ url });
  const pool = database.openPool({ purpose: "tests", connectionsMax: 4 });
  assert.equal(pool.take(), undefined);
  const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  for (const client of clients) pool.keep(client);
  assert.equal(pool.idleCount, 1);
  const lent = [pool.take(), pool.take(), pool.take()];
  assert.deepEqual(new Set(lent.slice(0, 2)), new Set(clients.slice(0, 2)));
  assert.equal(lent[2], undefined);
  for (const client of lent) if (client !== undefined) pool.keep(client);
  await database.close();
  assert.equal(pool.totalCount, 0);
});

test("a kept connection that breaks is not lent again", async () => {
  const { url } = await freshDatabase();
  const database = await open({ url });
  const pool = database.openPool({ purpose: "tests", connectionsMax: 4 });
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  pool.keep(client);
  await pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
  await eventually("it is dropped", () => pool.totalCount === 1);
  assert.equal(pool.take(), undefined);
  await database.close();
});
