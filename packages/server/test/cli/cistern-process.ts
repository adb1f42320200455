import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

/** The command line's entry. */
export const program: string = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const readyLine = "Cistern is ready.";
const apiLine = /^ +API +(\S+)$/m;

/** `cistern` as a process of its own, as a user starts it. */
export interface CisternProcess {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the address when it serves; rejects when it ends before. */
  ready(): Promise<string>;
  /** Resolves with the exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null>;
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

type Env = Readonly<Record<string, string>>;

/** Starts `cistern <args>` with these variables and nothing of ours. It is ended after the file at the latest. */
export function startCistern(env: Env, ...args: readonly string[]): CisternProcess {
  const child = spawn(process.execPath, ["--conditions=cistern-source", program, ...args], {
    env: { PATH: process.env["PATH"], PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = once(child, "close").then(() => child.exitCode ?? child.signalCode);
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    if (!isOver()) child.kill(signal);
    return closed;
  };
  after(() => stop());
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended: () => closed,
    stop,
    async ready() {
      // Where standard output is for events, it greets on the other.
      const said = () => `${stderr}${stdout}`;
      while (!said().includes(readyLine) || !apiLine.test(said())) {
        if (isOver()) throw new Error(`cistern ended with ${await closed}: ${said()}`);
        await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), closed]);
      }
      return apiLine.exec(said())?.[1] ?? "";
    },
  };
}

/** A data folder that goes after the file. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-cli-"));
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
