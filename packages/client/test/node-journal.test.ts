import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { JournalEntry } from "@cistern/client";
import { JournalInUse, openNodeJournal } from "@cistern/client/node-journal";

async function temporaryPath() {
  const folder = await mkdtemp(join(tmpdir(), "cistern-journal-"));
  return {
    path: join(folder, "deep", "offline.jsonl"),
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  };
}

function entry(id: string): JournalEntry {
  const operation = {
    method: "POST",
    path: "/v1/workspaces/acme/debits",
    idempotencyKey: id,
  } as const;
  return { id, subject: id, operation, exposure: "1" };
}

async function pendingIds(path: string): Promise<readonly string[]> {
  const journal = await openNodeJournal({ path });
  const ids = journal.pending().map(({ id }) => id);
  await journal.close();
  return ids;
}

async function keep(path: string, ids: readonly string[]): Promise<void> {
  const journal = await openNodeJournal({ path });
  for (const id of ids) await journal.append(entry(id));
  await journal.close();
}

test("what was kept is there after a restart, in order, and what is concluded is not", async () => {
  await using place = await temporaryPath();
  const journal = await openNodeJournal({ path: place.path });
  await Promise.all(["a", "b", "c"].map(async (id) => await journal.append(entry(id))));
  await journal.conclude("b", { kind: "delivered" });
  assert.deepEqual(journal.pending(), [entry("a"), entry("c")]);
  await journal.close();
  assert.deepEqual(await pendingIds(place.path), ["a", "c"]);
});

test("a torn last line is dropped, wherever it was torn, and the lines before it stay", async () => {
  await using place = await temporaryPath();
  const whole = JSON.stringify({ kind: "entry", entry: entry("torn") });
  for (let length = 1; length < whole.length; length += 1) {
    await keep(place.path, ["a", "b"]);
    await appendFile(place.path, whole.slice(0, length));
    assert.deepEqual(await pendingIds(place.path), ["a", "b"], `torn after ${length} characters`);
    await rm(place.path);
  }
});

test("a tail of zeros, which a power cut leaves, is dropped like a torn line", async () => {
  await using place = await temporaryPath();
  await keep(place.path, ["a"]);
  await appendFile(place.path, "\0".repeat(100));
  assert.deepEqual(await pendingIds(place.path), ["a"]);
});

test("after a torn line new entries are readable", async () => {
  await using place = await temporaryPath();
  await keep(place.path, ["a"]);
  await appendFile(place.path, '{"kind":"entry","ent');
  await keep(place.path, ["b"]);
  assert.deepEqual(await pendingIds(place.path), ["a", "b"]);
});

test("damage before the last line is told with its place, and nothing is guessed", async () => {
  await using place = await temporaryPath();
  await keep(place.path, ["a", "b"]);
  const text = await readFile(place.path, "utf8");
  await writeFile(place.path, text.replace('"subject":"a"', '"subject":7'));
  await assert.rejects(openNodeJournal({ path: place.path }), /Line 1 of .* is damaged/);
  // The lock of the failed start is gone.
  await writeFile(place.path, text);
  assert.deepEqual(await pendingIds(place.path), ["a", "b"]);
});

test("a file that is mostly concluded is rewritten, and misses nothing that arrives meanwhile", async () => {
  await using place = await temporaryPath();
  const journal = await openNodeJournal({ path: place.path, rewriteBytes: 2000 });
  const kept: string[] = [];
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const id = `e${index}`;
      await journal.append(entry(id));
      if (index % 10 === 0) kept.push(id);
      else await journal.conclude(id, { kind: "delivered" });
    }),
  );
  const written = 200 * JSON.stringify({ kind: "entry", entry: entry("e100") }).length;
  assert.ok((await stat(place.path)).size < written / 2);
  await journal.close();
  assert.deepEqual((await pendingIds(place.path)).toSorted(), kept.toSorted());
});

test("a second process is told who has the journal", async () => {
  await using place = await temporaryPath();
  const journal = await openNodeJournal({ path: place.path });
  await assert.rejects(openNodeJournal({ path: place.path }), (error) => {
    assert.ok(error instanceof JournalInUse);
    assert.match(error.message, new RegExp(`process ${process.pid} on ${hostname()}`));
    return true;
  });
  await journal.close();
  assert.deepEqual(await pendingIds(place.path), []);
});

test("the lock of a machine that went away ends by its age", async () => {
  await using place = await temporaryPath();
  await keep(place.path, ["a"]);
  const lock = `${place.path}.lock`;
  await writeFile(lock, JSON.stringify({ process: 1, host: "elsewhere", token: "t" }));
  await assert.rejects(openNodeJournal({ path: place.path }), JournalInUse);
  const longAgo = Date.now() / 1000 - 61;
  await utimes(lock, longAgo, longAgo);
  assert.deepEqual(await pendingIds(place.path), ["a"]);
});

test("of many that find a stale lock at once, one goes on", async () => {
  await using place = await temporaryPath();
  await keep(place.path, ["a"]);
  const lock = `${place.path}.lock`;
  for (let round = 0; round < 25; round += 1) {
    await writeFile(lock, JSON.stringify({ process: 1, host: "elsewhere", token: `t${round}` }));
    const longAgo = Date.now() / 1000 - 61;
    await utimes(lock, longAgo, longAgo);
    const opened = await Promise.allSettled(
      Array.from({ length: 12 }, async () => await openNodeJournal({ path: place.path })),
    );
    const journals = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    assert.equal(journals.length, 1, `round ${round}`);
    for (const journal of journals) await journal.close();
  }
});

test("what a killed process was told is kept is there, and its lock does not stand in the way", async () => {
  await using place = await temporaryPath();
  const writer = fileURLToPath(new URL("journal-writer.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=cistern-source", writer, place.path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  for await (const chunk of child.stdout) {
    told += String(chunk);
    if (told.split("\n").length > 30) break;
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  const acknowledged = told.split("\n").slice(0, -1);
  const found = await pendingIds(place.path);
  assert.deepEqual(found.slice(0, acknowledged.length), acknowledged);
});
