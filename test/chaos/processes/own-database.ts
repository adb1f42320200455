import { setTimeout as wait } from "node:timers/promises";
import {
  DatabaseFault,
  openDatabase,
  startEmbeddedPostgres,
} from "../../../packages/server/src/database/index.ts";
import { temporaryFolder } from "../../../packages/server/test/temporary-folder.ts";

/** A PostgreSQL of our own, which we may crash. */
export interface OwnDatabase {
  readonly url: string;
  /** Stops it in immediate mode (SIGQUIT to the postmaster) and waits until it has recovered and answers again. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

const pollMs = 20;
const backMsMax = 60_000;
const randomUuid = (): string => crypto.randomUUID();

/** Starts it in a folder that goes with it. */
export async function startOwnDatabase(): Promise<OwnDatabase> {
  const folder = await temporaryFolder();
  const server = await startEmbeddedPostgres({
    folder: folder.path,
    host: process,
    randomUuid,
  });
  return {
    url: server.connectionString,
    async crash() {
      const { pid } = server;
      process.kill(pid, "SIGQUIT");
      for (let waitedMs = 0; waitedMs < backMsMax; waitedMs += pollMs) {
        await wait(pollMs);
        if (server.pid !== pid && (await answers(server.connectionString, folder.path))) return;
      }
      throw new Error(`PostgreSQL did not come back in ${backMsMax} ms after an immediate stop.`);
    },
    async stop() {
      await server.stop();
      await folder.remove();
    },
  };
}

async function answers(url: string, folder: string): Promise<boolean> {
  try {
    const database = await openDatabase({ url, folder, host: process, randomUuid });
    await database.close();
    return true;
  } catch (error) {
    if (error instanceof DatabaseFault) return false;
    throw error;
  }
}
