/**
 * The files of an embedded server. All live in Cistern's folder:
 * `postgres/` the data, `postgres.log` the server's words, `postgres.password`, and the socket when its path is short enough.
 */
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseFault, errorCode, errorText } from "../database-fault.ts";
import type { Binaries } from "./binaries.ts";
import type { Launcher } from "./launcher.ts";

/** The only user of an embedded server, and the name of its database. */
export const clusterUser = "cistern";
const majorVersion = "18";

/** Where the parts of an embedded server are. */
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

/** Makes the cluster, unless it is there; one that was made halfway (a kill during the first start) is made afresh. */
export async function ensureCluster(
  paths: ClusterPaths,
  tools: {
    readonly binaries: Binaries;
    readonly launcher: Launcher;
    readonly randomUuid: () => string;
  },
): Promise<void> {
  const version = await readVersion(paths.data);
  if (version === majorVersion) return;
  if (version !== undefined)
    throw new DatabaseFault(
      "incompatible_data",
      `${paths.data} was written by PostgreSQL ${version}; this Cistern brings ${majorVersion}. Dump it with the old version and load it into a new folder, or set DATABASE_URL to a PostgreSQL of yours.`,
    );
  const { binaries, launcher } = tools;
  const draft = `${paths.data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await launcher.handOver(draft);
  await writeFile(paths.password, tools.randomUuid(), { mode: 0o600 });
  await launcher.handOver(paths.password);
  // The socket lies behind a folder and a mode that only its owner passes; over TCP the password is asked for.
  const auth = ["--auth-local=trust", "--auth-host=scram-sha-256", `--pwfile=${paths.password}`];
  const locale = [
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
  ];
  try {
    await launcher.run(
      binaries.initdb,
      ["-D", draft, "-U", clusterUser, ...auth, ...locale, "--no-instructions"],
      paths.folder,
    );
  } catch (error) {
    if (error instanceof DatabaseFault) throw error;
    throw new DatabaseFault(
      "start_failed",
      `initdb could not make ${draft}: ${errorText(error).trim()}. Check that the disk has room and the folder is writable.`,
      { cause: error },
    );
  }
  await rename(draft, paths.data);
  await syncFolder(paths.folder);
}

/** The last lines that the server wrote, for a message. */
export async function readLogTail(paths: ClusterPaths): Promise<string> {
  const text = await readFile(paths.log, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-5).join("\n");
}

async function readVersion(dataFolder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataFolder, "PG_VERSION"), "utf8")).trim();
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw incompatibleOwner(dataFolder, error);
    if (await isThere(dataFolder))
      throw new DatabaseFault(
        "incompatible_data",
        `${dataFolder} is there, but holds no PostgreSQL data. Move it away, or give Cistern another folder in CISTERN_DATA.`,
      );
    return undefined;
  }
}

function incompatibleOwner(dataFolder: string, cause: unknown): DatabaseFault {
  return new DatabaseFault(
    "incompatible_data",
    `Cannot read ${dataFolder}: ${errorText(cause)}. Start Cistern as the user who owns it, or give it another folder in CISTERN_DATA.`,
    { cause },
  );
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A rename is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Windows cannot sync a folder.
    if (errorCode(error) !== "EPERM" && errorCode(error) !== "EISDIR") throw error;
  } finally {
    await handle.close();
  }
}
