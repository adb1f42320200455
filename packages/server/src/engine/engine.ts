import type { Command, Decision, Event, Hold, Instant, Position, State } from "@cistern/kernel";
import type { EngineStats } from "./engine-stats.ts";
import type { Answer, EngineRequest, ReadAnswer } from "./request.ts";

/** A place in the feed to read on from; `hash` notices that a failover lost the tail it stood in (RULES 24). */
export interface FeedCursor extends Position {
  readonly hash?: string;
}

/** One durable event of the feed. */
export interface FeedEvent {
  readonly event: Event;
  readonly position: Position;
  /** First 8 hex digits of the row's hash. */
  readonly hash: string;
}

/** A page of the feed. `cursor_lost`: the journal no longer holds the row that the cursor names. */
export type FeedPage =
  | { readonly kind: "page"; readonly events: readonly FeedEvent[]; readonly next: FeedCursor }
  | { readonly kind: "cursor_lost" }
  | { readonly kind: "unknown_workspace" };

/**
 * Runs the kernel on a journal: any number of engines on one store are strictly serializable per workspace.
 * Every method rejects with `EngineFault`.
 *
 * @example
 * const engine = createEngine({ store: memoryStore(), clock, newId, writer: "node-1", calendar, rateCard: () => card });
 * await engine.start();
 * const answer = await engine.execute({ workspaceId: "acme", command, opId: "k1", fingerprint });
 */
export interface Engine {
  /** Decides and, when accepted, makes durable. Resolves once the journal proves the answer. */
  execute(request: EngineRequest): Promise<Answer>;
  /** A strict read. `question` is pure, synchronous and may be asked more than once; it must not keep the state. */
  read<T>(workspaceId: string, question: (state: State, at: Instant) => T): Promise<ReadAnswer<T>>;
  /** Whether a command would be accepted now, and as what, without effect. */
  quote(workspaceId: string, command: Command): Promise<ReadAnswer<Decision>>;
  /** A hold or debit by its id, read from the journal again when memory no longer has it (RULES 25). */
  hold(workspaceId: string, holdId: string): Promise<ReadAnswer<Hold | undefined>>;
  /** The state as it was at an instant that has passed (a later one counts as now): everything due up to it has happened. */
  readAt<T>(
    workspaceId: string,
    at: Instant,
    question: (state: State, at: Instant) => T,
  ): Promise<ReadAnswer<T>>;
  /**
   * Durable events after a cursor, oldest first; `(0, 0)` is the start. At most `limit`, at most `limits.feedEventsMax`, often
   * fewer: only an empty page says that there are no more for now.
   */
  events(workspaceId: string, after: FeedCursor, limit: number): Promise<FeedPage>;
  /** Begins to serve: compares the clocks once, then watches timers and clock. */
  start(): Promise<void>;
  /** Takes no more requests, answers those it has, writes snapshots, ends the timers. May be called twice. */
  stop(): Promise<void>;
  /** Counters and gauges for /metrics, as of now. */
  stats(): EngineStats;
}
