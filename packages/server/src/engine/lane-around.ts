import type { Calendar, Hold, Instant, Position, RateCard } from "@cistern/kernel";
import type { JournalStore } from "../journal/index.ts";
import type { Counters } from "./counters.ts";
import type { EngineFault } from "./engine-fault.ts";
import type {
  EngineClock,
  EngineLimits,
  EngineLogEntry,
  EngineObserver,
} from "./engine-options.ts";
import type { Flusher } from "./flusher.ts";
import type { FollowAround } from "./follow-journal.ts";
import type { Replica } from "./replica.ts";
import type { Accepted } from "./request.ts";
import type { Rules } from "./rules.ts";
import type { StoreCalls } from "./store-calls.ts";

/** What all lanes of an engine share. */
export interface LaneAround {
  readonly store: JournalStore;
  readonly calls: StoreCalls;
  readonly flusher: Flusher;
  readonly follow: FollowAround;
  readonly rules: Rules;
  readonly clock: EngineClock;
  readonly calendar: Calendar;
  readonly writer: string;
  readonly limits: EngineLimits;
  readonly counters: Counters;
  readonly observer: EngineObserver | undefined;
  readonly newId: () => string;
  readonly rateCard: (workspaceId: string, at: Instant) => RateCard;
  readonly rateCardNamed: (name: string, at: Instant) => RateCard | undefined;
  readonly rateCardOf: (id: string) => RateCard | undefined;
  readonly log: (entry: EngineLogEntry) => void;
  /** Why this node decides nothing now; undefined when it does. */
  readonly faultFor: (workspaceId: string) => EngineFault | undefined;
  /** Has `run` called as soon as what is ready to run has run. */
  readonly ready: (lane: RunnableLane) => void;
  /** Told when a lane has nothing in flight. */
  readonly ran: (lane: WeighedLane) => void;
  /** The answer that an earlier request was given, from its row. */
  readonly earlierAnswer: (workspaceId: string, position: Position) => Promise<Accepted>;
  /** A hold as the journal has it up to the row `until`. */
  readonly recall: (
    workspaceId: string,
    holdId: string,
    until: number,
  ) => Promise<Hold | undefined>;
  /** Whether enough happened since the last snapshot. */
  readonly wantsSnapshot: (replica: Replica) => boolean;
  /** Writes a snapshot; never rejects. */
  readonly snapshot: (replica: Replica) => Promise<void>;
}

/** A lane as its scheduler sees it. */
export interface RunnableLane {
  run(): void;
}

/** A lane as the cache weighs it. */
export interface WeighedLane {
  readonly workspaceId: string;
  /** Rows and keys in memory. */
  readonly weight: number;
}
