import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("server-process.ts", import.meta.url));
const startMsMax = 60_000;

/** A Cistern server that runs in a process of its own; see `server-process.ts`. */
export class ServerProcess {
  readonly apiKey: string;
  readonly host: string;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, apiKey: string) {
    const { hostname, port } = new URL(url);
    this.#child = child;
    this.apiKey = apiKey;
    this.host = hostname;
    this.port = Number(port);
  }

  /** Starts a server on any free port and this database. */
  static async start(
    databaseUrl: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    const apiKey = `bench-${randomBytes(16).toString("hex")}`;
    const env = {
      ...process.env,
      DATABASE_URL: databaseUrl,
      HOST: "127.0.0.1",
      PORT: "0",
      CISTERN_API_KEY: apiKey,
      CISTERN_LOG: "error",
      ...settings,
    };
    const child = fork(program, { execArgv: ["--conditions=cistern-source"], env });
    const started: { url: string } = await answerOf(child, startMsMax);
    return new ServerProcess(child, started.url, apiKey);
  }

  /** CPU that the server has used since the last time it was asked, user and system, in milliseconds. */
  async cpuMs(): Promise<number> {
    this.#child.send("cpu");
    const used: { cpuMs: number } = await answerOf(this.#child, startMsMax);
    return used.cpuMs;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.send("stop");
    await exited;
  }
}

async function answerOf<T>(child: ChildProcess, msMax: number): Promise<T> {
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(msMax)]);
  try {
    const answer = once(child, "message", { signal });
    const end = once(child, "exit", { signal }).then(([code]) => {
      throw new Error(`The server ended (${code}); what it said stands above`);
    });
    const [text] = await Promise.race([answer, end]);
    return JSON.parse(text);
  } finally {
    settled.abort();
  }
}
