// Owns: what of a stream is settled before its end. T1: parts arrive in order, each once: one whose answer is missing is sent again under its own
// key before anything follows it.
import type { Usage } from "@cistern/contract";
import type { AuthorizedHold, Deferred } from "../cistern.ts";
import { addUsage } from "../metering/buckets.ts";

interface Part {
  readonly usage: Usage;
  readonly key: string;
}

/** The parts of one stream. Mutable. */
export class SettledParts {
  readonly #hold: AuthorizedHold<Deferred>;
  #settled: Usage = {};
  #waiting: Part | undefined;
  #made = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(hold: AuthorizedHold<Deferred>) {
    this.#hold = hold;
  }

  /** Settles what was delivered beyond the parts before. Where that fails it is tried again with the next one. */
  settle(delivered: Usage): void {
    this.#work = this.#settleAfter(this.#work, delivered).catch(() => {});
  }

  /** What a final settle of `usage` has to say, when all parts have arrived. */
  async rest(usage: Usage): Promise<Usage> {
    await this.#work;
    await this.#sendWaiting();
    return this.#beyond(usage);
  }

  async #settleAfter(earlier: Promise<void>, delivered: Usage): Promise<void> {
    await earlier;
    await this.#sendWaiting();
    const usage = this.#beyond(delivered);
    if (Object.keys(usage).length === 0) return;
    this.#made += 1;
    this.#waiting = { usage, key: `${this.#hold.id}:part:${this.#made}` };
    await this.#sendWaiting();
  }

  async #sendWaiting(): Promise<void> {
    const part = this.#waiting;
    if (part === undefined) return;
    const options = { final: false, idempotencyKey: part.key };
    await this.#hold.settle({ usage: part.usage, estimated: true }, options);
    this.#waiting = undefined;
    this.#settled = addUsage(this.#settled, part.usage);
  }

  #beyond(usage: Usage): Usage {
    return Object.fromEntries(
      Object.entries(usage).flatMap(([bucket, units]) => {
        const rest = units - (this.#settled[bucket] ?? 0);
        return rest > 0 ? [[bucket, rest]] : [];
      }),
    );
  }
}
