/**
 * Why the engine could not answer. None of these says that a command was refused.
 * - `overloaded`: shed before it was decided; nothing happened. `stopping`: the same, since this node is going down.
 * - `unavailable`: the store does not answer, or this node's clock is wrong; nothing happened.
 * - `outcome_unknown`: the store went silent on the append; it may have happened. A retry with the same key tells.
 * - `workspace_stopped`: this workspace's journal is broken, or a rule of ours is; an operator has to look. Others go on.
 */
export type EngineFaultCode =
  | "overloaded"
  | "stopping"
  | "unavailable"
  | "outcome_unknown"
  | "workspace_stopped";

/** Thrown by every method of the engine. */
export class EngineFault extends Error {
  override readonly name = "EngineFault";
  readonly code: EngineFaultCode;
  readonly workspaceId: string;
  /** Whether the same request, with the same key, may succeed a moment later without anybody doing something. */
  readonly isRetryable: boolean;
  /** When to come back, milliseconds from now. */
  readonly retryAfterMs: number;

  constructor(
    code: EngineFaultCode,
    fault: { workspaceId: string; message: string; retryAfterMs?: number; cause?: unknown },
  ) {
    super(fault.message, fault.cause === undefined ? {} : { cause: fault.cause });
    this.code = code;
    this.workspaceId = fault.workspaceId;
    this.isRetryable = code !== "workspace_stopped";
    this.retryAfterMs = fault.retryAfterMs ?? 1_000;
  }
}

/** What is read from the journal itself waits for a place, and as many as may wait do. */
export const tooManyReads = (workspaceId: string): EngineFault =>
  new EngineFault("overloaded", {
    workspaceId,
    message: "Too many requests wait to read the journal. Nothing was decided; retry later.",
  });
