/**
 * Where an embedded server listens: on a socket in its data folder, which is faster than TCP and needs neither a port nor a
 * password; where the path is too long for a socket, or on Windows, on a free port of the loopback address, with the password.
 */
import { createServer } from "node:net";
import { readFile } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { DatabaseFault, errorText } from "../database-fault.ts";
import type { Host } from "../host.ts";
import { clusterUser } from "./cluster-paths.ts";
import type { ClusterPaths } from "./cluster-paths.ts";

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, its closing zero included. */
const socketPathBytesMax = 103;
/** Only a part of the socket's name: nothing listens on it over TCP. */
const socketPort = 5432;

/** One place to listen. */
export type Address =
  | { readonly kind: "socket"; readonly folder: string; readonly port: number }
  | { readonly kind: "tcp"; readonly port: number };

/** Chooses where a server of this folder shall listen. */
export async function chooseAddress(host: Host, paths: ClusterPaths): Promise<Address> {
  const socket = join(paths.data, `.s.PGSQL.${socketPort}`);
  if (
    host.platform !== "win32" &&
    Buffer.byteLength(socket) <= socketPathBytesMax &&
    !socket.includes(",")
  )
    return { kind: "socket", folder: paths.data, port: socketPort };
  return { kind: "tcp", port: await freePort() };
}

/** The connection string of the embedded database at this address. */
export async function connectionStringOf(
  address: Address,
  paths: ClusterPaths,
  database: string,
): Promise<string> {
  if (address.kind === "socket")
    return `postgresql://${clusterUser}@localhost:${address.port}/${database}?host=${encodeURIComponent(address.folder)}`;
  const password = await readPassword(paths);
  return `postgresql://${clusterUser}:${encodeURIComponent(password)}@127.0.0.1:${address.port}/${database}`;
}

async function readPassword(paths: ClusterPaths): Promise<string> {
  try {
    return (await readFile(paths.password, "utf8")).trim();
  } catch (cause) {
    throw new DatabaseFault(
      "incompatible_data",
      `Cannot read the password of the embedded PostgreSQL: ${errorText(cause)}. Put ${paths.password} back, or use a folder with a shorter path, where none is needed.`,
      { cause },
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address !== null) resolve(address.port);
  });
  const port = await promise;
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  return port;
}
