/**
 * Who runs PostgreSQL. It refuses to run as root, so under root it gets
 * L1 the user who owns the data folder, if that is not root (it was made under L3 before);
 * L2 else a user namespace of its own (`unshare -U`), where root is nobody: works in any folder, root's own ones too;
 * L3 else, where namespaces are forbidden (most containers), a system user, if that one can reach the folder.
 */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { chown, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { DatabaseFault, errorCode, errorText } from "../database-fault.ts";
import type { Host } from "../host.ts";
import { notRunnable } from "./binaries.ts";

const run = promisify(execFile);

/** Users that L3 tries, in this order; all but the last are made for a service. */
const systemUsers = ["cistern", "postgres", "node", "nobody"];

/** Starts PostgreSQL's programs as somebody whom they accept. */
export interface Launcher {
  /** Gives a folder or file that we made to the user who will run the server. */
  handOver(path: string): Promise<void>;
  /** Runs a program to its end. */
  run(program: string, args: readonly string[], folder: string): Promise<void>;
  /** Starts a program in a process group of its own, so that Ctrl-C does not reach it; its output goes to `log`. */
  start(program: string, args: readonly string[], folder: string, log: number): ChildProcess;
}

interface Way {
  readonly prefix: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Chooses the way to run; `folder` is Cistern's folder, `dataFolder` the cluster in it, which need not exist yet. */
export async function findLauncher(
  host: Host,
  places: { readonly folder: string; readonly dataFolder: string; readonly program: string },
): Promise<Launcher> {
  const way = await findWay(host, places);
  const env = environment(host);
  const invoke = (program: string, args: readonly string[]) => {
    const [command = program, ...rest] = [...way.prefix, program, ...args];
    return { command, rest };
  };
  const options = (folder: string): SpawnOptions => ({ cwd: folder, env, ...way.user });
  return {
    handOver: async (path) => {
      if (way.user !== undefined) await chown(path, way.user.uid, way.user.gid);
    },
    run: async (program, args, folder) => {
      const { command, rest } = invoke(program, args);
      await run(command, rest, { cwd: folder, env, ...way.user }).catch((error: unknown) => {
        throw errorCode(error) === "ENOENT" ? notRunnable(program, error) : error;
      });
    },
    start: (program, args, folder, log) => {
      const { command, rest } = invoke(program, args);
      return spawn(command, rest, {
        ...options(folder),
        detached: true,
        stdio: ["ignore", log, log],
      });
    },
  };
}

async function findWay(
  host: Host,
  places: { readonly folder: string; readonly dataFolder: string; readonly program: string },
): Promise<Way> {
  if (host.geteuid?.() !== 0) return { prefix: [] };
  const owner = await ownerOf(places.dataFolder);
  if (owner !== undefined && owner.uid !== 0) return { prefix: [], user: owner };
  let forbidden: unknown;
  try {
    await run("unshare", ["-U", "true"], { env: environment(host) });
    return { prefix: ["unshare", "-U"] };
  } catch (error) {
    forbidden = error;
  }
  // A cluster of root's needs the namespace it was made in.
  if (owner === undefined)
    for (const user of await findUsers())
      if (await canReach(host, user, places)) return { prefix: [], user };
  throw new DatabaseFault(
    "cannot_run_as_root",
    `PostgreSQL refuses to run as root; a user namespace is forbidden here (${errorText(forbidden).trim()}), and none of the users ${systemUsers.join(", ")} can both reach ${places.folder} and run ${places.program}. Start Cistern as another user, or set DATABASE_URL to a PostgreSQL of yours.`,
    { cause: forbidden },
  );
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function findUsers(): Promise<readonly { uid: number; gid: number }[]> {
  const rows = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  return systemUsers.flatMap((name) => {
    const row = rows.find((fields) => fields[0] === name);
    return row === undefined ? [] : [{ uid: Number(row[2]), gid: Number(row[3]) }];
  });
}

async function canReach(
  host: Host,
  user: { readonly uid: number; readonly gid: number },
  places: { readonly folder: string; readonly program: string },
): Promise<boolean> {
  try {
    await run("/bin/sh", ["-c", 'cd "$1" && "$2" --version', "sh", places.folder, places.program], {
      cwd: "/",
      env: environment(host),
      ...user,
    });
    return true;
  } catch {
    return false;
  }
}

/** Ours without what would steer PostgreSQL's programs behind our back. */
function environment(host: Host): Record<string, string> {
  const env: Record<string, string> = { LC_ALL: "C" };
  for (const [name, value] of Object.entries(host.env))
    if (value !== undefined && !/^(PG|LC_|LANG)/.test(name)) env[name] = value;
  return env;
}
