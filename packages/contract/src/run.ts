import type { Position } from "./position.ts";

/** What of a run refuses a call. */
export type RunBound = "limit" | "maxSteps" | "maxToolCalls" | "maxSameAction" | "deadline";

/**
 * An envelope around the calls of one piece of work: holds and debits that name it count in it, and in every run around it.
 * What is left out has no bound, but for `maxSameAction` (5) and `idle` (`PT1H`).
 */
export interface RunRequest {
  readonly id: string;
  /** Calls in it are this member's, or of agents and keys that act for it. */
  readonly member: string;
  /** The run that it stands in. It may be promised more than that has left, and never gets it. */
  readonly parent?: string;
  /** Credits that its calls may count, children included. */
  readonly limit?: string;
  /** Approved calls, whatever becomes of them, children included. */
  readonly maxSteps?: number;
  /** Of these, holds that say `toolCall: true`. */
  readonly maxToolCalls?: number;
  /** How often holds with one `action` are approved; null: nobody counts. */
  readonly maxSameAction?: number | null;
  /** From here on nothing is approved in it. */
  readonly deadline?: string;
  /** It expires after so long without a call in it; at most 30 days. */
  readonly idle?: string;
  /**
   * Set its limit aside at once: its member's calls, children included, are taken from that, whatever others leave in the pool. Asked
   * of pool, shares and caps like a hold of that size; for at most 24 hours, which is its deadline where none is given. What is left
   * goes back when the run ends.
   */
  readonly prepay?: boolean;
}

/** Higher bounds in place of those that the run has; none of them: a pause is ended, and nothing raised. */
export interface RunRaise {
  readonly limit?: string;
  readonly maxSteps?: number;
  readonly maxToolCalls?: number;
  readonly maxSameAction?: number;
  readonly deadline?: string;
}

/** A close asks for nothing. */
export type RunCloseRequest = object;

/** Whether calls are approved in a run. */
export type RunStatus = "open" | "paused" | "closed" | "expired";

/** A run, and what was counted in it so far, its children included. */
export interface Run {
  readonly id: string;
  readonly member: string;
  readonly parent?: string;
  readonly status: RunStatus;
  /** Which run paused it or has ended: it, or one around it; and what refused there. */
  readonly because?: { readonly run: string; readonly bound?: RunBound };
  readonly limit?: string;
  readonly maxSteps?: number;
  readonly maxToolCalls?: number;
  readonly maxSameAction?: number;
  readonly deadline?: string;
  readonly idle: string;
  /** The hold that its limit was set aside with, and what of that no call has now; left out of runs that prepaid nothing. */
  readonly prepaid?: { readonly hold: string; readonly left: string };
  /** Charged less refunded, and what open holds set aside. */
  readonly used: string;
  /** What `limit` has left; usage past its hold may take `used` over it. */
  readonly remaining?: string;
  readonly steps: number;
  readonly toolCalls: number;
  readonly openHolds: number;
  /** Runs that are open directly in it. */
  readonly openRuns: number;
  readonly openedAt: string;
  readonly endedAt?: string;
  readonly at: Position;
}

/** Runs by their id. */
export interface RunPage {
  readonly data: readonly Run[];
  readonly nextCursor?: string;
}
