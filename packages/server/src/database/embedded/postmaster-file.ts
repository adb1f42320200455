import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../database-fault.ts";

/** What a running server says of itself in `postmaster.pid`, the lock file of its data folder. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** Folder of its socket; empty when it has none. */
  readonly socketFolder: string;
  readonly status: "starting" | "ready" | "stopping";
}

/** Reads the lock file; `undefined` when there is none, or it is not written in full yet. */
export async function readPostmasterFile(dataFolder: string): Promise<PostmasterFile | undefined> {
  const lines = await readLines(dataFolder);
  const [pid, , , port, socketFolder, , , status] = lines ?? [];
  if (pid === undefined || !/^\d+$/.test(pid)) return undefined;
  return {
    pid: Number(pid),
    port: Number(port ?? 0),
    socketFolder: socketFolder ?? "",
    status: parseStatus(status?.trim()),
  };
}

/**
 * Unlocks a data folder whose server is gone, while its pid may be a stranger's by now, or a zombie's. Our own pid takes its
 * place: PostgreSQL sees its parent there and goes on, and still looks whether backends of the old server hold its shared
 * memory, which it could not if the file were removed. The socket's lock guards nothing more.
 */
export async function unlockDataFolder(dataFolder: string, pid: number): Promise<void> {
  const lines = await readLines(dataFolder);
  if (lines === undefined) return;
  await writeFile(join(dataFolder, "postmaster.pid"), [String(pid), ...lines.slice(1)].join("\n"));
  for (const name of await readdir(dataFolder))
    if (/^\.s\.PGSQL\.\d+\.lock$/.test(name)) await rm(join(dataFolder, name), { force: true });
}

async function readLines(dataFolder: string): Promise<readonly string[] | undefined> {
  try {
    return (await readFile(join(dataFolder, "postmaster.pid"), "utf8")).split("\n");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseStatus(status: string | undefined): PostmasterFile["status"] {
  if (status === "ready" || status === "standby") return "ready";
  return status === "stopping" ? "stopping" : "starting";
}
