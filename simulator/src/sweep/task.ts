import type { Violation } from "../checker/violation.ts";
import type { PlantedBug } from "../planted/planted-bug.ts";
import type { FaultCounts } from "../world/fault-counts.ts";

/** Work for one worker: a clean seed to judge, where workspaces live on plans, share their pool or do neither, or a bug to find within so many seeds, in runs of so many operations. */
export type Task =
  | ({ readonly kind: "clean"; readonly seed: number } & RunKind)
  | {
      readonly kind: "planted";
      readonly bug: PlantedBug;
      readonly seeds: number;
      /** Tried before all others. */
      readonly firstSeed?: number;
      readonly operations?: number;
    };

/** How the workspaces of a run live: on plans, with a pool that is shared, or with a pool alone. */
export interface RunKind {
  readonly isBilled?: boolean;
  readonly isShared?: boolean;
}

/** What one clean seed came to. */
export interface CleanOutcome {
  readonly kind: "clean";
  readonly seed: number;
  readonly isBilled: boolean;
  readonly isShared: boolean;
  readonly operations: number;
  readonly us: number;
  readonly counts: FaultCounts;
  /** The first of them. */
  readonly violations: readonly Violation[];
  readonly violationsCount: number;
}

/** Where a planted bug was found, if it was. */
export interface PlantedOutcome {
  readonly kind: "planted";
  readonly bug: PlantedBug;
  readonly foundAt: number | undefined;
  readonly violation: Violation | undefined;
}

/** What a task came to. */
export type Outcome = CleanOutcome | PlantedOutcome;
