// Owns: when a call is repeated. C1: a refusal is never repeated. C2: every repetition carries the same key, so that the effect
// happens once. C3: pauses are random up to a doubling bound, and never shorter than Retry-After. C4: a call ends by its timeout.
import type { Operation, OperationResult, Problem } from "@cistern/contract";
import type { CallOptions, WaitOptions } from "./call-options.ts";
import type { Download } from "./download.ts";
import type { Environment } from "./environment.ts";
import { CisternProblem, CisternUnavailable } from "./errors.ts";
import { linkAbort } from "./linked-abort.ts";
import { withQuery } from "./paths.ts";
import type { Transport } from "./transport.ts";
import { TransportFault } from "./transport.ts";

/** How patient calls are. */
export interface Patience {
  readonly timeoutMs: number;
  readonly retriesMax: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}

/** Calls an engine until it has an answer, as far as patience goes. */
export class Caller {
  readonly #transport: Transport;
  readonly #patience: Patience;
  readonly #environment: Environment;
  readonly #closed = new AbortController();

  constructor(transport: Transport, patience: Patience, environment: Environment) {
    this.#transport = transport;
    this.#patience = patience;
    this.#environment = environment;
  }

  /** Changes something. The operation carries its key, or is idempotent by itself. `onSetback` hears of each attempt that failed. */
  async change<Answer>(
    operation: Operation,
    options: CallOptions = {},
    onSetback?: () => void,
  ): Promise<Answer> {
    return await this.#call<Answer>(
      async (signal) => await this.#transport.send(operation, signal),
      options,
      onSetback,
    );
  }

  /** Reads a path with a query. */
  async read<Answer>(path: string, query: object = {}, options: WaitOptions = {}): Promise<Answer> {
    const full = withQuery(path, query);
    return await this.#call<Answer>(
      async (signal) => await this.#transport.read(full, signal, options.waitMs),
      options,
    );
  }

  /** Reads a file. */
  async download(path: string, query: object, options: CallOptions = {}): Promise<Download> {
    const full = withQuery(path, query);
    return await this.#call<Download>(
      async (signal) => await this.#transport.download(full, signal),
      options,
    );
  }

  /** Gives up what is under way, and takes nothing more. */
  close(): void {
    this.#closed.abort(new CisternUnavailable("closed", "This client is closed."));
  }

  async #call<Answer>(
    attempt: (signal: AbortSignal) => Promise<OperationResult>,
    options: WaitOptions,
    onSetback?: () => void,
  ): Promise<Answer> {
    // The contract vouches for the shape of an answer: the one place where a body becomes one.
    const isAnswer = (body: unknown): body is Answer => typeof body === "object" && body !== null;
    const { waitMs = 0 } = options;
    const timeoutMs = options.timeoutMs ?? this.#patience.timeoutMs + waitMs;
    const deadline = this.#environment.now() + timeoutMs;
    let setback: Setback | undefined;
    const sources = [this.#closed.signal];
    if (options.signal !== undefined) sources.push(options.signal);
    const link = linkAbort(sources);
    const { signal } = link;
    const onTimeout = () => link.abort(timedOut(timeoutMs, setback?.fault));
    const cancelTimer = this.#environment.setTimer(timeoutMs, onTimeout, false);
    try {
      for (let retries = 0; ; retries += 1) {
        const outcome = await this.#attempt(attempt, signal);
        if (!(outcome instanceof Setback)) {
          if (isAnswer(outcome.body)) return outcome.body;
          throw new CisternUnavailable("unexpected_answer", "The answer is not a JSON object.");
        }
        setback = outcome;
        onSetback?.();
        const pauseMs = this.#pauseMs(retries, outcome.retryAfterMs);
        const isTooLate = this.#environment.now() + pauseMs >= deadline;
        if (retries >= this.#patience.retriesMax || isTooLate) throw outcome.fault;
        await this.#pause(pauseMs, signal);
      }
    } finally {
      cancelTimer();
      link.unlink();
    }
  }

  async #attempt(
    attempt: (signal: AbortSignal) => Promise<OperationResult>,
    signal: AbortSignal,
  ): Promise<OperationResult | Setback> {
    try {
      return readResult(await attempt(signal));
    } catch (error) {
      if (!(error instanceof TransportFault)) throw error;
      const fault = new CisternUnavailable(error.reason, error.message, { cause: error });
      // What never left, or what somebody else answered, is no better the second time.
      if (error.reason === "queue_full" || error.reason === "unexpected_answer") throw fault;
      return new Setback(fault);
    }
  }

  #pauseMs(retries: number, retryAfterMs: number): number {
    const { backoffBaseMs, backoffMaxMs } = this.#patience;
    const bound = Math.min(backoffMaxMs, backoffBaseMs * 2 ** retries);
    return retryAfterMs + this.#environment.random() * bound;
  }

  async #pause(pauseMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        cancelTimer();
        reject(signal.reason);
      };
      const resume = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const cancelTimer = this.#environment.setTimer(pauseMs, resume, false);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }
}

/** An attempt that may be repeated, and what is thrown where it is not. */
class Setback {
  readonly fault: CisternUnavailable;
  readonly retryAfterMs: number;

  constructor(fault: CisternUnavailable, retryAfterMs = 0) {
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An answer, a setback, or the refusal thrown. */
function readResult(result: OperationResult): OperationResult | Setback {
  const { status, body, retryAfter } = result;
  if (status >= 200 && status < 300) return result;
  const problem = isProblem(body) ? body : undefined;
  const retryAfterMs = retryAfter === undefined ? undefined : retryAfter * 1000;
  if (status >= 500) {
    const message = problem?.detail ?? `The server answered ${status}.`;
    const fault = new CisternUnavailable("server_unavailable", message, { problem });
    return new Setback(fault, retryAfterMs);
  }
  if (problem !== undefined) throw new CisternProblem(problem, retryAfterMs);
  const message = `The answer ${status} is not one of Cistern's; is the address right?`;
  throw new CisternUnavailable("unexpected_answer", message);
}

/** Whether a body is a problem of the contract. */
export function isProblem(body: unknown): body is Problem {
  return (
    typeof body === "object" &&
    body !== null &&
    "code" in body &&
    typeof body.code === "string" &&
    "detail" in body &&
    typeof body.detail === "string"
  );
}

function timedOut(timeoutMs: number, cause: unknown): CisternUnavailable {
  return new CisternUnavailable("timeout", `No answer in ${timeoutMs} ms.`, { cause });
}
