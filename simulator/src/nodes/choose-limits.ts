import type { EngineLimits } from "cistern/engine";
import type { Chance } from "../world/chance.ts";

/** The bounds of all engines of one run: often so tight that caches, queues and retries come to their end. */
export function chooseLimits(chance: Chance): Partial<EngineLimits> {
  return {
    batchRequestsMax: chance.pick([1, 4, 64, 512] as const),
    aheadRequestsMin: chance.pick([1, 3, 12] as const),
    batchDueMax: chance.pick([1, 3, 16] as const),
    workspacesCachedMax: chance.pick([1, 2, 100] as const),
    rowsCachedMax: chance.pick([40, 400, 1_000_000] as const),
    statementsInFlightMax: chance.between(1, 3),
    statementAppendsMax: chance.pick([1, 2, 256] as const),
    storeRetryMsMax: chance.pick([200, 1_500, 5_000] as const),
    queuedMax: chance.pick([6, 64, 4_096] as const),
    queueWaitMsMax: chance.pick([300, 2_000] as const),
    replayRowsMax: chance.pick([2, 16, 128] as const),
    keysRememberedMax: chance.pick([2, 40, 4_096] as const),
    recallsMax: chance.between(1, 4),
    pastReadsMax: chance.between(1, 3),
    snapshotEventsMin: chance.pick([5, 5, 40, 512] as const),
    clockCheckMs: chance.pick([500, 5_000] as const),
    tickMs: chance.pick([100, 1_000, 5_000] as const),
  };
}
