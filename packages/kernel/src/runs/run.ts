import type { Credits } from "../amount.ts";
import type { Instant } from "../instant.ts";

/** What a run may come to, its children included; null: that has no bound. */
export interface RunBounds {
  /** Credits that its calls may count at once and in all. */
  readonly limit: Credits | null;
  /** Approved calls, whatever becomes of them. */
  readonly maxSteps: number | null;
  /** Of these, calls of tools. */
  readonly maxToolCalls: number | null;
  /** From here on nothing is approved. */
  readonly deadline: Instant | null;
  /** How often one and the same action is approved; not counted of its children. */
  readonly maxSameAction: number | null;
}

/** What of a run refuses. */
export type RunBound = keyof RunBounds;

/** An envelope around the calls of one piece of work. Its counts are of its own calls and of all runs inside it. */
export interface Run {
  readonly id: string;
  /** Whose it is: the calls in it are that member's, or of what acts for it. */
  readonly member: string;
  /** The runs around it, from near to far. */
  readonly ancestors: readonly string[];
  readonly bounds: RunBounds;
  /** It expires after so long without a call, or an open run, in it. */
  readonly idleMs: number;
  /** The hold that its limit was set aside with: its purse. Left out where nothing was prepaid. */
  readonly purse?: string;
  readonly status: "open" | "closed" | "expired";
  /** What refused a call, where nobody has raised it since; null while calls are approved. */
  readonly pausedBy: RunBound | null;
  /** What its calls count (N1): charged less refunded, and while they are open what they set aside. */
  readonly used: Credits;
  readonly steps: number;
  readonly toolCalls: number;
  /** Open holds in it. */
  readonly holds: number;
  /** Open runs directly in it. */
  readonly children: number;
  /** Different actions that it has seen, since they were last forgotten. */
  readonly actions: number;
  readonly openedAt: Instant;
  /** When something last happened in it: idleness, and later its stay in memory, count from here. */
  readonly touchedAt: Instant;
  readonly endedAt: Instant | null;
}

/** A run that a call counts in, near ones first; `openedAt` tells it from one that had its id before. */
export interface RunRef {
  readonly id: string;
  readonly openedAt: Instant;
}

/** What an event counts in one run. */
export interface RunCount {
  readonly run: string;
  /** Micro-credits: above 0 when used, below when given back. */
  readonly credits: bigint;
  /** Calls approved, and calls of tools among them: never given back. */
  readonly steps: number;
  readonly toolCalls: number;
  /** Holds that are open after it and were not before; -1: the other way. */
  readonly holds: number;
}

/** An action that a call does once more, and how often with it. */
export interface ActionCount {
  readonly action: string;
  readonly times: number;
  /** Its place among the actions that the run remembers; what stood there is forgotten. */
  readonly slot: number;
}
