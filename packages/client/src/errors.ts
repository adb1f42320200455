import type { Problem, ProblemCode } from "@cistern/contract";
import type { Spent } from "./spent.ts";

/**
 * Cistern refused the call and said why. It is never retried: the same call gets the same answer until something changes.
 *
 * @example
 * catch (error) {
 *   if (error instanceof CisternProblem && error.code === "pool_exhausted") return askForTopUp(error.problem.missing);
 *   throw error;
 * }
 */
export class CisternProblem extends Error {
  readonly problem: Problem;
  readonly code: ProblemCode;
  readonly status: number;
  /** After how long the server says that it is worth asking again. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = "CisternProblem";
    this.problem = problem;
    this.code = problem.code;
    this.status = problem.status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Why no answer came: the network, the time, the server's state, an answer that is not Cistern's, or a bound of this client. */
export type UnavailableReason =
  | "unreachable"
  | "timeout"
  | "server_unavailable"
  | "unexpected_answer"
  | "queue_full"
  | "offline_bound_reached"
  | "journal_failed"
  | "closed";

/** No decision could be had, after all retries. Whether the call had its effect is unknown: the same key tells, later. */
export class CisternUnavailable extends Error {
  readonly reason: UnavailableReason;
  /** What the server said last, where it said something. */
  readonly problem: Problem | undefined;

  constructor(
    reason: UnavailableReason,
    message: string,
    options: { readonly cause?: unknown; readonly problem?: Problem | undefined } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.name = "CisternUnavailable";
    this.reason = reason;
    this.problem = options.problem;
  }

  /** Whether the server could not be reached or could not decide, which is what a failure mode is for. */
  get isOutage(): boolean {
    return (
      this.reason === "unreachable" ||
      this.reason === "timeout" ||
      this.reason === "server_unavailable"
    );
  }
}

/**
 * `run` did its work, and what it used could not be settled. Settle it later with `ws.settle(error.hold, error.spent)`; it
 * is charged late, once, within 30 days. `outcome` is what the work returned or threw.
 */
export class CisternUnsettled extends Error {
  readonly hold: string;
  readonly spent: Spent;
  readonly outcome:
    | { readonly kind: "returned"; readonly result: unknown }
    | { readonly kind: "threw"; readonly error: unknown };

  constructor(hold: string, spent: Spent, outcome: CisternUnsettled["outcome"], cause: unknown) {
    super(`Hold ${hold} ended and could not be settled: ${String(cause)}`, { cause });
    this.name = "CisternUnsettled";
    this.hold = hold;
    this.spent = spent;
    this.outcome = outcome;
  }
}
