import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** How often Redis makes its log durable: before every answer, or once a second (a crash loses that second). */
export type Appendfsync = "always" | "everysec";

export interface RedisServer {
  /** Its Unix socket: PostgreSQL is spoken to over one too. */
  readonly socketPath: string;
  stop(): Promise<void>;
}

const startPatienceMs = 10_000;

/** The version of the `redis-server` on the PATH; nothing where there is none. */
export function findRedis(): string | undefined {
  try {
    const answer = execFileSync("redis-server", ["--version"], { encoding: "utf8" });
    return /v=(\S+)/u.exec(answer)?.[1] ?? "of unknown version";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Starts a Redis with its log in `folder`, on the same disk as PostgreSQL. It never rewrites the log and takes no snapshots. */
export async function startRedis(folder: string, appendfsync: Appendfsync): Promise<RedisServer> {
  await mkdir(folder, { recursive: true });
  const socketPath = join(folder, "redis.sock");
  const settings = {
    port: 0,
    unixsocket: socketPath,
    dir: folder,
    appendonly: "yes",
    appendfsync,
    "auto-aof-rewrite-percentage": 0,
    save: "",
  };
  const child = spawn(
    "redis-server",
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: "ignore" },
  );
  const exited = once(child, "exit");
  try {
    await untilItAnswers(socketPath);
  } catch (error) {
    child.kill("SIGKILL");
    await exited;
    throw error;
  }
  return {
    socketPath,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function untilItAnswers(socketPath: string): Promise<void> {
  const deadline = performance.now() + startPatienceMs;
  for (;;) {
    const socket = connect(socketPath);
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (performance.now() > deadline)
        throw new Error(`Redis does not answer on ${socketPath}`, { cause: error });
      await wait(20);
    } finally {
      socket.destroy();
    }
  }
}
