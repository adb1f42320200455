import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { startEmbeddedPostgres } from "../../src/database/index.ts";
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "../../src/database/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import type { TemporaryFolder } from "../temporary-folder.ts";

const folders: TemporaryFolder[] = [];
const running = new Set<EmbeddedPostgres>();
const children = new Set<ChildProcess>();

/** An empty folder that only its owner passes; a server that a failed test leaves in it is killed after the file. */
export async function emptyFolder(): Promise<string> {
  const folder = await temporaryFolder();
  folders.push(folder);
  return folder.path;
}

let model: Promise<string> | undefined;

/** A folder that has been started before: a copy of one, which is quicker than a first start. */
export async function usedFolder(): Promise<string> {
  const folder = await emptyFolder();
  await cp(await (model ??= makeModel()), folder, { recursive: true });
  return folder;
}

async function makeModel(): Promise<string> {
  const folder = await emptyFolder();
  await (await start(folder)).stop();
  return folder;
}

/** Starts the embedded server of a folder in this process. */
export async function start(
  folder: string,
  more: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    folder,
    host: process,
    randomUuid: () => crypto.randomUUID(),
    ...more,
  });
  running.add(server);
  return server;
}

/** What a process of its own says after its start. */
export interface OwnerReport {
  readonly pid?: number;
  readonly isAdopted?: boolean;
  readonly connectionString?: string;
  readonly code?: string;
  readonly message?: string;
}

/** Starts the embedded server of a folder in a process of its own. */
export async function startElsewhere(folder: string) {
  const script = join(import.meta.dirname, "owner-process.ts");
  const child = spawn(process.execPath, ["--conditions=cistern-source", script, folder], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  children.add(child);
  const exited = once(child, "exit");
  let report: OwnerReport | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    report = JSON.parse(line);
    break;
  }
  assert.ok(report !== undefined, "the other process said nothing");
  return {
    pid: child.pid,
    report,
    kill: async () => {
      // Its whole process group, as a terminal would: the server must not be in it.
      if (child.exitCode === null) process.kill(-(child.pid ?? 0), "SIGKILL");
      await exited;
      children.delete(child);
    },
  };
}

/** One statement on a connection of its own. */
export async function query(
  connectionString: string,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

/** Whether a process runs; one that has ended but that nobody has asked for does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
}

/** Waits for something that another process does; fails after a minute. */
export async function eventually(
  what: string,
  isSo: () => Promise<boolean> | boolean,
): Promise<void> {
  for (let attempt = 0; attempt < 3_000; attempt += 1) {
    if (await isSo()) return;
    await wait(20);
  }
  assert.fail(`Not within a minute: ${what}`);
}

after(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const server of running) await server.stop();
  for (const folder of folders) {
    const lock = join(folder.path, "postgres", "postmaster.pid");
    if (existsSync(lock)) await (await start(folder.path)).stop();
    await folder.remove();
  }
});
