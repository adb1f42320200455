/** Options of any call. */
export interface CallOptions {
  /** Gives the call up; whether it had its effect is then unknown. */
  readonly signal?: AbortSignal;
  /** For the call with all its retries. */
  readonly timeoutMs?: number;
}

/** Options of a call that is asked to wait for something. */
export interface WaitOptions extends CallOptions {
  /** How long the server waits with its answer: no request, and no call, is late before that. */
  readonly waitMs?: number;
}

/** Options of a call that changes something. */
export interface ChangeOptions extends CallOptions {
  /** The same key with the same body gets the first answer again; default a fresh one per call. */
  readonly idempotencyKey?: string;
}
