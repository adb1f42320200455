import type { EngineLimits } from "./engine-options.ts";

/** The engine's bounds where the host names none. */
export const engineLimitsDefault: EngineLimits = {
  queuedMax: 4_096,
  queueWaitMsMax: 2_000,
  batchRequestsMax: 512,
  aheadRequestsMin: 12,
  batchBytesMax: 2 * 1024 * 1024,
  batchDueMax: 16,
  workspacesCachedMax: 10_000,
  rowsCachedMax: 4_000_000,
  statementsInFlightMax: 2,
  statementAppendsMax: 256,
  storeRetryMsMax: 5_000,
  replayRowsMax: 128,
  feedEventsMax: 1_000,
  keysRememberedMax: 4_096,
  recallsMax: 8,
  pastReadsMax: 2,
  readsWaitingMax: 256,
  snapshotEventsMin: 1_024,
  snapshotEventsPerRow: 4,
  snapshotEventsMax: 400_000,
  clockDistanceMsMax: 500,
  clockCheckMs: 5_000,
  tickMs: 100,
};
