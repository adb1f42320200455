/**
 * A real PostgreSQL that Cistern starts, adopts and stops by itself. Owns the server process of one folder.
 *
 * E1 one Cistern process at a time works with a folder (ownership.ts). E2 a server that outlived its Cistern is adopted, never
 * started twice. E3 nobody but this machine's user reaches it. E4 what it acknowledged is on the disk. E5 after `stop` no
 * process is left.
 */
import { open, mkdir, realpath, rename, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { DatabaseFault, databaseFaultCode, errorText } from "../database-fault.ts";
import type { Host } from "../host.ts";
import { chooseAddress, connectionStringOf } from "./address.ts";
import type { Address } from "./address.ts";
import { findBinaries, notRunnable } from "./binaries.ts";
import type { Binaries } from "./binaries.ts";
import { clusterPaths, clusterUser, ensureCluster, readLogTail } from "./cluster.ts";
import type { ClusterPaths } from "./cluster.ts";
import { findLauncher } from "./launcher.ts";
import type { Launcher } from "./launcher.ts";
import { takeOwnership } from "./ownership.ts";
import { disownPostmasterFile, readPostmasterFile } from "./postmaster-file.ts";
import { isPostmasterOf, processLife } from "./process-identity.ts";
import { probe } from "./probe.ts";
import { serverSettings } from "./server-settings.ts";
import { stopServer } from "./stop-server.ts";
import type { Server } from "./stop-server.ts";

const pollMs = 10;
const logBytesMax = 10_000_000;
const startAttemptsMax = 5;

/** What an embedded server needs. */
export interface EmbeddedPostgresOptions {
  /** Cistern's own folder (`CISTERN_DATA`); made when it is not there. */
  readonly folder: string;
  /** The process that will own it: Node's `process`. */
  readonly host: Host;
  /** Makes the password of a new cluster. */
  readonly randomUuid: () => string;
  /** Settings of PostgreSQL on top of ours (`{ shared_buffers: "1GB" }`). */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long a server may take to answer, recovery after a crash included. Default two minutes. */
  readonly startMs?: number;
}

/** A running embedded server that is ours until `stop`. */
export interface EmbeddedPostgres {
  /** Of the database `cistern`, for `pg` and every tool that takes a PostgreSQL URL. */
  readonly connectionString: string;
  /** Whether the server was running already, left by a Cistern that was killed. */
  readonly isAdopted: boolean;
  /** The postmaster. */
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
  const { host } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const paths = clusterPaths(await realpath(options.folder));
  const ownership = await takeOwnership(host, paths.folder);
  try {
    const binaries = await findBinaries(host);
    const startMs = options.startMs ?? 120_000;
    const adopted = await adopt(host, paths, startMs);
    const server = adopted ?? (await start(options, paths, binaries, startMs));
    let stopping: Promise<void> | undefined;
    return {
      connectionString: await connectionStringOf(server.address, paths, clusterUser),
      isAdopted: adopted !== undefined,
      pid: server.pid,
      stop: () =>
        (stopping ??= stopServer(host, server, { binaries, paths }).finally(() =>
          ownership.release(),
        )),
    };
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

/** E2: waits for a server that is there to be ready, or to be gone. */
async function adopt(
  host: Host,
  paths: ClusterPaths,
  startMs: number,
): Promise<Server | undefined> {
  let last: unknown;
  let pid = 0;
  for (let waited = 0; waited <= startMs; waited += pollMs) {
    const file = await readPostmasterFile(paths.data);
    if (file === undefined) return undefined;
    pid = file.pid;
    const life = await processLife(host, pid);
    if (life === undefined) return undefined;
    if ((await isPostmasterOf(host, pid, paths.data)) === "no") {
      await disownPostmasterFile(paths.data, host.pid);
      return undefined;
    }
    if (file.status === "ready") {
      const { port, socketFolder } = file;
      const address: Address =
        socketFolder === ""
          ? { kind: "tcp", port }
          : { kind: "socket", folder: socketFolder, port };
      const answer = await probe(address, paths);
      if (answer.kind === "ours") return { pid, life, address };
      last = answer.kind === "silent" ? answer.cause : undefined;
    }
    await wait(pollMs);
  }
  throw new DatabaseFault(
    "not_answering",
    `A PostgreSQL (process ${pid}) runs in ${paths.data}, but does not answer${last === undefined ? "" : `: ${errorText(last)}`}. Stop it with "kill -INT ${pid}", then start again.`,
    { cause: last },
  );
}

async function start(
  options: EmbeddedPostgresOptions,
  paths: ClusterPaths,
  binaries: Binaries,
  startMs: number,
): Promise<Server> {
  const { host } = options;
  const places = { folder: paths.folder, dataFolder: paths.data, program: binaries.postgres };
  const launcher = await findLauncher(host, places);
  await ensureCluster(paths, { binaries, launcher, randomUuid: options.randomUuid });
  for (let attempt = 1; ; attempt += 1) {
    const address = await chooseAddress(host, paths);
    const outcome = await launch(options, { paths, binaries, launcher, address, startMs });
    if (outcome.kind === "ready") return outcome.server;
    if (attempt === startAttemptsMax || !mayWorkNextTime(outcome.log))
      throw new DatabaseFault(
        "start_failed",
        `PostgreSQL did not start in ${paths.data}: ${outcome.log}\nThe whole log is in ${paths.log}. Or set DATABASE_URL to a PostgreSQL of yours.`,
      );
    await wait(200 * attempt);
  }
}

/** A port that was taken since we chose it, or backends of a killed server that are not gone yet. */
function mayWorkNextTime(log: string): boolean {
  return /Address already in use|could not create any TCP\/IP sockets|pre-existing shared memory block/.test(
    log,
  );
}

type Launch =
  | { readonly kind: "ready"; readonly server: Server }
  | { readonly kind: "ended"; readonly log: string };

async function launch(
  options: EmbeddedPostgresOptions,
  parts: {
    readonly paths: ClusterPaths;
    readonly binaries: Binaries;
    readonly launcher: Launcher;
    readonly address: Address;
    readonly startMs: number;
  },
): Promise<Launch> {
  const { host } = options;
  const { paths, binaries, launcher, address, startMs } = parts;
  const args = ["-D", paths.data, ...serverSettings(host, address, options.settings ?? {})];
  const log = await openLog(paths);
  const child = launcher.start(binaries.postgres, args, paths.folder, log.fd);
  await log.close();
  const ended: { error?: Error; isOver: boolean } = { isOver: false };
  child.once("error", (error) => {
    ended.error = error;
    ended.isOver = true;
  });
  child.once("exit", () => (ended.isOver = true));
  // It shall outlive us if we are killed, and must not keep us alive.
  child.unref();
  let last: unknown;
  for (let waited = 0; waited <= startMs; waited += pollMs) {
    await wait(pollMs);
    if (ended.error !== undefined) throw notRunnable(binaries.postgres, ended.error);
    if (ended.isOver) return { kind: "ended", log: await readLogTail(paths) };
    const file = await readPostmasterFile(paths.data);
    if (file === undefined || file.pid !== child.pid || file.status !== "ready") continue;
    const answer = await probe(address, paths);
    const life = await processLife(host, file.pid);
    if (answer.kind === "ours" && life !== undefined)
      return { kind: "ready", server: { pid: file.pid, life, address } };
    if (answer.kind === "silent") {
      last = answer.cause;
      if (databaseFaultCode(last) === "access_denied") break;
    }
  }
  child.kill("SIGQUIT");
  throw new DatabaseFault(
    "not_answering",
    `PostgreSQL started in ${paths.data}, but did not answer within ${startMs} ms${last === undefined ? "" : `: ${errorText(last)}`}. Look into ${paths.log}.`,
    { cause: last },
  );
}

async function openLog(paths: ClusterPaths) {
  const size = await stat(paths.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logBytesMax) await rename(paths.log, `${paths.log}.old`);
  return open(paths.log, "a", 0o600);
}
