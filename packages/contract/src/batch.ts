/** The methods of operations in a batch: those that change something, and quotes. */
export type OperationMethod = "POST" | "PUT" | "PATCH" | "DELETE";

/** One operation: what would be one call, with a key of its own. */
export interface Operation {
  readonly method: OperationMethod;
  readonly path: string;
  readonly idempotencyKey?: string;
  readonly body?: unknown;
}

/** The answer to one operation: what its own call would have answered. */
export interface OperationResult {
  readonly status: number;
  readonly body: unknown;
  /** The answer of an earlier call with the same key. */
  readonly replayed?: boolean;
  /** `Retry-After` in seconds. */
  readonly retryAfter?: number;
}

/** Many operations in one call: not atomic; those of one workspace run in order. */
export interface BatchRequest {
  readonly operations: readonly Operation[];
}

/** One answer each, in the order of the operations. */
export interface BatchResponse {
  readonly results: readonly OperationResult[];
}
