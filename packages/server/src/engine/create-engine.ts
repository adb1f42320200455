import type { Command, Instant, State } from "@cistern/kernel";
import { assemble } from "./assemble.ts";
import type { ClockGuard } from "./clock-guard.ts";
import type { Engine, FeedCursor, FeedPage } from "./engine.ts";
import { EngineFault, tooManyReads } from "./engine-fault.ts";
import type { EngineClock, EngineOptions } from "./engine-options.ts";
import type { EngineStats } from "./engine-stats.ts";
import { readEntry } from "./entry.ts";
import { Gate } from "./gate.ts";
import type { JournalReader } from "./journal-reader.ts";
import type { Lane } from "./lane.ts";
import type { LaneAround } from "./lane-around.ts";
import type { Lanes } from "./lanes.ts";
import { notAfter, readPast } from "./past.ts";
import type { Answer, EngineRequest, ReadAnswer } from "./request.ts";
import { Ticker } from "./ticker.ts";

/** Makes an engine; `start` begins its service. See `Engine`. */
export function createEngine(options: EngineOptions): Engine {
  return new JournalEngine(options);
}

class JournalEngine implements Engine {
  readonly #clock: EngineClock;
  readonly #around: LaneAround;
  readonly #lanes: Lanes;
  readonly #reader: JournalReader;
  readonly #guard: ClockGuard;
  readonly #ticker: Ticker;
  readonly #pastReads: Gate;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { around, lanes, reader, guard } = assemble(options);
    const { limits } = around;
    this.#clock = options.clock;
    this.#around = around;
    this.#lanes = lanes;
    this.#reader = reader;
    this.#guard = guard;
    this.#ticker = new Ticker(options.clock, limits.tickMs, lanes);
    this.#pastReads = new Gate(limits.pastReadsMax, limits.readsWaitingMax);
  }

  execute(request: EngineRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#lane(request.workspaceId).enqueue({
        kind: "command",
        request,
        shedAt: this.#clock.now() + (request.waitMsMax ?? this.#around.limits.queueWaitMsMax),
        settle: resolve,
        fail: reject,
        verdict: undefined,
        recalled: undefined,
      });
    });
  }

  read<T>(workspaceId: string, question: (state: State, at: Instant) => T): Promise<ReadAnswer<T>> {
    return new Promise((resolve, reject) => {
      const shedAt = this.#clock.now() + this.#around.limits.queueWaitMsMax;
      const entry = readEntry(question, { shedAt, settle: resolve, fail: reject });
      this.#lane(workspaceId).enqueue(entry);
    });
  }

  quote(workspaceId: string, command: Command): ReturnType<Engine["quote"]> {
    const { rules, calendar, rateCard, rateCardNamed, rateCardOf } = this.#around;
    return this.read(workspaceId, (state, at) =>
      rules.decide(state, command, at, {
        calendar,
        rateCard: rateCard(workspaceId, at),
        rateCardNamed: (name) => rateCardNamed(name, at),
        rateCardThen: (name, then) =>
          name === null ? rateCard(workspaceId, then) : rateCardNamed(name, then),
        rateCardOf,
      }),
    );
  }

  async hold(workspaceId: string, holdId: string): ReturnType<Engine["hold"]> {
    const answer = await this.read(workspaceId, (state) => state.holds.holds.get(holdId));
    if (answer.kind === "unknown_workspace" || answer.value !== undefined) return answer;
    this.#around.counters.recalls += 1;
    return { ...answer, value: await this.#reader.recall(workspaceId, holdId, answer.at.seq) };
  }

  async readAt<T>(
    workspaceId: string,
    at: Instant,
    question: (state: State, at: Instant) => T,
  ): Promise<ReadAnswer<T>> {
    this.#assertServing(workspaceId);
    const clock = this.#clock;
    const past = { at: notAfter(at, clock.now()), question };
    const answer = await this.#pastReads.run(() =>
      readPast(workspaceId, past, this.#around.follow),
    );
    if (answer === "full") throw tooManyReads(workspaceId);
    return answer;
  }

  async events(workspaceId: string, after: FeedCursor, limit: number): Promise<FeedPage> {
    this.#assertServing(workspaceId);
    return this.#reader.feed(
      workspaceId,
      after,
      Math.min(limit, this.#around.limits.feedEventsMax),
    );
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
      ...this.#around.counters,
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

  async #drain(): Promise<void> {
    const clock = this.#clock;
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

/** Events that make a snapshot worth its while when the node goes down. */
const leavingEventsMin = 128;
const drainLookMs = 5;
