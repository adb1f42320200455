import type { ChildProcess } from "node:child_process";
import { open, rename, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { DatabaseFault, errorText } from "../database-fault.ts";
import { chooseAddress } from "./address.ts";
import type { Address } from "./address.ts";
import { notRunnable } from "./binaries.ts";
import { ensureCluster, readLogTail } from "./cluster.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import { findLauncher } from "./launcher.ts";
import type { Launcher } from "./launcher.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { probe } from "./probe.ts";
import { processLife } from "./process-identity.ts";
import type { Server, ServerOrder } from "./server.ts";
import { serverSettings } from "./server-settings.ts";

const pollMs = 10;
const retryPauseMs = 200;
const attemptsMax = 6;
const logBytesMax = 10_000_000;

/**
 * Starts a server and waits until it answers; makes the cluster first if there is none. With an `address` it listens there,
 * else where it finds room.
 */
export async function launchServer(
  order: ServerOrder,
  wishes: { readonly address?: Address; readonly signal: AbortSignal | undefined },
): Promise<Server> {
  const { host, paths, binaries } = order;
  const launcher = await findLauncher(host, paths, binaries.postgres);
  await ensureCluster(paths, { ...order, launcher, signal: wishes.signal });
  for (let attempt = 1; ; attempt += 1) {
    const address = wishes.address ?? (await chooseAddress(host, paths));
    const outcome = await attemptLaunch(order, { launcher, address, signal: wishes.signal });
    if (outcome.kind === "ready") return outcome.server;
    if (attempt === attemptsMax || !mayWorkNextTime(outcome.log))
      throw new DatabaseFault(
        "start_failed",
        `PostgreSQL did not start in ${paths.data}: ${outcome.log}\nThe whole log is in ${paths.log}. Mend what it names, or set DATABASE_URL to a PostgreSQL of yours.`,
      );
    await wait(retryPauseMs * attempt);
  }
}

/** A port that was taken since we chose it, or backends of a killed server that are not gone yet. */
function mayWorkNextTime(log: string): boolean {
  return /Address already in use|could not create any TCP\/IP sockets|pre-existing shared memory block/.test(
    log,
  );
}

type Attempt =
  | { readonly kind: "ready"; readonly server: Server }
  | { readonly kind: "ended"; readonly log: string };

async function attemptLaunch(
  order: ServerOrder,
  how: {
    readonly launcher: Launcher;
    readonly address: Address;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Attempt> {
  const { host, paths, binaries } = order;
  const { launcher, address, signal } = how;
  const args = ["-D", paths.data, ...serverSettings(host, address, order.settings)];
  const log = await openLog(paths);
  const child = launcher.start(binaries.postgres, args, paths.folder, log.fd);
  const end = watchEnd(child);
  await log.close();
  // It shall outlive us if we are killed, and must not keep us alive.
  child.unref();
  let silence: unknown;
  for (let waitedMs = 0; waitedMs <= order.startMs; waitedMs += pollMs) {
    if (signal?.aborted) break;
    await wait(pollMs);
    if (end.error !== undefined) throw notRunnable(binaries.postgres, end.error);
    if (end.isOver) return { kind: "ended", log: await readLogTail(paths) };
    const file = await readPostmasterFile(paths.data);
    if (file?.status !== "ready" || file.pid !== child.pid) continue;
    const answer = await probe(address, paths);
    const life = await processLife(host, file.pid);
    if (answer.kind === "ours" && life !== undefined)
      return { kind: "ready", server: { pid: file.pid, life, address } };
    silence = answer.kind === "silent" ? answer.cause : new Error("another server answers there");
  }
  child.kill("SIGQUIT");
  while (!end.isOver) await wait(pollMs);
  signal?.throwIfAborted();
  throw new DatabaseFault(
    "not_answering",
    `PostgreSQL started in ${paths.data}, but did not answer within ${order.startMs} ms${silence === undefined ? "" : `: ${errorText(silence)}`}. Look into ${paths.log}.`,
    { cause: silence },
  );
}

function watchEnd(child: ChildProcess): { readonly isOver: boolean; readonly error?: Error } {
  const end: { isOver: boolean; error?: Error } = { isOver: false };
  child.once("exit", () => {
    end.isOver = true;
  });
  child.once("error", (error) => {
    end.isOver = true;
    end.error = error;
  });
  return end;
}

/** The log grows over restarts; a long one makes room for a new one, so that two are kept at most. */
async function openLog(paths: ClusterPaths) {
  const bytes = await stat(paths.log).then(
    (found) => found.size,
    () => 0,
  );
  if (bytes > logBytesMax) await rename(paths.log, `${paths.log}.old`);
  return open(paths.log, "a", 0o600);
}
