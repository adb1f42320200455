import { type Command, type Instant, type State } from "@cistern/kernel";
import { ClockGuard } from "./clock-guard.ts";
import { newCounters } from "./counters.ts";
import type { Engine, FeedCursor, FeedPage } from "./engine.ts";
import { EngineFault } from "./engine-fault.ts";
import { engineLimitsDefault } from "./engine-limits.ts";
import type { EngineLimits, EngineLogEntry, EngineOptions } from "./engine-options.ts";
import type { EngineStats } from "./engine-stats.ts";
import { readEntry } from "./entry.ts";
import { Flusher } from "./flusher.ts";
import { Gate } from "./gate.ts";
import { JournalReader } from "./journal-reader.ts";
import { Lane } from "./lane.ts";
import type { LaneAround } from "./lane-around.ts";
import { Lanes } from "./lanes.ts";
import { notAfter, readPast } from "./past.ts";
import type { Replica } from "./replica.ts";
import type { Answer, EngineRequest, ReadAnswer } from "./request.ts";
import { kernelRules } from "./rules.ts";
import { writeSnapshot } from "./snapshots/write-snapshot.ts";
import { StoreCalls } from "./store-calls.ts";
import { Ticker } from "./ticker.ts";
import { Turns } from "./turns.ts";

/** Makes an engine; `start` begins its service. See `Engine`. */
export function createEngine(options: EngineOptions): Engine {
  return new JournalEngine(options);
}

class JournalEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #limits: EngineLimits;
  readonly #counters = newCounters();
  readonly #around: LaneAround;
  readonly #lanes: Lanes;
  readonly #reader: JournalReader;
  readonly #guard: ClockGuard;
  readonly #ticker: Ticker;
  readonly #pastReads: Gate;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { clock, store } = options;
    const limits = { ...engineLimitsDefault, ...options.limits };
    const counters = this.#counters;
    const rules = options.rules ?? kernelRules;
    const log = (entry: EngineLogEntry): void => options.log?.(entry);
    const calls = new StoreCalls({
      clock,
      counters,
      retryMsMax: limits.storeRetryMsMax,
      onFault: (cause, workspaceId) =>
        log({ level: "warn", code: "store_fault", workspaceId, message: cause.message, cause }),
    });
    const soon = (callBack: () => void): void => clock.soon(callBack);
    const flusher = new Flusher({ store, calls, counters, limits, soon });
    const turns = new Turns(clock, flusher);
    const { replayRowsMax, recallsMax } = limits;
    const pause = (): Promise<void> => this.#pause();
    const follow = { store, calls, rules, counters, replayRowsMax, pause, log };
    this.#limits = limits;
    this.#pastReads = new Gate(limits.pastReadsMax, limits.readsWaitingMax);
    this.#guard = new ClockGuard({ clock, distanceMs: options.clockDistanceMs, limits, log });
    this.#reader = new JournalReader({
      store,
      calls,
      rules,
      mentions: options.mentions,
      rowsMax: replayRowsMax,
      recallsMax,
      waitingMax: limits.readsWaitingMax,
    });
    this.#around = {
      store,
      calls,
      flusher,
      follow,
      rules,
      clock,
      limits,
      counters,
      log,
      calendar: options.calendar,
      writer: options.writer,
      observer: options.observer,
      newId: () => options.newId(),
      rateCard: (workspaceId) => options.rateCard(workspaceId),
      faultFor: (workspaceId) => this.#guard.faultFor(workspaceId),
      ready: (lane) => turns.add(lane),
      ran: (lane) => this.#lanes.weigh(lane),
      earlierAnswer: (workspaceId, position) => this.#reader.earlierAnswer(workspaceId, position),
      recall: (workspaceId, holdId, until) => this.#reader.recall(workspaceId, holdId, until),
      wantsSnapshot: (replica) => replica.eventsUnsaved >= snapshotAfter(limits, replica.rows),
      snapshot: (replica) => this.#snapshot(replica),
    };
    this.#lanes = new Lanes(limits, counters, (workspaceId) => new Lane(workspaceId, this.#around));
    this.#ticker = new Ticker(clock, limits.tickMs, this.#lanes);
  }

  execute(request: EngineRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#lane(request.workspaceId).enqueue({
        kind: "command",
        request,
        shedAt: this.#options.clock.now() + (request.waitMsMax ?? this.#limits.queueWaitMsMax),
        settle: resolve,
        fail: reject,
        verdict: undefined,
        recalled: undefined,
      });
    });
  }

  read<T>(workspaceId: string, question: (state: State, at: Instant) => T): Promise<ReadAnswer<T>> {
    return new Promise((resolve, reject) => {
      const shedAt = this.#options.clock.now() + this.#limits.queueWaitMsMax;
      const entry = readEntry(question, { shedAt, settle: resolve, fail: reject });
      this.#lane(workspaceId).enqueue(entry);
    });
  }

  quote(workspaceId: string, command: Command): ReturnType<Engine["quote"]> {
    const { rules, calendar, rateCard } = this.#around;
    return this.read(workspaceId, (state, at) =>
      rules.decide(state, command, at, { calendar, rateCard: rateCard(workspaceId) }),
    );
  }

  async hold(workspaceId: string, holdId: string): ReturnType<Engine["hold"]> {
    const answer = await this.read(workspaceId, (state) => state.holds.holds.get(holdId));
    if (answer.kind === "unknown_workspace" || answer.value !== undefined) return answer;
    this.#counters.recalls += 1;
    return { ...answer, value: await this.#reader.recall(workspaceId, holdId, answer.at.seq) };
  }

  async readAt<T>(
    workspaceId: string,
    at: Instant,
    question: (state: State, at: Instant) => T,
  ): Promise<ReadAnswer<T>> {
    this.#assertServing(workspaceId);
    const { clock } = this.#options;
    const past = { at: notAfter(at, clock.now()), question };
    return this.#pastReads.run(workspaceId, () => readPast(workspaceId, past, this.#around.follow));
  }

  async events(workspaceId: string, after: FeedCursor, limit: number): Promise<FeedPage> {
    this.#assertServing(workspaceId);
    return this.#reader.feed(workspaceId, after, Math.min(limit, this.#limits.feedEventsMax));
  }

  async start(): Promise<void> {
    await this.#guard.start();
    this.#ticker.start();
  }

  stop(): Promise<void> {
    this.#isStopping = true;
    return (this.#stopped ??= this.#drain());
  }

  stats(): EngineStats {
    let requestsQueued = 0;
    let workspacesStopped = 0;
    for (const lane of this.#lanes.all()) {
      requestsQueued += lane.queued;
      workspacesStopped += Number(lane.isStopped);
    }
    return {
      ...this.#counters,
      workspacesCached: this.#lanes.size,
      rowsCached: this.#lanes.weight,
      requestsQueued,
      appendsInFlight: this.#around.flusher.inFlight,
      workspacesStopped,
      isClockRight: this.#guard.isRight,
    };
  }

  #lane(workspaceId: string): Lane {
    this.#assertServing(workspaceId);
    return this.#lanes.of(workspaceId);
  }

  #assertServing(workspaceId: string): void {
    if (!this.#isStopping) return;
    const message = "This node is going down and takes no more requests. Retry.";
    throw new EngineFault("stopping", { workspaceId, message });
  }

  async #snapshot(replica: Replica): Promise<void> {
    try {
      const { pages } = await writeSnapshot(replica, this.#options.store, () => this.#pause());
      this.#counters.snapshotsWritten += 1;
      this.#counters.snapshotPagesWritten += pages;
    } catch (cause) {
      const { workspaceId } = replica;
      const message = `No snapshot of ${workspaceId} was written; the next one will be. The journal has everything.`;
      this.#options.log?.({ level: "warn", code: "snapshot_failed", workspaceId, message, cause });
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.soon(resolve);
    });
  }

  async #drain(): Promise<void> {
    const { clock } = this.#options;
    while ([...this.#lanes.all()].some((lane) => !lane.isIdle))
      await new Promise<void>((resolve) => {
        clock.after(drainLookMs, resolve);
      });
    // Before the snapshots: what falls due while one is written must not be half way into the next.
    this.#ticker.stop();
    for (const lane of this.#lanes.all()) await lane.save(leavingEventsMin);
    this.#guard.stop();
  }
}

/** A large state is written less often, since more of it has to be written. */
function snapshotAfter(limits: EngineLimits, rows: number): number {
  const { snapshotEventsMin, snapshotEventsPerRow, snapshotEventsMax } = limits;
  return Math.max(snapshotEventsMin, Math.min(snapshotEventsPerRow * rows, snapshotEventsMax));
}

/** Events that make a snapshot worth its while when the node goes down. */
const leavingEventsMin = 128;
const drainLookMs = 5;
