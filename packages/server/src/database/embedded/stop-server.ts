import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { DatabaseFault, errorCode } from "../database-fault.ts";
import type { Host } from "../host.ts";
import { isGone } from "./server.ts";
import type { Server, ServerOrder } from "./server.ts";

const run = promisify(execFile);
const pollMs = 10;

/** A fast stop writes a checkpoint; an immediate one leaves that to the recovery of the next start. */
const steps = [
  { signal: "SIGINT", mode: "fast", patienceMs: 30_000 },
  { signal: "SIGQUIT", mode: "immediate", patienceMs: 10_000 },
] as const;

/** Stops the server, politely first, and waits until its process is gone. */
export async function stopServer(
  order: Pick<ServerOrder, "host" | "binaries" | "paths">,
  server: Server,
): Promise<void> {
  const { host, binaries, paths } = order;
  for (const { signal, mode, patienceMs } of steps) {
    if (await isGone(host, server)) return;
    // Windows knows no signals: a kill there would be a crash.
    if (host.platform === "win32")
      await run(binaries.pgCtl, ["stop", "-D", paths.data, "-m", mode, "--no-wait"]);
    else sendSignal(host, server.pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
      if (await isGone(host, server)) return;
      await wait(pollMs);
    }
  }
  throw new DatabaseFault(
    "stop_failed",
    `PostgreSQL (process ${server.pid}) does not stop. Look into ${paths.log}; its data is safe, and the next start adopts it.`,
  );
}

function sendSignal(host: Host, pid: number, signal: "SIGINT" | "SIGQUIT"): void {
  try {
    host.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
