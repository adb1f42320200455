/**
 * Owns patience with the store: what failed and may work a moment later is asked again, up to a bound; then callers are told.
 */
import { StoreFault } from "../journal/index.ts";
import { EngineFault } from "./engine-fault.ts";
import type { EngineClock } from "./engine-options.ts";
import type { Counters } from "./counters.ts";

const firstDelayMs = 5;
const delayMsMax = 500;

/** Asks a store with patience. */
export class StoreCalls {
  readonly #clock: EngineClock;
  readonly #counters: Counters;
  readonly #retryMsMax: number;
  readonly #onFault: (fault: StoreFault, workspaceId: string) => void;

  constructor(options: {
    clock: EngineClock;
    counters: Counters;
    retryMsMax: number;
    onFault: (fault: StoreFault, workspaceId: string) => void;
  }) {
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.#retryMsMax = options.retryMsMax;
    this.#onFault = options.onFault;
  }

  /** Reads, as often as it takes; `EngineFault` `unavailable` when it takes too long. */
  async read<T>(workspaceId: string, ask: () => Promise<T>): Promise<T> {
    const patience = this.patience(workspaceId, "read");
    for (;;)
      try {
        return await ask();
      } catch (error) {
        await patience.bear(error);
      }
  }

  /** For a series of tries that begins now. */
  patience(workspaceId: string, doing: "read" | "append"): Patience {
    const givesUpAt = this.#clock.now() + this.#retryMsMax;
    return new Patience(givesUpAt, {
      clock: this.#clock,
      workspaceId,
      doing,
      onFault: (fault) => {
        this.#counters.storeFaults += 1;
        this.#onFault(fault, workspaceId);
      },
    });
  }
}

interface PatienceAround {
  readonly clock: EngineClock;
  readonly workspaceId: string;
  readonly doing: "read" | "append";
  readonly onFault: (fault: StoreFault) => void;
}

/** One series of tries. */
export class Patience {
  readonly #givesUpAt: number;
  readonly #around: PatienceAround;
  #delayMs = firstDelayMs;
  /** Whether one of the appends may have taken effect. */
  isOutcomeUnknown = false;

  constructor(givesUpAt: number, around: PatienceAround) {
    this.#givesUpAt = givesUpAt;
    this.#around = around;
  }

  /** Waits before the next try; throws when there shall be none. What is no `StoreFault` is thrown on: it is a bug. */
  async bear(error: unknown): Promise<void> {
    if (!(error instanceof StoreFault)) throw error;
    const { clock, workspaceId, doing, onFault } = this.#around;
    onFault(error);
    if (error.outcome === "unknown" && doing === "append") this.isOutcomeUnknown = true;
    const mayWorkLater = error.isRetryable || error.outcome === "unknown";
    if (!mayWorkLater || clock.now() + this.#delayMs > this.#givesUpAt)
      throw new EngineFault(this.isOutcomeUnknown ? "outcome_unknown" : "unavailable", {
        workspaceId,
        message: `The journal of ${workspaceId} does not answer. Retry with the same key. ${error.message}`,
        cause: error,
      });
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(2 * delayMs, delayMsMax);
    await new Promise<void>((resolve) => {
      clock.after(delayMs, resolve);
    });
  }
}
