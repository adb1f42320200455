import type { Host } from "../host.ts";
import type { Address } from "./address.ts";
import type { Binaries } from "./binaries.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import { processLife } from "./process-identity.ts";

/** A server that answers. `life` tells its process from a later one with the same pid. */
export interface Server {
  readonly pid: number;
  readonly life: string;
  readonly address: Address;
}

/** All that it takes to start the server of one folder. */
export interface ServerOrder {
  readonly host: Host;
  readonly paths: ClusterPaths;
  readonly binaries: Binaries;
  readonly settings: Readonly<Record<string, string>>;
  readonly startMs: number;
  readonly randomUuid: () => string;
}

/** Whether the server's process has ended. */
export async function isGone(host: Host, server: Server): Promise<boolean> {
  return (await processLife(host, server.pid)) !== server.life;
}
