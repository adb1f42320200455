import type { Problem } from "./problem.ts";

/**
 * An event as a producer sends it: CloudEvents 1.0 with JSON in `data`. Fields that Cistern has no use for are let be. `source` and
 * `id` together are told apart for ever.
 */
export interface ReceivedEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** When it happened (RFC 3339, any zone). */
  readonly time?: string;
  readonly data?: unknown;
}

/** One event, or many. */
export type EventsRequest = ReceivedEvent | readonly ReceivedEvent[];

/** What became of one event. `duplicate`: it was accepted before, and nothing happened now. */
export type EventFate = "accepted" | "duplicate" | "refused";

/** What became of one event of a call. */
export interface EventResult {
  /** Its place in the call, from 0. */
  readonly index: number;
  readonly source?: string;
  readonly id?: string;
  readonly status: EventFate;
  /** The debit, or the outcome, that it is. */
  readonly of?: string;
  /** Credits of a debit. */
  readonly charged?: string;
  /** Why it was refused. */
  readonly problem?: Problem;
}

/** What became of all events of a call, in their order. */
export interface EventsTaken {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly results: readonly EventResult[];
}
