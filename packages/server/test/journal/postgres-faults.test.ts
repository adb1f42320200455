/** What the store says when the database does not do as it was told: an outcome is `none` only when that is certain. */
import assert from "node:assert/strict";
import { createServer, connect, type Socket } from "node:net";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Client, Pool } from "pg";
import {
  genesisHead,
  journalMigrations,
  postgresStore,
  StoreFault,
  type JournalStore,
} from "../../src/journal/index.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { appendAfter, appendChain, freshWorkspace, headOf } from "./store-suite.ts";

const { url } = await freshDatabase();
const database = await openDatabase({
  url,
  folder: "",
  host: process,
  randomUuid: () => crypto.randomUUID(),
});
after(() => database.close());
const pool = database.openPool({ purpose: "fault tests", connectionsMax: 4 });
await migrate(pool, await journalMigrations());
const store = postgresStore({ pool });

/** Holds the row of the workspace's head locked, so that an append waits in the database, while `work` runs. */
async function whileHeadIsLocked(
  workspaceId: string,
  work: (holder: Client) => Promise<void>,
): Promise<void> {
  const holder = new Client({ connectionString: url });
  await holder.connect();
  try {
    await holder.query("BEGIN");
    await holder.query("SELECT 1 FROM heads WHERE workspace_id = $1 FOR UPDATE", [workspaceId]);
    await work(holder);
    await holder.query("ROLLBACK");
  } finally {
    await holder.end();
  }
}

/** The backend that waits for a lock, once there is one. */
async function waitingBackend(): Promise<number> {
  for (;;) {
    const { rows } = await pool.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    if (rows[0] !== undefined) return rows[0].pid;
    await wait(5);
  }
}

async function faultOf(promise: Promise<unknown>): Promise<StoreFault> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof StoreFault, String(error));
    return error;
  }
  assert.fail("there was no fault");
}

/** A pool of its own with settings for each connection; ended after the test file. */
function poolWith(settings: object): Pool {
  const own = new Pool({ connectionString: url, max: 2, ...settings });
  own.on("error", () => {});
  after(() => own.end());
  return own;
}

async function appendAfterOne(workspaceId: string, opIds: readonly string[] = []) {
  const [first] = await appendChain(store, workspaceId, 1);
  assert.ok(first);
  return appendAfter(workspaceId, headOf(first), { opIds });
}

test("a backend that is ended in mid-statement leaves the outcome unknown; the same append again settles it", async () => {
  const workspaceId = freshWorkspace();
  const append = await appendAfterOne(workspaceId, ["k1"]);
  await whileHeadIsLocked(workspaceId, async () => {
    const faulted = faultOf(store.append([append]));
    await pool.query("SELECT pg_terminate_backend($1)", [await waitingBackend()]);
    const fault = await faulted;
    assert.deepEqual([fault.outcome, fault.isRetryable], ["unknown", true]);
    assert.equal(fault.code, "unavailable");
  });
  assert.deepEqual(await store.append([append]), [{ kind: "appended", seen: [] }]);
  assert.deepEqual((await store.readHead(workspaceId, ["k1"])).ops, append.ops);
});

test("a statement that the database gives up after its time has not happened", async () => {
  const impatient = postgresStore({ pool: poolWith({ statement_timeout: 200 }) });
  const workspaceId = freshWorkspace();
  const append = await appendAfterOne(workspaceId);
  await whileHeadIsLocked(workspaceId, async () => {
    const fault = await faultOf(impatient.append([append]));
    assert.deepEqual([fault.code, fault.outcome, fault.isRetryable], ["timeout", "none", true]);
  });
  assert.deepEqual(await impatient.append([append]), [{ kind: "appended", seen: [] }]);
});

test("a statement that this process gives up may still happen, and is settled by its batch", async () => {
  const impatient = postgresStore({ pool: poolWith({ query_timeout: 200 }) });
  const workspaceId = freshWorkspace();
  const append = await appendAfterOne(workspaceId);
  await whileHeadIsLocked(workspaceId, async () => {
    const fault = await faultOf(impatient.append([append]));
    assert.deepEqual(
      [fault.code, fault.outcome, fault.isRetryable],
      ["unavailable", "unknown", true],
    );
  });
  await assertStands(store, append);
});

/** RULES 22: the same statement again; when it is fenced, the row at that place is ours. */
async function assertStands(
  settling: JournalStore,
  append: ReturnType<typeof appendAfter>,
): Promise<void> {
  const { row, expected } = append;
  const [outcome] = await settling.append([append]);
  if (outcome?.kind === "appended") return;
  assert.deepEqual(outcome, { kind: "fenced" });
  const [stands] = await settling.readRows(row.workspaceId, expected.seq, 1);
  assert.deepEqual(stands, row);
}

test("an append whose answer is lost on the way stands", async () => {
  const lossy = await lossyProxy();
  const remote = postgresStore({ pool: poolWith(lossy.address) });
  const workspaceId = freshWorkspace();
  const append = appendAfter(workspaceId, genesisHead, { opIds: ["k1"] });
  await appendChain(remote, freshWorkspace(), 1);
  lossy.loseNextAnswer();
  const fault = await faultOf(remote.append([append]));
  assert.deepEqual([fault.outcome, fault.isRetryable], ["unknown", true]);
  assert.deepEqual(await remote.append([append]), [{ kind: "fenced" }]);
  await assertStands(remote, append);
});

/** A proxy in front of the database that can cut the connection instead of passing the next answer on. */
async function lossyProxy() {
  const target = new Client({ connectionString: url });
  const path = target.host.startsWith("/") ? `${target.host}/.s.PGSQL.${target.port}` : undefined;
  let loses = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far =
      path === undefined ? connect({ host: target.host, port: target.port }) : connect({ path });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    near.on("close", () => far.destroy());
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      if (!loses) return void near.write(bytes);
      loses = false;
      near.destroy();
    });
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    address: {
      connectionString: undefined,
      host: "127.0.0.1",
      port: address.port,
      user: target.user,
      password: target.password,
      database: target.database,
    },
    loseNextAnswer: () => {
      loses = true;
    },
  };
}

test("the loser of a deadlock has not happened and may be tried again", async () => {
  const [first, second] = [freshWorkspace(), freshWorkspace()].toSorted();
  assert.ok(first !== undefined && second !== undefined);
  const appends = [await appendAfterOne(first, ["k1"]), await appendAfterOne(second)];
  await whileHeadIsLocked(second, async (holder) => {
    const faulted = faultOf(store.append(appends));
    await waitingBackend();
    const crossing = holder.query("SELECT 1 FROM heads WHERE workspace_id = $1 FOR UPDATE", [
      first,
    ]);
    const fault = await faulted;
    assert.deepEqual([fault.code, fault.outcome, fault.isRetryable], ["conflict", "none", true]);
    await crossing;
  });
  for (const append of appends)
    assert.deepEqual(await store.append([append]), [{ kind: "appended", seen: [] }]);
});

test("a database that cannot be reached has not heard of the append", async () => {
  const gone = postgresStore({
    pool: poolWith({ connectionString: undefined, host: "127.0.0.1", port: 1 }),
  });
  const fault = await faultOf(gone.append([appendAfter(freshWorkspace(), genesisHead)]));
  assert.deepEqual([fault.code, fault.outcome, fault.isRetryable], ["unreachable", "none", true]);
});

test("a server that was demoted to read-only is asked again later", async () => {
  const demoted = postgresStore({
    pool: poolWith({ options: "-c default_transaction_read_only=on" }),
  });
  const fault = await faultOf(demoted.append([appendAfter(freshWorkspace(), genesisHead)]));
  assert.deepEqual([fault.code, fault.outcome, fault.isRetryable], ["unavailable", "none", true]);
});

test("an idle connection that was ended is replaced without a fault", async () => {
  const own = poolWith({ max: 1 });
  const kept = postgresStore({ pool: own });
  await appendChain(kept, freshWorkspace(), 1);
  const { rows } = await own.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  await pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
  while (own.totalCount > 0) await wait(5);
  await appendChain(kept, freshWorkspace(), 1);
});

test("updates of a head stay on its page", async () => {
  const own = poolWith({ max: 1 });
  await appendChain(postgresStore({ pool: own }), freshWorkspace(), 200);
  await own.query("SELECT pg_stat_force_next_flush()");
  const { rows } = await own.query<{ all: string; hot: string }>(
    "SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'heads'",
  );
  const [heads] = rows;
  assert.ok(heads !== undefined && Number(heads.all) > 100, JSON.stringify(heads));
  assert.ok(Number(heads.hot) / Number(heads.all) > 0.95, JSON.stringify(heads));
});
