import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { DatabaseFault, errorCode } from "../database-fault.ts";
import type { Host, Signal } from "../host.ts";
import type { Address } from "./address.ts";
import type { Binaries } from "./binaries.ts";
import type { ClusterPaths } from "./cluster.ts";
import { processLife } from "./process-identity.ts";

const run = promisify(execFile);
const pollMs = 10;
/** A fast stop writes a checkpoint; an immediate one leaves that to the next start's recovery. */
const steps: readonly { readonly signal: Signal; readonly patienceMs: number }[] = [
  { signal: "SIGINT", patienceMs: 30_000 },
  { signal: "SIGQUIT", patienceMs: 10_000 },
];

/** A server that answers. `life` tells its process from a later one with the same pid. */
export interface Server {
  readonly pid: number;
  readonly life: string;
  readonly address: Address;
}

/** Stops the server, politely first, and waits until its process is gone. */
export async function stopServer(
  host: Host,
  server: Server,
  tools: { readonly binaries: Binaries; readonly paths: ClusterPaths },
): Promise<void> {
  for (const { signal, patienceMs } of steps) {
    if (await isGone(host, server)) return;
    // Windows knows no signals: a kill there would be a crash.
    if (host.platform === "win32")
      await run(tools.binaries.pgCtl, [
        "stop",
        "-D",
        tools.paths.data,
        "-m",
        signal === "SIGINT" ? "fast" : "immediate",
      ]);
    else sendSignal(host, server.pid, signal);
    for (let waited = 0; waited < patienceMs; waited += pollMs) {
      if (await isGone(host, server)) return;
      await wait(pollMs);
    }
  }
  throw new DatabaseFault(
    "stop_failed",
    `PostgreSQL (process ${server.pid}) does not stop. Look into ${tools.paths.log}; its data is safe, and the next start adopts it.`,
  );
}

async function isGone(host: Host, server: Server): Promise<boolean> {
  return (await processLife(host, server.pid)) !== server.life;
}

function sendSignal(host: Host, pid: number, signal: Signal): void {
  try {
    host.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
