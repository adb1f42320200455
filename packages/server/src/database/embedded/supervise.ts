import { setTimeout as wait } from "node:timers/promises";
import { DatabaseFault, databaseFault } from "../database-fault.ts";
import { adoptServer } from "./adopt.ts";
import { launchServer } from "./launch.ts";
import { isGone } from "./server.ts";
import type { Server, ServerOrder } from "./server.ts";
import { stopServer } from "./stop-server.ts";

const watchMs = 250;
const retryMsMax = 10_000;

/** A server that is being watched. */
export interface Supervised {
  /** The postmaster of this moment. */
  pid(): number;
  /** Ends the watch, then the server. */
  stop(): Promise<void>;
}

/** E6: looks whether the server still lives, and starts it again where its clients look for it. */
export function supervise(
  order: ServerOrder,
  first: Server,
  tell: (fault: DatabaseFault) => void,
): Supervised {
  let server = first;
  const end = new AbortController();
  const watching = watch();
  return {
    pid: () => server.pid,
    stop: async () => {
      end.abort();
      await watching;
      await stopServer(order, server);
    },
  };

  async function watch(): Promise<void> {
    let pauseMs = watchMs;
    while (await isUndisturbed(pauseMs, end.signal)) {
      if (!(await isGone(order.host, server))) continue;
      try {
        if (pauseMs === watchMs) tell(lostServer(order, server));
        server = await startAgain(order, server, end.signal);
        pauseMs = watchMs;
      } catch (error) {
        if (end.signal.aborted) return;
        tell(databaseFault(error, "Starting PostgreSQL again"));
        pauseMs = Math.min(pauseMs * 2, retryMsMax);
      }
    }
  }
}

/** An operator may have been faster (`pg_ctl restart`). */
async function startAgain(order: ServerOrder, lost: Server, signal: AbortSignal): Promise<Server> {
  const { host, paths, startMs } = order;
  const found = await adoptServer(host, paths, { startMs, signal });
  return found ?? launchServer(order, { address: lost.address, signal });
}

/** Waits, without keeping the process alive; false when the wait was ended. */
async function isUndisturbed(pauseMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(pauseMs, undefined, { ref: false, signal });
    return true;
  } catch {
    return false;
  }
}

function lostServer(order: ServerOrder, server: Server): DatabaseFault {
  return new DatabaseFault(
    "unavailable",
    `PostgreSQL (process ${server.pid}) has ended by itself; it is being started again. The reason is in ${order.paths.log}.`,
  );
}
