/** Owns what a fault of ours looks like from outside: what is wrong in here is logged and not told. */
import { EngineFault } from "../../engine/index.ts";
import { type Refusal, problem } from "./problem.ts";

/** A fault as other parts throw it: `isRetryable` says whether the same call may succeed a moment later. */
interface RetryableFault {
  readonly isRetryable: boolean;
}

/** The answer to a call that met a fault. */
export function faultRefusal(fault: unknown): Refusal {
  if (fault instanceof EngineFault) return engineRefusal(fault);
  if (isRetryableFault(fault) && fault.isRetryable)
    return unavailable("The database does not answer. Retry with the same Idempotency-Key.", 1);
  return {
    kind: "refused",
    problem: problem(
      "internal",
      "Something is wrong in Cistern itself; the log has the reason. Retry with the same Idempotency-Key.",
    ),
  };
}

function engineRefusal(fault: EngineFault): Refusal {
  const retryAfter = Math.max(1, Math.ceil(fault.retryAfterMs / 1000));
  switch (fault.code) {
    case "overloaded":
      return {
        kind: "refused",
        problem: problem(
          "overloaded",
          `Too many calls of workspace ${fault.workspaceId} are waiting. Nothing happened; retry in ${retryAfter} s.`,
        ),
        retryAfter,
      };
    case "stopping":
      return unavailable("This node is stopping. Nothing happened; retry.", retryAfter);
    case "unavailable":
      return unavailable("The pool cannot decide now. Nothing happened; retry.", retryAfter);
    case "outcome_unknown":
      return unavailable(
        "The database went silent while it wrote. Retry with the same Idempotency-Key to learn what happened.",
        retryAfter,
      );
    case "workspace_stopped":
      return unavailable(
        `Workspace ${fault.workspaceId} is stopped until an operator has looked at it. Other workspaces go on.`,
        60,
      );
  }
}

function unavailable(detail: string, retryAfter: number): Refusal {
  return { kind: "refused", problem: problem("enforcement_unavailable", detail), retryAfter };
}

function isRetryableFault(fault: unknown): fault is RetryableFault {
  return fault instanceof Error && "isRetryable" in fault;
}
