import type { Limits } from "@cistern/contract";

/** The server's bounds that the client keeps to; their types hold them to the contract's values. */
export const serverBounds: Pick<Limits, "batchOperationsMax" | "bodyBytesMax"> = {
  batchOperationsMax: 500,
  bodyBytesMax: 1_048_576,
};

/** The client's own bounds, each an option of `createCistern`. */
export const clientBounds = {
  /** One call with all its retries. */
  timeoutMs: 15_000,
  /** One HTTP request. */
  requestTimeoutMs: 5000,
  /** Repetitions after the first attempt. */
  retriesMax: 4,
  /** The first pause is random up to this; each next up to twice the one before, up to the maximum. */
  backoffBaseMs: 50,
  backoffMaxMs: 2000,
  /** HTTP requests under way at once; what is asked meanwhile forms the next batch. */
  requestsInFlightMax: 4,
  /** Operations that wait for a request. */
  queueMax: 10_000,
} as const;
