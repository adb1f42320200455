/** A signal of one call that others can abort too. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Ends the link. Unlike `AbortSignal.any`, nothing of a call stays behind on a signal that outlives it. */
  unlink(): void;
}

/** Links a new signal to others: the first that aborts aborts it, with its reason. */
export function linkAbort(sources: readonly AbortSignal[]): LinkedAbort {
  const controller = new AbortController();
  const listeners = sources.map((source) => {
    const onAbort = () => controller.abort(source.reason);
    if (source.aborted) onAbort();
    else source.addEventListener("abort", onAbort, { once: true });
    return { source, onAbort };
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => {
      for (const { source, onAbort } of listeners) source.removeEventListener("abort", onAbort);
    },
  };
}
