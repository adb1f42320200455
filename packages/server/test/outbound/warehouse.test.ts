/** The feed of a warehouse, read back by DuckDB and compared with what the API says. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { parseCredits, printCredits } from "@cistern/contract";
import { Pool } from "pg";
import { cloudEvent } from "../../src/api/index.ts";
import { postgresStore, workspaceIds } from "../../src/journal/index.ts";
import { feedWarehouse } from "../../src/outbound/index.ts";
import { startCistern } from "../cli/cistern-process.ts";
import {
  type Life,
  eventsOf,
  ledgerOf,
  tellLate,
  usageOf,
  warehouseLife,
  workspaces,
} from "./warehouse-life.ts";

const feeder = fileURLToPath(new URL("warehouse-process.ts", import.meta.url));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-warehouse-"));
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ["--conditions=cistern-source", feeder, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  return child;
}

/** Feeds in a process that dies at a moment of its nth step. */
async function dies({ database }: Life, folder: string, moment: string, nth: number) {
  const [, signal] = await once(start(database.url, folder, moment, String(nth)), "close");
  assert.equal(signal, "SIGKILL");
}

/** Feeds in this process, to the end. */
async function feed({ database }: Life, folder: string): Promise<void> {
  const pool = new Pool({ connectionString: database.url, max: 2 });
  try {
    await feedWarehouse({
      folder,
      store: postgresStore({ pool }),
      workspaces: () => workspaceIds(pool),
      envelope: cloudEvent,
      stepEventsMax: 5,
    });
  } finally {
    await pool.end();
  }
}

/** Runs `cistern export warehouse`; what it says. */
async function cli({ database }: Life, folder: string) {
  const env = { DATABASE_URL: database.url };
  const ran = startCistern(env, "export", "warehouse", "--to", folder);
  return { code: await ran.ended(), said: ran.stdout(), complained: ran.stderr() };
}

/** Rows of a question, every value as a text. */
async function ask(folder: string, sql: string): Promise<readonly (readonly string[])[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const table of ["usage", "ledger", "events"])
    await connection.run(
      `CREATE VIEW ${table} AS FROM read_parquet('${join(folder, table)}/*/*.parquet', hive_partitioning = true)`,
    );
  const reader = await connection.runAndReadAll(sql);
  const rows = reader.getRows().map((row) => row.map(String));
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** Every part with the hash of its bytes. */
async function parts(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.name.endsWith(".parquet")) continue;
    const hash = createHash("sha256").update(await readFile(path));
    found.set(relative(folder, path), hash.digest("hex"));
  }
  return found;
}

const sumOf = (amounts: readonly (string | undefined)[]): string => {
  const sum = amounts.reduce((so, one) => so + signedMicro(one ?? "0"), 0n);
  return sum < 0n ? `-${printCredits(-sum)}` : printCredits(sum);
};
const signedMicro = (text: string): bigint =>
  text.startsWith("-") ? -parseCredits(text.slice(1)) : parseCredits(text);
const minor = (amounts: readonly (string | undefined)[]): string =>
  String(amounts.reduce((so, one) => so + BigInt(one ?? "0"), 0n));

/** A decimal as DuckDB writes it, in the shortest form. */
const short = (text: string): string => text.replace(/\.?0+$/, "");

/** What the API says and the files must: usage and refunds by member, the ledger by account, the events in order. */
async function agrees({ cistern }: Life, folder: string): Promise<void> {
  for (const id of workspaces) {
    const usage = await usageOf(cistern, id);
    const members = [...new Set(usage.map(({ member }) => member))].toSorted();
    const used = members.map((member) => {
      const rows = usage.filter((row) => row.member === member);
      return [
        member,
        sumOf(rows.map(({ credits }) => credits)),
        sumOf(rows.map(({ refunded }) => refunded)),
        minor(rows.map(({ worth }) => worth?.amount)),
      ];
    });
    const fed = await ask(
      folder,
      `SELECT member, sum(credits) FILTER (refund_of IS NULL), coalesce(-sum(credits) FILTER (refund_of IS NOT NULL), 0),
              sum(worth_minor) FILTER (refund_of IS NULL)
       FROM usage WHERE workspace = '${id}' GROUP BY member ORDER BY member`,
    );
    assert.deepEqual(
      fed.map(([member, credits = "", refunded = "", worth]) => [
        member,
        short(credits),
        short(refunded),
        worth,
      ]),
      used,
    );
    const postings = (await ledgerOf(cistern, id)).flatMap((entry) => entry.postings);
    const accounts = Map.groupBy(postings, (one) => `${one.account} ${one.commodity}`);
    const said = [...accounts].map(([name, all]) => {
      const amounts = all.map(({ amount }) => amount);
      return `${name} ${name.endsWith(" CREDIT") ? sumOf(amounts) : minor(amounts)}`;
    });
    const booked = await ask(
      folder,
      `SELECT account || ' ' || coalesce(currency, 'CREDIT'), coalesce(sum(credits)::VARCHAR, sum(amount_minor)::VARCHAR)
       FROM ledger WHERE workspace = '${id}' GROUP BY account, currency`,
    );
    assert.deepEqual(
      new Set(
        booked.map(
          ([name = "", sum = ""]) => `${name} ${name.endsWith(" CREDIT") ? short(sum) : sum}`,
        ),
      ),
      new Set(said),
    );
    const told = await ask(
      folder,
      `SELECT id, type, subject, data::VARCHAR FROM events WHERE workspace = '${id}' ORDER BY seq, idx`,
    );
    assert.deepEqual(
      told.map(([event, type, subject, data = ""]) => [event, type, subject, JSON.parse(data)]),
      (await eventsOf(cistern, id)).map((one) => [
        one.id,
        one.type,
        one.subject ?? "null",
        one.data,
      ]),
    );
  }
}

test("what DuckDB reads back of an export is, to the last digit, what the API says; another export adds what is new", async (t) => {
  const life = await warehouseLife(t);
  const folder = await newFolder();
  const first = await cli(life, folder);
  assert.match(first.said, /^\d+ events of 2 workspaces went into \d+ new files/, first.complained);
  await agrees(life, folder);
  const types = await ask(
    folder,
    "SELECT column_type FROM (DESCRIBE usage) WHERE column_name IN ('id', 'occurred_at', 'credits', 'day')",
  );
  assert.deepEqual(types.flat().toSorted(), [
    "DATE",
    "DECIMAL(18,6)",
    "TIMESTAMP WITH TIME ZONE",
    "VARCHAR",
  ]);
  const [chat] = await ask(
    folder,
    "SELECT meter, model, usage['input_text'], attributes['feature'], day FROM usage WHERE workspace = 'acme' AND meter = 'chat'",
  );
  assert.deepEqual(chat, ["chat", "gpt-5", "118013", `it's "quoted"`, "2026-11-28"]);

  const before = await parts(folder);
  await feed(life, folder);
  assert.deepEqual(await parts(folder), before, "nothing was new");
  await tellLate(life);
  await feed(life, folder);
  const now = await parts(folder);
  for (const [part, hash] of before) assert.equal(now.get(part), hash, "no file changes");
  const added = [...now.keys()].filter((part) => !before.has(part)).map((part) => dirname(part));
  assert.deepEqual(
    added.toSorted(),
    ["events/day=2026-11-29", "ledger/day=2026-11-29", "usage/day=2026-11-27"],
    "late usage of an old day goes into a further part",
  );
  await agrees(life, folder);
});

test("a feed that is killed at any moment and run again lacks no row and has none twice", async (t) => {
  const life = await warehouseLife(t);
  for (const moments of [
    ["read", "done"],
    ["staged", "moved"],
  ]) {
    const folder = await newFolder();
    for (const moment of moments) await dies(life, folder, moment, 2);
    await feed(life, folder);
    await agrees(life, folder);
  }
});

test("a feed that is killed between two files of a step goes on with the other", async (t) => {
  const life = await warehouseLife(t);
  const folder = await newFolder();
  await dies(life, folder, "done", 1);
  const staged = join(folder, "_cistern", "staging", "parts");
  const [moved = "", ...others] = [...(await parts(staged)).keys()].toSorted();
  assert.ok(others.length > 0);
  await mkdir(dirname(join(folder, moved)), { recursive: true });
  await rename(join(staged, moved), join(folder, moved));
  await feed(life, folder);
  await agrees(life, folder);
});

test("of two feeds of one folder at once the second is refused, and works when the first is gone", async (t) => {
  const life = await warehouseLife(t);
  const folder = await newFolder();
  const first = start(life.database.url, folder, "pause", "1");
  assert.ok(first.stdout !== null);
  await once(first.stdout, "data");
  const { code, complained } = await cli(life, folder);
  assert.equal(code, 1);
  assert.match(complained, /Another process feeds this folder/);
  first.kill("SIGKILL");
  await once(first, "close");
  await feed(life, folder);
  await agrees(life, folder);
});

test("a folder never goes on with the journal of another database, nor without its place", async (t) => {
  const [life, other] = [await warehouseLife(t), await warehouseLife(t)];
  const folder = await newFolder();
  await feed(life, folder);
  await tellLate(other);
  await assert.rejects(feed(other, folder), /does not continue what/);
  await rm(join(folder, "_cistern", "place.json"));
  await assert.rejects(feed(life, folder), /nothing says how far it was fed/);
});
