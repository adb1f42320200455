// Owns: that one process works with a journal's file. A lock is the file `<path>.lock` with who holds it; the holder touches it
// now and then. L1: it is stale where its process is gone, or where nobody touched it for `staleMs` (a crash on another machine). A lock of
// our own number that is not ours is of a process before us: in a container each start has the same one.
// L2: a stale lock is moved aside before it is replaced, so that of two who find it only one goes on.
import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, stat, unlink, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";

/** The journal's file belongs to a process that lives. */
export class JournalInUse extends Error {
  constructor(path: string, holder: string) {
    super(`${path} is in use by ${holder}. Give each process a journal of its own.`);
    this.name = "JournalInUse";
  }
}

/** A lock that is held. */
export interface FileLock {
  /** Whether it still is ours; a process that was stopped for long may have lost it. */
  isOurs(): Promise<boolean>;
  touch(): Promise<void>;
  release(): Promise<void>;
}

const staleMs = 60_000;
const attemptsMax = 5;

/** Mutable: the tokens of the locks that this process holds. */
const held = new Set<string>();

/** Takes the lock, or says who has it. */
export async function lockFile(path: string, now: () => number): Promise<FileLock> {
  const lockPath = `${path}.lock`;
  const token = randomUUID();
  const content = JSON.stringify({ process: process.pid, host: hostname(), token });
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    held.add(token);
    if (await createFile(lockPath, content)) return heldLock(lockPath, { content, token }, now);
    held.delete(token);
    const holder = await holderOf(lockPath);
    if (holder === undefined) continue;
    if (!holder.isStale(now())) throw new JournalInUse(path, holder.name);
    await moveAside(lockPath, holder.content, token);
  }
  throw new JournalInUse(path, "processes that start at the same time");
}

async function createFile(path: string, content: string): Promise<boolean> {
  try {
    const handle = await open(path, "wx");
    await handle.writeFile(content);
    await handle.close();
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

interface Holder {
  readonly content: string;
  readonly name: string;
  isStale(now: number): boolean;
}

/** Who has the lock; `undefined` where it is gone by now. */
async function holderOf(lockPath: string): Promise<Holder | undefined> {
  try {
    const content = await readFile(lockPath, "utf8");
    const { mtimeMs } = await stat(lockPath);
    const { pid, host, token } = readHolder(content);
    const isOver =
      pid === process.pid ? !held.has(token ?? "") : pid !== undefined && !isAlive(pid);
    const isGone = host === hostname() && isOver;
    return {
      content,
      name: `process ${pid ?? "?"} on ${host ?? "?"}`,
      isStale: (now) => isGone || now - mtimeMs > staleMs,
    };
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

interface Named {
  readonly pid: number | undefined;
  readonly host: string | undefined;
  readonly token: string | undefined;
}

function readHolder(content: string): Named {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === "object" && value !== null && "process" in value && "host" in value)
      return {
        pid: typeof value.process === "number" ? value.process : undefined,
        host: typeof value.host === "string" ? value.host : undefined,
        token: "token" in value && typeof value.token === "string" ? value.token : undefined,
      };
  } catch {
    // A lock whose writer died half-way names nobody, and ends by its age.
  }
  return { pid: undefined, host: undefined, token: undefined };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

async function moveAside(lockPath: string, stale: string, token: string): Promise<void> {
  const aside = `${lockPath}.${token}`;
  try {
    await rename(lockPath, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  const moved = await readFile(aside, "utf8");
  try {
    // Somebody replaced the stale lock in between, and it was theirs that moved: give it back.
    if (moved !== stale) await link(aside, lockPath);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(aside);
  }
}

function heldLock(
  lockPath: string,
  { content, token }: { readonly content: string; readonly token: string },
  now: () => number,
): FileLock {
  const isOurs = async () => {
    try {
      return (await readFile(lockPath, "utf8")) === content;
    } catch (error) {
      if (isCode(error, "ENOENT")) return false;
      throw error;
    }
  };
  return {
    isOurs,
    touch: async () => {
      const seconds = now() / 1000;
      if (await isOurs()) await utimes(lockPath, seconds, seconds);
    },
    release: async () => {
      if (await isOurs()) await unlink(lockPath);
      held.delete(token);
    },
  };
}

/** Whether an error of the system has this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
