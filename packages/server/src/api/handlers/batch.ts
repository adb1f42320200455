import type { OperationResult } from "@cistern/contract";
import type { HandlersOf } from "../calls/call.ts";
import type { Answer } from "../calls/operation.ts";
import type { Dispatch } from "../dispatcher.ts";
import { refuse } from "../problems/problem.ts";

const ownPath = "/v1/batch";

/**
 * Many operations in one call. All are handed over at once and in order: the engine decides those of one workspace in the order
 * in which they come, so the whole batch costs one wait for the disk and not one an operation (RULES 28).
 */
export function batchHandlers(dispatch: Dispatch): HandlersOf<"runBatch"> {
  return {
    async runBatch({ body, caller }) {
      const results = await Promise.all(
        body.operations.map(async (operation) =>
          resultOf(
            isBatch(operation.path)
              ? refuse("invalid_request", "A batch cannot hold a batch. Send its operations here.")
              : await dispatch(operation, caller),
          ),
        ),
      );
      return { kind: "done", status: 200, body: { results } };
    },
  };
}

function isBatch(path: string): boolean {
  return path === ownPath || path.startsWith(`${ownPath}?`);
}

/** An answer as one of a batch. */
export function resultOf(answer: Answer): OperationResult {
  if (answer.kind === "refused") {
    const { problem, retryAfter } = answer;
    const { status } = problem;
    return { status, body: problem, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  const { status, body, isReplayed } = answer;
  return { status, body, ...(isReplayed === true ? { replayed: true } : {}) };
}
