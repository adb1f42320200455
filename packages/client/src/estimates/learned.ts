// Owns: what a collector learns from the calls that it has metered: how far its estimates were off, and how much usually comes out.
import type { Usage } from "@cistern/contract";
import { outputOf, totalOf } from "../metering/buckets.ts";

/** What was learned of a meter, over the calls whose usage the provider told. */
export interface MeterStatistics {
  readonly calls: number;
  /** Estimated over used, all buckets together: above 1 holds are larger than they need be. */
  readonly ratio: number;
  /** 95 of 100 calls of the last 200 put out no more. Undefined before 20 calls. */
  readonly outputP95: number | undefined;
}

const outputsKept = 200;
const outputsNeeded = 20;
const outputMin = 1_024;
const workspacesMax = 10_000;

interface Learned {
  calls: number;
  estimated: number;
  used: number;
  readonly outputs: number[];
  /** Kept until the next call is learned from. */
  outputP95: number | undefined;
}

/** Mutable: what was learned since it was made, by meter. */
export class Learning {
  /** Of all workspaces together, by meter: for the operator to read. */
  readonly #meters = new Map<string, Learned>();
  /** By workspace and meter: what one does is no measure for another. */
  readonly #own = new Map<string, Learned>();

  learn(
    workspace: string,
    meter: string,
    { expected, used }: { readonly expected: Usage; readonly used: Usage },
  ): void {
    if (this.#own.size > workspacesMax) this.#own.clear();
    for (const learned of [
      learnedIn(this.#meters, meter),
      learnedIn(this.#own, `${workspace} ${meter}`),
    ]) {
      learned.outputs[learned.calls % outputsKept] = totalOf(outputOf(used));
      learned.calls += 1;
      learned.estimated += totalOf(expected);
      learned.used += totalOf(used);
      learned.outputP95 = undefined;
    }
  }

  /**
   * How much a call of the meter may put out that says no bound of its own, as this workspace's have. Never below `outputMin`: calls that named a small
   * bound are among those that it is learned from.
   */
  outputP95(workspace: string, meter: string): number | undefined {
    const known = p95Of(this.#own.get(`${workspace} ${meter}`));
    return known === undefined ? undefined : Math.max(known, outputMin);
  }

  statistics(): Readonly<Record<string, MeterStatistics>> {
    const rows = [...this.#meters].map(
      ([meter, { calls, estimated, used }]) =>
        [
          meter,
          {
            calls,
            ratio: used === 0 ? 1 : estimated / used,
            outputP95: p95Of(this.#meters.get(meter)),
          },
        ] as const,
    );
    return Object.fromEntries(rows);
  }
}

function learnedIn(all: Map<string, Learned>, key: string): Learned {
  const before = all.get(key);
  if (before !== undefined) return before;
  const fresh = { calls: 0, estimated: 0, used: 0, outputs: [], outputP95: undefined };
  all.set(key, fresh);
  return fresh;
}

function p95Of(learned: Learned | undefined): number | undefined {
  if (learned === undefined || learned.outputs.length < outputsNeeded) return undefined;
  return (learned.outputP95 ??= p95(learned.outputs));
}

function p95(outputs: readonly number[]): number {
  const sorted = outputs.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
