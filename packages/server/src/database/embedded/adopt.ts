import { setTimeout as wait } from "node:timers/promises";
import { DatabaseFault, errorText } from "../database-fault.ts";
import type { Host } from "../host.ts";
import type { Address } from "./address.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import { unlockDataFolder, readPostmasterFile } from "./postmaster-file.ts";
import type { PostmasterFile } from "./postmaster-file.ts";
import { probe } from "./probe.ts";
import { isPostmasterOf, processLife } from "./process-identity.ts";
import type { Server } from "./server.ts";

const pollMs = 10;
/** Where we cannot see whose pid it is: after this, PostgreSQL itself decides whether its lock file is stale. */
const strangerMs = 10_000;

/**
 * The server that runs in this folder, once it is ready (it may still be recovering); `undefined` when there is none, or the
 * one that was there has stopped. Locks that it left are undone.
 */
export async function adoptServer(
  host: Host,
  paths: ClusterPaths,
  patience: { readonly startMs: number; readonly signal: AbortSignal | undefined },
): Promise<Server | undefined> {
  let pid = 0;
  let silence: unknown;
  for (let waitedMs = 0; waitedMs <= patience.startMs; waitedMs += pollMs) {
    patience.signal?.throwIfAborted();
    const file = await readPostmasterFile(paths.data);
    if (file === undefined) return undefined;
    pid = file.pid;
    const life = await processLife(host, pid);
    const identity = life === undefined ? "no" : await isPostmasterOf(host, pid, paths.data);
    if (life === undefined || identity === "no") {
      await unlockDataFolder(paths.data, host.pid);
      return undefined;
    }
    if (identity === "unknown" && waitedMs > strangerMs) return undefined;
    if (file.status === "ready") {
      const address = addressIn(file);
      const answer = await probe(address, paths);
      if (answer.kind === "ours") return { pid, life, address };
      silence = answer.kind === "silent" ? answer.cause : new Error("another server answers there");
    }
    await wait(pollMs);
  }
  throw new DatabaseFault(
    "not_answering",
    `A PostgreSQL (process ${pid}) runs in ${paths.data}, but does not answer${silence === undefined ? "" : `: ${errorText(silence)}`}. Stop it with "kill -INT ${pid}", then start again.`,
    { cause: silence },
  );
}

function addressIn({ port, socketFolder }: PostmasterFile): Address {
  return socketFolder === ""
    ? { kind: "tcp", port }
    : { kind: "socket", folder: socketFolder, port };
}
