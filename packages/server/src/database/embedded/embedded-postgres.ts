/**
 * A real PostgreSQL that Cistern starts, adopts, keeps alive and stops by itself. Owns the server process of one folder.
 *
 * E1 one Cistern process at a time works with a folder (ownership.ts). E2 a server that outlived its Cistern is adopted, never
 * started twice (adopt.ts). E3 nobody but this machine's user reaches it (address.ts). E4 what it acknowledged is on the disk
 * (server-settings.ts). E5 after `stop`, or after a start that failed, no process is left. E6 a server that dies under us is
 * started again at the same address.
 */
import { mkdir, realpath } from "node:fs/promises";
import type { DatabaseFault } from "../database-fault.ts";
import type { Host } from "../host.ts";
import { connectionStringOf } from "./address.ts";
import { adoptServer } from "./adopt.ts";
import { findBinaries } from "./binaries.ts";
import { clusterPaths, clusterUser } from "./cluster-paths.ts";
import { launchServer } from "./launch.ts";
import { takeOwnership } from "./ownership.ts";
import { stopServer } from "./stop-server.ts";
import { supervise } from "./supervise.ts";

const startMsDefault = 120_000;

/** What an embedded server needs. */
export interface EmbeddedPostgresOptions {
  /** Cistern's own folder (`CISTERN_DATA`); made when it is not there. */
  readonly folder: string;
  /** The process that will own it: Node's `process`. */
  readonly host: Host;
  /** Makes the password of a new cluster, and names of drafts. */
  readonly randomUuid: () => string;
  /** Settings of PostgreSQL on top of ours (`{ shared_buffers: "1GB" }`). */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long a server may take to answer, recovery after a crash included. Default two minutes. */
  readonly startMs?: number;
  /** Gives the start up: what it has begun is ended, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told when the server died and is being started again, and of each attempt that failed. */
  readonly onServerLost?: (fault: DatabaseFault) => void;
}

/** A running embedded server that is ours until `stop`. */
export interface EmbeddedPostgres {
  /** Of the database `cistern`, for `pg` and every tool that takes a PostgreSQL URL. Stays the same over restarts. */
  readonly connectionString: string;
  /** Whether the server was running already, left by a Cistern that was killed. */
  readonly isAdopted: boolean;
  /** The postmaster of this moment. */
  readonly pid: number;
  /** Stops the server (open transactions are rolled back), waits for its end and gives the folder free. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of this folder, or adopts the one that runs.
 *
 * @throws DatabaseFault `in_use`, `no_binaries`, `cannot_run_as_root`, `incompatible_data`, `start_failed`, `not_answering`.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { host, startMs = startMsDefault, settings = {}, randomUuid, signal } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const paths = clusterPaths(await realpath(options.folder));
  const ownership = await takeOwnership(host, paths.folder);
  try {
    const binaries = await findBinaries(host);
    const order = { host, paths, binaries, settings, startMs, randomUuid };
    const adopted = await adoptServer(host, paths, { startMs, signal });
    const server = adopted ?? (await launchServer(order, { signal }));
    const connectionString = await connectionStringOf(server.address, paths, clusterUser);
    if (signal?.aborted) {
      await stopServer(order, server);
      throw signal.reason;
    }
    const supervised = supervise(order, server, options.onServerLost ?? (() => {}));
    let stopping: Promise<void> | undefined;
    return {
      connectionString,
      isAdopted: adopted !== undefined,
      get pid() {
        return supervised.pid();
      },
      stop: () => (stopping ??= supervised.stop().finally(() => ownership.release())),
    };
  } catch (error) {
    await ownership.release();
    throw error;
  }
}
