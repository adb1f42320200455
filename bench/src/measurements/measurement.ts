import type { BenchPostgres } from "../environment/postgres.ts";

/** One entry of the fixed list: what it measures, and how. */
export interface Measurement {
  /** For `--only`. */
  readonly name: string;
  /** One line for the reader of the table. */
  readonly about: string;
  /** Answers figures by their full names. Throws `VoidRunError` where the books do not add up. */
  run(bench: Bench): Promise<Figures>;
}

export type Figures = Readonly<Record<string, number>>;

/** What a measurement may use. */
export interface Bench {
  readonly postgres: BenchPostgres;
  /** Version of the `redis-server` on the PATH, if there is one. */
  readonly redisVersion: string | undefined;
  /** A folder on the disk that PostgreSQL uses, for whatever else must be durable; removed after the run. */
  readonly folder: string;
  readonly pace: Pace;
  /** What is opened for a measurement is closed with it, also when it fails or is interrupted. */
  readonly closing: AsyncDisposableStack;
  /** Tells the reader what is going on, a line at a time. */
  readonly say: (line: string) => void;
}

/** How long and how often; `--quick` shortens all of it. */
export interface Pace {
  readonly rounds: number;
  readonly probeMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Samples of one caller who waits for each answer. */
  readonly idleSamples: number;
  /** What is prepared in masses (workspaces, members, events) is this much of the full measure. */
  readonly scale: number;
}

export const fullPace: Pace = {
  rounds: 4,
  probeMs: 400,
  warmUpMs: 1_000,
  measureMs: 2_000,
  idleSamples: 500,
  scale: 1,
};

export const quickPace: Pace = {
  rounds: 2,
  probeMs: 100,
  warmUpMs: 200,
  measureMs: 300,
  idleSamples: 50,
  scale: 0.01,
};

/** Credits were created or lost, so the figures of this run mean nothing. */
export class VoidRunError extends Error {
  override readonly name = "VoidRunError";

  constructor(contestant: string, faults: readonly string[]) {
    super(`The books of ${contestant} do not add up: ${faults.join("; ")}`);
  }
}
