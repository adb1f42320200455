import type { Violation } from "../checker/violation.ts";
import type { PlantedBug } from "../planted/planted-bug.ts";
import type { FaultCounts } from "../world/fault-counts.ts";

/** Work for one worker: a clean seed to judge, where workspaces live on plans or not, or a bug to find within so many seeds, in runs of so many operations. */
export type Task =
  | { readonly kind: "clean"; readonly seed: number; readonly isBilled?: boolean }
  | {
      readonly kind: "planted";
      readonly bug: PlantedBug;
      readonly seeds: number;
      /** Tried before all others. */
      readonly firstSeed?: number;
      readonly operations?: number;
    };

/** What one clean seed came to. */
export interface CleanOutcome {
  readonly kind: "clean";
  readonly seed: number;
  readonly isBilled: boolean;
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
