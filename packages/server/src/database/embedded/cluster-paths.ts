import { join } from "node:path";

/** The only user of an embedded server, and the name of its database. */
export const clusterUser = "cistern";

/**
 * The files of an embedded server, all in Cistern's folder: `postgres/` the data and the socket, `postgres.log` what the
 * server says, `postgres.password` for TCP.
 */
export interface ClusterPaths {
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly password: string;
}

/** The paths under one folder. */
export function clusterPaths(folder: string): ClusterPaths {
  return {
    folder,
    data: join(folder, "postgres"),
    log: join(folder, "postgres.log"),
    password: join(folder, "postgres.password"),
  };
}
