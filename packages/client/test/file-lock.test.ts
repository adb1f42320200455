import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { JournalInUse } from "@cistern/client/node-journal";
import { lockFile } from "../src/node-journal/file-lock.ts";

test("who finds a stale lock gives it back where another was faster in between (L2)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cistern-lock-"));
  const lock = join(folder, "journal.lock");
  const fresh = JSON.stringify({ process: 2, host: "elsewhere", token: "fresh" });
  writeFileSync(lock, JSON.stringify({ process: 1, host: "elsewhere", token: "stale" }));
  utimesSync(lock, 1, 1);
  // The clock is asked between the look at the lock and its removal: that is when the other one takes it.
  const takeMeanwhile = () => {
    writeFileSync(lock, fresh);
    return Date.now();
  };
  await assert.rejects(lockFile(join(folder, "journal"), takeMeanwhile), JournalInUse);
  assert.equal(await readFile(lock, "utf8"), fresh);
  assert.deepEqual(await readdir(folder), ["journal.lock"]);
  await rm(folder, { recursive: true });
});

test("a process that has the number of the one before it, as in a container, takes over its lock at once (L1)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cistern-lock-"));
  const before = JSON.stringify({ process: process.pid, host: hostname(), token: "before" });
  writeFileSync(join(folder, "journal.lock"), before);
  const lock = await lockFile(join(folder, "journal"), Date.now);
  await assert.rejects(lockFile(join(folder, "journal"), Date.now), JournalInUse);
  await lock.release();
  await rm(folder, { recursive: true });
});
