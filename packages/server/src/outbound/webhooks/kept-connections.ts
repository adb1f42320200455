/**
 * Owns connections that are kept from one event to the next, so that a burst does not shake hands for each.
 *
 * K1 a connection goes to the one address that was looked at when it was made; a name that changes its answer does not move it. K2 it is let go of after four
 * seconds without a request, and after a minute in all, so that whoever moves a name is followed. K3 each new one checks the certificate: no session is kept.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import type { EngineClock } from "../../engine/index.ts";

/** By protocol. */
export interface KeptConnections {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

const idleMsMax = 4_000;
const keptMsMax = 60_000;
/** To one host and port: as many as are sent to an endpoint at once. */
const idleMax = 8;

/** See the file head. */
export function keptConnections({ now }: Pick<EngineClock, "now">): KeptConnections {
  const kept = { keepAlive: true, maxFreeSockets: idleMax, timeout: idleMsMax };
  const connections = {
    http: new HttpAgent(kept),
    https: new HttpsAgent({ ...kept, maxCachedSessions: 0 }),
  };
  const since = new WeakMap<Socket, number>();
  const onFree = (socket: Socket): void => {
    const first = since.get(socket) ?? now();
    since.set(socket, first);
    if (now() - first >= keptMsMax) socket.destroy();
  };
  connections.http.on("free", onFree);
  connections.https.on("free", onFree);
  return connections;
}
