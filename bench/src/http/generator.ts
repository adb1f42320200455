import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Job, JobResult } from "./job.ts";

const program = fileURLToPath(new URL("generator-process.ts", import.meta.url));

/** Makes HTTP load from a process of its own, so that server and generator have a core each. */
export class Generator {
  readonly #child: ChildProcess;
  #running: PromiseWithResolvers<JobResult> | undefined;

  constructor() {
    this.#child = fork(program, { execArgv: ["--conditions=cistern-source"] });
    this.#child.on("message", (message) => this.#receive(message));
    this.#child.on("exit", (code, signal) =>
      this.#running?.reject(new Error(`The load generator ended (${signal ?? code})`)),
    );
  }

  /** Runs one job at a time. Rejects when a request was refused or a connection broke. */
  async run(job: Job): Promise<JobResult> {
    if (this.#running !== undefined) throw new Error("The load generator is busy");
    this.#running = Promise.withResolvers();
    this.#child.send(JSON.stringify(job));
    try {
      return await this.#running.promise;
    } finally {
      this.#running = undefined;
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #receive(message: unknown): void {
    if (typeof message !== "string") throw new TypeError("A result comes as JSON text");
    const answer: { result?: JobResult; failure?: string } = JSON.parse(message);
    if (answer.result !== undefined) this.#running?.resolve(answer.result);
    else this.#running?.reject(new Error(`The load failed: ${answer.failure}`));
  }
}
