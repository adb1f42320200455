/**
 * Who runs PostgreSQL. It refuses to run as root, so under root it gets
 * L1 the user who owns the data folder, if that is not root (it was made under L3 before);
 * L2 else a user namespace of its own (`unshare -U`), where root is nobody: works in any folder, root's own ones too;
 * L3 else, where namespaces are forbidden (most containers), a system user, if that one can reach folder and programs.
 */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { chmod, chown, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { DatabaseFault, errorCode, errorText } from "../database-fault.ts";
import type { Host } from "../host.ts";
import { notRunnable } from "./binaries.ts";
import type { ClusterPaths } from "./cluster-paths.ts";

const run = promisify(execFile);

/** Users that L3 tries, in this order; all but the last are made for a service. */
const systemUsers = ["cistern", "postgres", "node", "nobody"];

/** Starts PostgreSQL's programs as somebody whom they accept. */
export interface Launcher {
  /** Gives a folder or file that we made to the user who will run the server. */
  handOver(path: string): Promise<void>;
  /** Runs a program to its end. */
  run(program: string, args: readonly string[], signal: AbortSignal | undefined): Promise<void>;
  /** Starts a program in a process group of its own, so that Ctrl-C does not reach it; its output goes to `log`. */
  start(program: string, args: readonly string[], folder: string, log: number): ChildProcess;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

interface Way {
  readonly prefix: readonly string[];
  readonly user?: User;
}

/** Chooses the way to run `program` on the data of `paths`, which need not exist yet. */
export async function findLauncher(
  host: Host,
  paths: ClusterPaths,
  program: string,
): Promise<Launcher> {
  const { prefix, user } = await findWay(host, paths, program);
  const env = environment(host);
  const commandLine = (name: string, args: readonly string[]) => {
    const [command = name, ...rest] = [...prefix, name, ...args];
    return { command, rest };
  };
  return {
    handOver: async (path) => {
      if (user !== undefined) await chown(path, user.uid, user.gid);
    },
    run: async (name, args, signal) => {
      const { command, rest } = commandLine(name, args);
      await runToEnd(spawn(command, rest, { cwd: paths.folder, env, ...user }), signal).catch(
        (error: unknown) => {
          throw errorCode(error) === "ENOENT" ? notRunnable(name, error) : error;
        },
      );
    },
    start: (name, args, folder, log) => {
      const { command, rest } = commandLine(name, args);
      const stdio = ["ignore" as const, log, log];
      return spawn(command, rest, { cwd: folder, env, ...user, detached: true, stdio });
    },
  };
}

/** Rejects with what the program said; after an abort too, only once the program has ended. */
async function runToEnd(
  child: ChildProcessWithoutNullStreams,
  signal: AbortSignal | undefined,
): Promise<void> {
  const words: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => words.push(text));
  child.stdout.resume();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("error", reject);
  child.once("close", (status) => {
    if (status === 0) resolve();
    else reject(new Error(words.join("").trim()));
  });
  const kill = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", kill);
  try {
    await promise;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

async function findWay(host: Host, paths: ClusterPaths, program: string): Promise<Way> {
  if (host.geteuid?.() !== 0) return { prefix: [] };
  const owner = await ownerOf(paths.data);
  if (owner !== undefined && owner.uid !== 0) return { prefix: [], user: owner };
  let refusal: unknown;
  try {
    await run("unshare", ["-U", "true"], { env: environment(host) });
    return { prefix: ["unshare", "-U"] };
  } catch (error) {
    refusal = error;
  }
  // Data that root owns can only be served in the namespace that it was made in.
  const user = owner === undefined ? await findSystemUser(host, paths, program) : undefined;
  if (user !== undefined) return { prefix: [], user };
  throw new DatabaseFault(
    "cannot_run_as_root",
    `PostgreSQL refuses to run as root, user namespaces are forbidden here (${errorText(refusal).trim()}), and none of the users ${systemUsers.join(", ")} can serve ${paths.folder} with ${program}. Start Cistern as another user, or set DATABASE_URL to a PostgreSQL of yours.`,
    { cause: refusal },
  );
}

async function ownerOf(path: string): Promise<User | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function findSystemUser(
  host: Host,
  paths: ClusterPaths,
  program: string,
): Promise<User | undefined> {
  // Passing through Cistern's own folder is allowed; whatever lies in it keeps a mode of its own.
  const { mode } = await stat(paths.folder);
  await chmod(paths.folder, (mode & 0o777) | 0o011);
  const rows = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of systemUsers) {
    const [, , uid, gid] = rows.find((fields) => fields[0] === name) ?? [];
    if (uid === undefined || gid === undefined) continue;
    const user = { uid: Number(uid), gid: Number(gid) };
    if (await canServe(host, user, paths, program)) return user;
  }
  await chmod(paths.folder, mode & 0o777);
  return undefined;
}

async function canServe(
  host: Host,
  user: User,
  paths: ClusterPaths,
  program: string,
): Promise<boolean> {
  const args = ["-c", 'cd "$1" && "$2" --version', "sh", paths.folder, program];
  return run("/bin/sh", args, { cwd: "/", env: environment(host), ...user }).then(
    () => true,
    () => false,
  );
}

/** Ours without what would steer PostgreSQL's programs behind our back. */
function environment(host: Host): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(host.env))
    if (value !== undefined && !/^(PG|LC_|LANG)/.test(name)) env[name] = value;
  return { ...env, LC_ALL: "C" };
}
