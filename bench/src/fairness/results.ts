/** Owns the shape of `bench/fairness.json`. */
import type { Score } from "./metrics.ts";

/** A measured value beside its bar; without a bar it is only told. */
export interface Told {
  readonly value: number;
  readonly bar?: string;
  readonly holds?: boolean;
  readonly note?: string;
}

/** A line of the acceptance table. */
export interface Accepted {
  readonly claim: string;
  readonly holds: boolean;
  readonly figures: Readonly<Record<string, Told>>;
}

/** Scores of one policy by the size of the pool, in parts of all demand. */
export type BySize = Readonly<Record<"pool50" | "pool80" | "pool125", Score>>;

export interface Results {
  /** By key: `A1` and so on. */
  readonly acceptance: Readonly<Record<string, Accepted>>;
  /** By the name of the file, then by policy. */
  readonly traces: Readonly<Record<string, Readonly<Record<string, BySize>>>>;
  /** By policy: the means over the traces that count. */
  readonly means: Readonly<Record<string, BySize>>;
  /** What is asked of the means, and of each trace that counts. */
  readonly traceBars: Readonly<Record<string, Told>>;
  /** By policy: how a pool is used up beside a hog. */
  readonly story: Readonly<Record<string, readonly StoryPoint[]>>;
}

/** How a pool stands at the end of a day, in parts of the pool. */
export interface StoryPoint {
  readonly day: number;
  readonly hog: number;
  readonly others: number;
  /** What the others were refused so far, of what they asked for so far. */
  readonly refused: number;
}

export const sizes = ["pool50", "pool80", "pool125"] as const;
