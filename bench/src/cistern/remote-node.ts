import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("node-process.ts", import.meta.url));

/** What callers inside a node's process shall do. */
export interface RemoteRun {
  readonly callers: number;
  readonly durationMs: number;
  readonly workspaceIds: readonly string[];
  /** Prefix of the idempotency keys, unique to this run and node. */
  readonly run: string;
}

/** What they did. */
interface RemoteResult {
  readonly pairs: number;
  readonly elapsedMs: number;
}

/** A node with its callers in a process of its own. */
export class RemoteNode {
  readonly #child: ChildProcess;
  #waiting: PromiseWithResolvers<RemoteResult> | undefined;

  private constructor(connectionString: string) {
    this.#child = fork(program, [connectionString], { execArgv: ["--conditions=cistern-source"] });
    this.#child.on("message", (message) => this.#receive(message));
    this.#child.on("exit", (code, signal) =>
      this.#waiting?.reject(new Error(`A node's process ended (${signal ?? code})`)),
    );
  }

  static async start(connectionString: string): Promise<RemoteNode> {
    const node = new RemoteNode(connectionString);
    node.#waiting = Promise.withResolvers();
    await node.#waiting.promise;
    return node;
  }

  /** One run at a time. */
  async run(run: RemoteRun): Promise<RemoteResult> {
    this.#waiting = Promise.withResolvers();
    this.#child.send(JSON.stringify(run));
    return this.#waiting.promise;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #receive(message: unknown): void {
    if (typeof message !== "string") throw new TypeError("A result comes as JSON text");
    const answer: { result?: RemoteResult; failure?: string } = JSON.parse(message);
    if (answer.result !== undefined) this.#waiting?.resolve(answer.result);
    else this.#waiting?.reject(new Error(`A node failed: ${answer.failure}`));
  }
}
