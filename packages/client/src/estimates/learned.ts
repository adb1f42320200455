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
  readonly #meters = new Map<string, Learned>();

  learn(meter: string, estimate: Usage, used: Usage): void {
    const learned = this.#of(meter);
    learned.outputs[learned.calls % outputsKept] = totalOf(outputOf(used));
    learned.calls += 1;
    learned.estimated += totalOf(estimate);
    learned.used += totalOf(used);
    learned.outputP95 = undefined;
  }

  /** How much a call of the meter may put out that says no bound of its own. */
  outputP95(meter: string): number | undefined {
    const learned = this.#meters.get(meter);
    if (learned === undefined || learned.outputs.length < outputsNeeded) return undefined;
    learned.outputP95 ??= p95(learned.outputs);
    return learned.outputP95;
  }

  statistics(): Readonly<Record<string, MeterStatistics>> {
    const rows = [...this.#meters].map(
      ([meter, { calls, estimated, used }]) =>
        [
          meter,
          { calls, ratio: used === 0 ? 1 : estimated / used, outputP95: this.outputP95(meter) },
        ] as const,
    );
    return Object.fromEntries(rows);
  }

  #of(meter: string): Learned {
    const before = this.#meters.get(meter);
    if (before !== undefined) return before;
    const fresh = { calls: 0, estimated: 0, used: 0, outputs: [], outputP95: undefined };
    this.#meters.set(meter, fresh);
    return fresh;
  }
}

function p95(outputs: readonly number[]): number {
  const sorted = outputs.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
