import type { Calendar, Event, RateCard, Rejection } from "@cistern/kernel";
import type { Command, Instant } from "@cistern/kernel";
import type { Head, JournalStore } from "../journal/index.ts";
import type { Rules } from "./rules.ts";

/** Time as the host gives it. */
export interface EngineClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `ms`; the result cancels. */
  after(ms: number, callBack: () => void): () => void;
  /** Calls back once, as soon as what is ready to run has run (`setImmediate`): so requests that arrive together share a batch. */
  soon(callBack: () => void): void;
}

/** A line for the operator. `code` is stable. */
export interface EngineLogEntry {
  readonly level: "info" | "warn" | "error";
  readonly code: EngineLogCode;
  readonly message: string;
  readonly workspaceId?: string;
  readonly cause?: unknown;
}

/** What the engine tells an operator. */
export type EngineLogCode =
  | "workspace_stopped"
  | "tail_lost"
  | "snapshot_bad"
  | "snapshot_failed"
  | "store_fault"
  | "clock_wrong"
  | "clock_right"
  | "clock_unchecked"
  | "projection_failed";

/** Acknowledged facts that the journal no longer holds, stated exactly: all rows after `kept` up to `lost`. */
export interface TailLost {
  readonly workspaceId: string;
  /** The last row that is still there; undefined when more was lost than this node remembers. */
  readonly kept: Head | undefined;
  /** The head that this node had seen durable. */
  readonly lost: Head;
  /** The head that the journal had when the loss was found. */
  readonly found: Head;
}

/** Told of durable facts and of refusals, after the answers have left. Must not throw and must not block. */
export interface EngineObserver {
  /** One durable row of this node, its events in order. */
  appended?(row: {
    readonly workspaceId: string;
    readonly head: Head;
    readonly events: readonly Event[];
    /** When something happens by itself in the state that it leaves; infinite where nothing will. */
    readonly nextDueAtMs: number;
  }): void;
  /** A refusal that left (RULES 27). */
  refused?(refusal: {
    readonly workspaceId: string;
    readonly command: Command;
    readonly rejection: Rejection;
    readonly at: Instant;
  }): void;
  tailLost?(loss: TailLost): void;
}

/** Bounds. Each has a default in `engine-limits.ts`. */
export interface EngineLimits {
  /** Requests that wait in one workspace's queue. */
  readonly queuedMax: number;
  readonly queueWaitMsMax: number;
  /** Requests that one append answers. */
  readonly batchRequestsMax: number;
  /**
   * So many requests are worth an append of their own while the one before it is unanswered; of twice as many that wait together
   * half leave first. Where the store keeps no order, none leave ahead.
   */
  readonly aheadRequestsMin: number;
  /** Events of one append, in bytes of text, before it is closed. */
  readonly batchBytesMax: number;
  /** Due events that one append carries before commands are looked at (RULES 11). */
  readonly batchDueMax: number;
  readonly workspacesCachedMax: number;
  /** Rows of state in memory, all workspaces. */
  readonly rowsCachedMax: number;
  readonly statementsInFlightMax: number;
  /** Appends that share one statement. */
  readonly statementAppendsMax: number;
  /** How long a store that fails is asked again before callers are told. */
  readonly storeRetryMsMax: number;
  readonly replayRowsMax: number;
  readonly feedEventsMax: number;
  /**
   * Keys of the latest accepted commands that each workspace remembers, to answer retries without the store; never fewer than
   * four batches have, since those of a batch in flight must not be forgotten.
   */
  readonly keysRememberedMax: number;
  /** Holds that are read from the journal again at once. */
  readonly recallsMax: number;
  /** Reads of the past that run at once; others wait. */
  readonly pastReadsMax: number;
  /** Recalls, and reads of the past, that wait for their turn before more are shed. */
  readonly readsWaitingMax: number;
  /**
   * A snapshot is written once so many events are in none: for each row of the state `PerRow`, but at least `Min` and at most
   * `Max`, which bounds what a restart has to replay.
   */
  readonly snapshotEventsMin: number;
  readonly snapshotEventsPerRow: number;
  readonly snapshotEventsMax: number;
  readonly clockDistanceMsMax: number;
  readonly clockCheckMs: number;
  /** How often idle workspaces are looked at for what is due and queues for what is late. */
  readonly tickMs: number;
}

/** All that an engine needs; time, chance and ids come from here alone, so that a simulator can own them. */
export interface EngineOptions {
  readonly store: JournalStore;
  /** The same journal, on connections that nobody waits for an answer on: the feed is read on them. Left out: `store`. */
  readonly feedStore?: Pick<JournalStore, "readRows">;
  readonly clock: EngineClock;
  /** A name that nobody else makes; names batches. */
  newId(): string;
  /** This node, as the journal shows it. */
  readonly writer: string;
  readonly calendar: Calendar;
  /** The rate card in force at an instant for a workspace whose plan names none. */
  rateCard(workspaceId: string, at: Instant): RateCard;
  /** The rate card of a name that is in force at an instant, for plans that name one. Left out: there is none but `rateCard`. */
  readonly rateCardNamed?: (name: string, at: Instant) => RateCard | undefined;
  /** Any version of a rate card that was ever in force, by its id. Left out: only the one in force is known. */
  readonly rateCardOf?: (id: string) => RateCard | undefined;
  /** Why nothing may be decided now, for the caller to read. Left out: it always may. */
  readonly fault?: () => string | undefined;
  /** How far this node's clock is from the database's, in milliseconds that are certain. Left out: there is none to compare with. */
  readonly clockDistanceMs?: () => Promise<number>;
  /** Events that mention a hold, for one that memory no longer has. Left out: the whole journal is read. */
  readonly mentions?: Mentions;
  readonly observer?: EngineObserver;
  readonly log?: (entry: EngineLogEntry) => void;
  readonly limits?: Partial<EngineLimits>;
  /** The kernel's functions; a simulator plants its bugs here. */
  readonly rules?: Rules;
}

/** Where events that mention a hold stand, as far as an index knows. */
export interface Mentions {
  /**
   * Rows up to `cursorSeq` that mention it, ascending; the engine reads what comes after the cursor itself. Rejects with
   * `StoreFault`, as a store does.
   */
  of(
    workspaceId: string,
    holdId: string,
  ): Promise<{ readonly cursorSeq: number; readonly seqs: readonly number[] }>;
}
