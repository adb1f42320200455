/**
 * Owns one `cistern serve` in a process of its own, at an address that it keeps over its lives.
 *
 * P1 a node that was killed is gone before `kill` answers. P2 `start` answers when the node is ready. P3 no life outlives us.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { guardChild } from "./guardian.ts";

/** Where a node works, and on what. */
export interface NodeOrder {
  readonly name: string;
  readonly databaseUrl: string;
  readonly apiKey: string;
  /** For its log and whatever it writes beside the database. */
  readonly folder: string;
}

const program = fileURLToPath(new URL("../../../packages/server/src/cli/main.ts", import.meta.url));
const readyMsMax = 60_000;
const stopMsMax = 15_000;
const logTailCharacters = 4_000;
const alarmCharacters = 400;
/** SQLSTATEs of the classes 22, 23 and 42 are mistakes of ours, and no outage. */
const alarming = /"code":"(workspace_stopped|tail_lost|(22|23|42)\w{3})"/;

/** One node; see the file head. */
export class CisternNode {
  readonly name: string;
  readonly url: string;
  readonly #order: NodeOrder;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #isFrozen = false;
  /** When it was last woken, on the clock of `performance.now()`. */
  wokenAt: number | undefined;

  constructor(order: NodeOrder, port: number) {
    this.#order = order;
    this.#port = port;
    this.name = order.name;
    this.url = `http://127.0.0.1:${port}`;
  }

  get #log(): string {
    return join(this.#order.folder, `${this.name}.log`);
  }

  /** Begins a life and waits until the node says that it is ready. */
  async start(): Promise<void> {
    const log = openSync(this.#log, "a");
    const child = spawn(process.execPath, ["--conditions=cistern-source", program, "serve"], {
      cwd: this.#order.folder,
      env: {
        PATH: process.env["PATH"],
        HOST: "127.0.0.1",
        PORT: String(this.#port),
        DATABASE_URL: this.#order.databaseUrl,
        CISTERN_API_KEY: this.#order.apiKey,
        CISTERN_DATA: join(this.#order.folder, `${this.name}-data`),
      },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    guardChild(child);
    this.#child = child;
    this.#isFrozen = false;
    for (let waitedMs = 0; waitedMs < readyMsMax; waitedMs += 25) {
      if (isOver(child)) break;
      if (await this.#isReady()) return;
      await wait(25);
    }
    throw new Error(`Node ${this.name} did not become ready:\n${await this.logTail()}`);
  }

  /** SIGKILL, in whatever state it is. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL", stopMsMax);
  }

  /** SIGSTOP: it keeps its sockets, its cache and its connections, and does nothing. */
  freeze(): void {
    this.#isFrozen = true;
    this.#living().kill("SIGSTOP");
  }

  /** SIGCONT: it goes on where it was, with what has come in meanwhile. */
  wake(): void {
    this.#living().kill("SIGCONT");
    this.#isFrozen = false;
    this.wokenAt = performance.now();
  }

  /** Ends it politely, else by force. Does nothing where it is not alive. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || isOver(child)) return;
    if (this.#isFrozen) this.wake();
    if (await this.#end("SIGTERM", stopMsMax)) return;
    await this.kill();
    throw new Error(`Node ${this.name} did not stop on SIGTERM:\n${await this.logTail()}`);
  }

  /** Lines of its log that no storm may cause: a workspace that it stopped, a tail that it thinks is lost, a refused statement. */
  async alarms(): Promise<readonly string[]> {
    const lines = (await readFile(this.#log, "utf8")).split("\n");
    return lines
      .filter((line) => alarming.test(line))
      .map((line) => line.slice(0, alarmCharacters));
  }

  /** The end of what it printed. */
  async logTail(): Promise<string> {
    return (await readFile(this.#log, "utf8")).slice(-logTailCharacters);
  }

  #living(): ChildProcess {
    const child = this.#child;
    if (child === undefined || isOver(child)) throw new Error(`Node ${this.name} is not alive.`);
    return child;
  }

  async #end(signal: "SIGTERM" | "SIGKILL", patienceMs: number): Promise<boolean> {
    const child = this.#living();
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), patienceMs);
    try {
      const ended = once(child, "exit", { signal: patience.signal });
      child.kill(signal);
      await ended;
      return true;
    } catch (error) {
      if (!patience.signal.aborted) throw error;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) });
      await response.text();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/** A node at a port that is free now. */
export async function createNode(order: NodeOrder): Promise<CisternNode> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return new CisternNode(order, address.port);
}

const isOver = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;
