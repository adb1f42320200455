/** Owns how the parts of an engine stand on each other. Whoever sits below is made first. */
import { ClockGuard } from "./clock-guard.ts";
import { type Counters, newCounters } from "./counters.ts";
import { EngineFault } from "./engine-fault.ts";
import { engineLimitsDefault } from "./engine-limits.ts";
import type { EngineLimits, EngineLogEntry, EngineOptions } from "./engine-options.ts";
import { Flusher } from "./flusher.ts";
import { JournalReader } from "./journal-reader.ts";
import { Lane } from "./lane.ts";
import type { LaneAround } from "./lane-around.ts";
import { Lanes } from "./lanes.ts";
import type { Replica } from "./replica.ts";
import { type Rules, kernelRules } from "./rules.ts";
import { writeSnapshot } from "./snapshots/write-snapshot.ts";
import { StoreCalls } from "./store-calls.ts";
import { Turns } from "./turns.ts";

/** What an engine is made of. */
export interface EngineParts {
  readonly around: LaneAround;
  readonly lanes: Lanes;
  readonly reader: JournalReader;
  readonly guard: ClockGuard;
}

/** What every part is made from. */
interface Basis {
  readonly options: EngineOptions;
  readonly limits: EngineLimits;
  readonly counters: Counters;
  readonly rules: Rules;
  readonly calls: StoreCalls;
  readonly log: (entry: EngineLogEntry) => void;
  readonly pause: () => Promise<void>;
}

/** Makes the parts of an engine. */
export function assemble(options: EngineOptions): EngineParts {
  const basis = basisOf(options);
  const { limits, counters, log } = basis;
  const { clock, clockDistanceMs: distanceMs } = options;
  const guard = new ClockGuard({ clock, distanceMs, limits, log });
  const reader = readerOf(basis);
  const around = aroundOf(basis, { guard, reader, weigh: (lane) => lanes.weigh(lane) });
  const lanes = new Lanes(limits, counters, (workspaceId) => new Lane(workspaceId, around));
  return { around, lanes, reader, guard };
}

function basisOf(options: EngineOptions): Basis {
  const { clock } = options;
  const limits = { ...engineLimitsDefault, ...options.limits };
  const counters = newCounters();
  const log = (entry: EngineLogEntry): void => options.log?.(entry);
  const calls = new StoreCalls({
    clock,
    counters,
    retryMsMax: limits.storeRetryMsMax,
    onFault: (cause, workspaceId) =>
      log({ level: "warn", code: "store_fault", workspaceId, message: cause.message, cause }),
  });
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      clock.soon(resolve);
    });
  return { options, limits, counters, rules: options.rules ?? kernelRules, calls, log, pause };
}

function readerOf({ options, limits, rules, calls }: Basis): JournalReader {
  return new JournalReader({
    store: options.store,
    feedStore: options.feedStore ?? options.store,
    calls,
    rules,
    mentions: options.mentions,
    rowsMax: limits.replayRowsMax,
    recallsMax: limits.recallsMax,
    waitingMax: limits.readsWaitingMax,
  });
}

function aroundOf(
  basis: Basis,
  parts: { guard: ClockGuard; reader: JournalReader; weigh: LaneAround["ran"] },
): LaneAround {
  const { options, limits, counters, rules, calls, log, pause } = basis;
  const { clock, store, calendar, writer, observer } = options;
  const { guard, reader, weigh } = parts;
  const soon = (callBack: () => void): void => clock.soon(callBack);
  const flusher = new Flusher({ store, calls, counters, limits, soon });
  const turns = new Turns(clock, flusher);
  const { replayRowsMax } = limits;
  return {
    store,
    calls,
    flusher,
    follow: { store, calls, rules, calendar, counters, replayRowsMax, pause, log },
    rules,
    clock,
    calendar,
    writer,
    limits,
    counters,
    observer,
    log,
    newId: () => options.newId(),
    rateCard: (workspaceId, at) => options.rateCard(workspaceId, at),
    rateCardNamed: (name, at) => options.rateCardNamed?.(name, at),
    rateCardOf: (id) => options.rateCardOf?.(id),
    faultFor: (workspaceId) => guard.faultFor(workspaceId) ?? hostFault(options, workspaceId),
    ready: (lane) => turns.add(lane),
    ran: weigh,
    earlierAnswer: (workspaceId, position) => reader.earlierAnswer(workspaceId, position),
    recall: (workspaceId, holdId, until) => reader.recall(workspaceId, holdId, until),
    wantsSnapshot: (replica) => replica.eventsUnsaved >= snapshotAfter(limits, replica.rows),
    snapshot: (replica) => snapshot(replica, basis),
  };
}

function hostFault({ fault }: EngineOptions, workspaceId: string): EngineFault | undefined {
  const message = fault?.();
  if (message === undefined) return undefined;
  return new EngineFault("unavailable", { workspaceId, message, retryAfterMs: hostFaultRetryMs });
}

const hostFaultRetryMs = 5_000;

/** A large state is written less often, since more of it has to be written. */
function snapshotAfter(limits: EngineLimits, rows: number): number {
  const { snapshotEventsMin, snapshotEventsPerRow, snapshotEventsMax } = limits;
  return Math.max(snapshotEventsMin, Math.min(snapshotEventsPerRow * rows, snapshotEventsMax));
}

async function snapshot(replica: Replica, basis: Basis): Promise<void> {
  const { options, counters, log, pause } = basis;
  try {
    const { pages } = await writeSnapshot(replica, options.store, pause);
    counters.snapshotsWritten += 1;
    counters.snapshotPagesWritten += pages;
  } catch (cause) {
    const { workspaceId } = replica;
    const message = `No snapshot of ${workspaceId} was written; the next one will be. The journal has everything.`;
    log({ level: "warn", code: "snapshot_failed", workspaceId, message, cause });
  }
}
