/** The caller's signal, which stops the caller at once and the provider when nothing of worth is left to come. Mutable. */
export class CallerSignal {
  readonly #signal: AbortSignal | undefined;
  readonly #upstream: AbortController;
  #onAbort: (reason: unknown) => void;
  readonly #listener = (): void => this.#onAbort(this.#signal?.reason);

  constructor(signal: AbortSignal | undefined, upstream: AbortController) {
    this.#signal = signal;
    this.#upstream = upstream;
    this.#onAbort = (reason) => this.#upstream.abort(reason);
    signal?.addEventListener("abort", this.#listener, { once: true });
  }

  /** What happens from now on when the caller gives up. */
  whenAborted(onAbort: (reason: unknown) => void): void {
    this.#onAbort = onAbort;
    if (this.#signal?.aborted === true) onAbort(this.#signal.reason);
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#listener);
  }
}
