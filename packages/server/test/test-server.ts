import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../src/database/index.ts";

/** An embedded PostgreSQL for tests, in a folder that goes with it. */
export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

const prefix = "cistern-test-";

/** Starts a server for tests, and first ends those that a killed run of tests has left. */
export async function startTestServer(): Promise<TestServer> {
  await endOrphans();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const server = await start(folder);
  return {
    url: server.connectionString,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function start(folder: string) {
  return startEmbeddedPostgres({ folder, host: process, randomUuid: () => crypto.randomUUID() });
}

async function endOrphans(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((found) => found.startsWith(prefix))) {
    if (isAlive(Number(name.slice(prefix.length).split("-")[0]))) continue;
    const folder = join(tmpdir(), name);
    // Adopting takes the folder's lock, so two runs of tests that start at once do not fight over it.
    if (existsSync(join(folder, "postgres", "postmaster.pid"))) {
      const server = await start(folder).catch(() => undefined);
      if (server === undefined) continue;
      await server.stop();
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
