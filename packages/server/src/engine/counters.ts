/** Owns what the engine counts. Mutable: every part of the engine adds to the one object that it is given. */
import type { EngineStats } from "./engine-stats.ts";

/** The counters of `EngineStats`; its gauges are read where they live. */
export type Counters = {
  -readonly [Name in Exclude<keyof EngineStats, GaugeName>]: number;
};

type GaugeName =
  | "workspacesCached"
  | "rowsCached"
  | "requestsQueued"
  | "appendsInFlight"
  | "workspacesStopped"
  | "isClockRight";

/** Counters that stand at nothing. */
export function newCounters(): Counters {
  return {
    commandsAccepted: 0,
    commandsRefused: 0,
    answersReplayed: 0,
    keysReused: 0,
    reads: 0,
    requestsShed: 0,
    batches: 0,
    batchEvents: 0,
    batchEventsMax: 0,
    statements: 0,
    fences: 0,
    duplicates: 0,
    storeFaults: 0,
    unknownOutcomes: 0,
    unknownOutcomesFound: 0,
    headReads: 0,
    coldLoads: 0,
    evictions: 0,
    snapshotsWritten: 0,
    snapshotPagesWritten: 0,
    snapshotsBad: 0,
    recalls: 0,
    tailsLost: 0,
  };
}
