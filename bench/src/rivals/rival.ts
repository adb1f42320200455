import type { Spender } from "../load/spender.ts";

/** Another way to hold credits on a pool, built as well as its users would build it. */
export interface Rival extends Spender {
  /** As in the names of the figures: `for_update`, `conditional_update`, `redis_always`, `redis_everysec`. */
  readonly name: string;
  /** Creates empty tables with one workspace, its grant and its members. */
  prepare(workspaceId: string): Promise<void>;
  /** Opens this many connections instead of those open now. */
  connect(connections: number): Promise<void>;
  /** Counts worth trying; the best of a short probe serves the measurement. */
  readonly connectionCounts: readonly number[];
  /** The faults of the books after `pairs` answered pairs since `prepare`; none when they add up. */
  faults(workspaceId: string, pairs: number): Promise<readonly string[]>;
  /** What was done to make it faster, a line each. */
  readonly tuning: readonly string[];
  close(): Promise<void>;
}
