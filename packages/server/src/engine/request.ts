import type { Command, Event, Instant, Position, Rejection } from "@cistern/kernel";

/** One command for one workspace, with what makes its retries safe. */
export interface EngineRequest {
  readonly workspaceId: string;
  /** Parsed, and carrying the new ids that it needs. */
  readonly command: Command;
  /**
   * The idempotency key as it is stored. null where the state itself proves what was done: a final settle or a release
   * under its default key, and every PUT.
   */
  readonly opId: string | null;
  /** SHA-256 over method, path and canonical body, 64 hex digits; null only together with `opId`, for a PUT. */
  readonly fingerprint: string | null;
  /** The longest wait in the queue before the request is shed undecided; `limits.queueWaitMsMax` when left out. */
  readonly waitMsMax?: number;
}

/** The command happened, now or at an earlier try. What the caller is told is a function of `event` alone. */
export interface Accepted {
  readonly kind: "accepted";
  readonly event: Event;
  readonly position: Position;
  /** First 8 hex digits of the hash of the row that holds the event (RULES 24). */
  readonly hash: string;
  readonly isReplayed: boolean;
}

/** The command was refused and changed nothing; its key is free again (RULES 20). */
export interface Rejected {
  readonly kind: "rejected";
  readonly rejection: Rejection;
  /** The last event that the refusal stands on; (0, 0) before the first. */
  readonly at: Position;
  readonly decidedAt: Instant;
}

/** The key was accepted before, with another body. */
export interface KeyReused {
  readonly kind: "key_reused";
}

/** What became of a request. Nothing of it leaves the engine before the journal proves it (output gate). */
export type Answer = Accepted | Rejected | KeyReused;

/** What a read saw: the state after everything due up to `asOf`, current when the request arrived or later. */
export interface Read<T> {
  readonly kind: "read";
  readonly value: T;
  /** The last event that the value stands on. */
  readonly at: Position;
  readonly asOf: Instant;
}

/** The answer of a read; a workspace without events is unknown. */
export type ReadAnswer<T> = Read<T> | { readonly kind: "unknown_workspace" };
