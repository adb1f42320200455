import { type Pace, VoidRunError } from "../measurements/measurement.ts";
import { type PairsRun, runPairs } from "./pairs.ts";
import { mean, median, percentile, together } from "./samples.ts";
import type { Spender } from "./spender.ts";

/** Somebody who spends from pools, with books that can be checked. */
export interface Contestant {
  readonly name: string;
  readonly spender: Spender;
  readonly workspaceIds: readonly string[];
  readonly callers: number;
  /** Members that take turns, where they are other than everybody's. */
  readonly members?: number;
  /** What does not add up after so many answered pairs in all; nothing when all is right. */
  faults(pairs: number): Promise<readonly string[]>;
}

/** What one contestant did, a value for each round. */
export interface Score {
  readonly operationsPerSecond: readonly number[];
  readonly latencyP50Ms: readonly number[];
  readonly latencyP99Ms: readonly number[];
  /** Of authorizes alone, under the load of whole pairs. */
  readonly authorizeMeanMs: readonly number[];
}

/**
 * Lets the contestants run in turns: round by round everybody once, beginning with another one each time, so that a slow
 * minute of the machine meets all of them. The books are checked after every run.
 */
export async function holdContest(options: {
  /** Begins all idempotency keys of this contest: no other contest on these workspaces may have the same. */
  readonly name: string;
  readonly contestants: readonly Contestant[];
  readonly pace: Pace;
  readonly say: (line: string) => void;
}): Promise<ReadonlyMap<Contestant, Score>> {
  const { contestants, pace } = options;
  const entries = contestants.map((contestant) => new Entry(contestant, options.name));
  for (const entry of entries) await entry.run("warm", pace.warmUpMs);
  for (let round = 0; round < pace.rounds; round += 1) {
    const first = round % entries.length;
    for (const entry of [...entries.slice(first), ...entries.slice(0, first)])
      entry.keep(await entry.run(String(round), pace.measureMs));
    const rates = entries.map((entry) => `${entry.contestant.name} ${entry.latestRate()}`);
    options.say(`round ${round + 1}/${pace.rounds}, operations/s: ${rates.join(", ")}`);
  }
  return new Map(entries.map((entry) => [entry.contestant, entry.score()]));
}

/** The median over rounds of `left` / `right`, so that only neighbours in time are compared. */
export function medianRatio(left: readonly number[], right: readonly number[]): number {
  return median(left.map((value, round) => value / (right[round] ?? Number.NaN)));
}

class Entry {
  readonly contestant: Contestant;
  readonly #contest: string;
  readonly #runs: PairsRun[] = [];
  #pairs = 0;

  constructor(contestant: Contestant, contest: string) {
    this.contestant = contestant;
    this.#contest = contest;
  }

  async run(name: string, durationMs: number): Promise<PairsRun> {
    const run = await runPairs({
      ...this.contestant,
      durationMs,
      run: `${this.#contest}-${name}`,
    });
    this.#pairs += run.pairs;
    const faults = await this.contestant.faults(this.#pairs);
    if (faults.length > 0) throw new VoidRunError(this.contestant.name, faults);
    return run;
  }

  keep(run: PairsRun): void {
    this.#runs.push(run);
  }

  latestRate(): string {
    return Math.round(this.#runs.at(-1)?.operationsPerSecond ?? Number.NaN).toLocaleString("en");
  }

  score(): Score {
    const all = this.#runs.map(({ authorizeMs, settleMs }) => together(authorizeMs, settleMs));
    return {
      operationsPerSecond: this.#runs.map((run) => run.operationsPerSecond),
      latencyP50Ms: all.map((samples) => percentile(samples, 0.5)),
      latencyP99Ms: all.map((samples) => percentile(samples, 0.99)),
      authorizeMeanMs: this.#runs.map((run) => mean(run.authorizeMs)),
    };
  }
}
