/** What the engine counted since it started, and what it holds now. */
export interface EngineStats {
  // Gauges.
  readonly workspacesCached: number;
  /** Rows of state in memory, all workspaces. */
  readonly rowsCached: number;
  readonly requestsQueued: number;
  readonly appendsInFlight: number;
  readonly workspacesStopped: number;
  readonly isClockRight: boolean;
  // Counters.
  readonly commandsAccepted: number;
  readonly commandsRefused: number;
  readonly answersReplayed: number;
  readonly keysReused: number;
  readonly reads: number;
  readonly requestsShed: number;
  readonly batches: number;
  /** Events in all batches: over `batches`, the mean batch. */
  readonly batchEvents: number;
  readonly batchEventsMax: number;
  readonly statements: number;
  readonly fences: number;
  readonly duplicates: number;
  readonly storeFaults: number;
  readonly unknownOutcomes: number;
  /** Unknown outcomes that turned out to be ours. */
  readonly unknownOutcomesFound: number;
  readonly headReads: number;
  readonly coldLoads: number;
  readonly evictions: number;
  readonly snapshotsWritten: number;
  readonly snapshotPagesWritten: number;
  readonly snapshotsBad: number;
  readonly recalls: number;
  readonly tailsLost: number;
}
