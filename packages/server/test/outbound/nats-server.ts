/**
 * The server that takes our events in tests: Debian's nats-server, on a port of its own. Where CISTERN_REQUIRE_NATS_SERVER is set
 * (the continuous integration does), its absence is a failure; elsewhere the tests say that nobody judged.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after } from "node:test";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { type NodeConnectionOptions, connect } from "@nats-io/transport-node";

const isRequired =
  process.env["CISTERN_REQUIRE_NATS_SERVER"] !== undefined || process.env["CI"] !== undefined;
/** Debian puts it where only root looks. */
const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
const isThere = spawnSync("nats-server", ["--version"], { env }).error === undefined;

/** Whether there is a server to be started. A test that lacks it is skipped, loudly, and fails where it is required. */
export function hasNats(t: TestContext): boolean {
  if (isThere) return true;
  const advice =
    "nats-server not found: NOBODY JUDGED THE STREAMS. Install it with `apt-get install nats-server`.";
  assert(!isRequired, advice);
  process.stderr.write(`SKIPPED ${t.name}: ${advice}\n`);
  t.skip(advice);
  return false;
}

/** A message as a stream has it. */
export interface Stored {
  readonly seq: number;
  readonly subject: string;
  readonly messageId: string | undefined;
  readonly contentType: string | undefined;
  /** Where its event is told whole, if it is not here. */
  readonly dataref: string | undefined;
  readonly text: string;
}

/** A server with JetStream, that may be killed and started again on the same port with the same files. */
export interface NatsServer {
  readonly host: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** All messages of a stream, oldest first. */
  stored(stream: string): Promise<readonly Stored[]>;
}

/** How one is set up. */
export interface NatsSetting {
  /** Lines of its configuration. */
  readonly config?: string;
  /** How tests read what it has. */
  readonly access?: NodeConnectionOptions;
}

/** Starts one; it is gone after the file. */
export async function startNats({
  config = "",
  access = {},
}: NatsSetting = {}): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-nats-"));
  let child: ChildProcess | undefined;
  let port = "-1";
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const start = async (): Promise<void> => {
    const configFile = join(folder, "nats.conf");
    await writeFile(configFile, config);
    const args = ["-c", configFile, "-js", "-sd", folder, "-a", "127.0.0.1", "-p", port];
    child = spawn("nats-server", args, { env, stdio: ["ignore", "ignore", "pipe"] });
    port = await portOf(child);
  };
  after(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return {
    get host() {
      return `127.0.0.1:${port}`;
    },
    start,
    kill,
    stored: (stream) => storedIn({ servers: `127.0.0.1:${port}`, ...access }, stream),
  };
}

/** Resolves when it is ready. Its log is read until it ends: it dies of a pipe that is closed. */
function portOf(child: ChildProcess): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      const [, port] = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (port !== undefined && said.includes("Server is ready")) resolve(port);
    });
    child.once("exit", () => reject(new Error(`nats-server ended: ${said}`)));
  });
}

async function storedIn(access: NodeConnectionOptions, stream: string): Promise<readonly Stored[]> {
  const connection = await connect(access);
  try {
    const manager = await jetstreamManager(connection);
    const names = await Array.fromAsync(manager.streams.names());
    // The sink makes it with its first event.
    if (!names.includes(stream)) return [];
    const { messages } = (await manager.streams.info(stream)).state;
    if (messages === 0) return [];
    const consumer = await jetstream(connection).consumers.get(stream);
    const found: Stored[] = [];
    for await (const one of await consumer.consume()) {
      found.push({
        seq: one.seq,
        subject: one.subject,
        messageId: one.headers?.get("Nats-Msg-Id"),
        contentType: one.headers?.get("Content-Type"),
        dataref: one.headers?.has("Cistern-Dataref")
          ? one.headers.get("Cistern-Dataref")
          : undefined,
        text: one.string(),
      });
      if (found.length === messages) break;
    }
    return found;
  } finally {
    await connection.close();
  }
}
