import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseFault, errorCode, errorText } from "../database-fault.ts";
import type { Binaries } from "./binaries.ts";
import { clusterUser } from "./cluster-paths.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import type { Launcher } from "./launcher.ts";

const majorVersion = "18";

/** Makes the cluster, unless it is there. A kill halfway leaves a draft, which the next start throws away. */
export async function ensureCluster(
  paths: ClusterPaths,
  tools: {
    readonly binaries: Binaries;
    readonly launcher: Launcher;
    readonly randomUuid: () => string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const version = await readVersion(paths.data);
  if (version === majorVersion) return;
  if (version !== undefined)
    throw new DatabaseFault(
      "incompatible_data",
      `${paths.data} was written by PostgreSQL ${version}; this Cistern brings ${majorVersion}. Dump it with the old version and load it into a new folder, or set DATABASE_URL to a PostgreSQL of yours.`,
    );
  tools.signal?.throwIfAborted();
  await dropDrafts(paths);
  const { launcher } = tools;
  // A name of its own: the initdb of a killed Cistern may still be writing to an older draft.
  const draft = `${paths.data}.new-${tools.randomUuid()}`;
  await mkdir(draft, { mode: 0o700 });
  await launcher.handOver(draft);
  await writeFile(paths.password, tools.randomUuid(), { mode: 0o600 });
  await launcher.handOver(paths.password);
  try {
    await launcher.run(tools.binaries.initdb, initArguments(paths, draft), tools.signal);
  } catch (error) {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
    tools.signal?.throwIfAborted();
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

function initArguments(paths: ClusterPaths, draft: string): readonly string[] {
  return [
    "-D",
    draft,
    `--username=${clusterUser}`,
    "--no-instructions",
    // The socket lies behind a folder and a mode that only its owner passes; over TCP the password is asked for.
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    `--pwfile=${paths.password}`,
    // The same order of text on every machine.
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
  ];
}

async function dropDrafts(paths: ClusterPaths): Promise<void> {
  const prefix = `${basename(paths.data)}.new-`;
  for (const name of await readdir(paths.folder))
    if (name.startsWith(prefix))
      await rm(join(paths.folder, name), { recursive: true, force: true, maxRetries: 5 });
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
