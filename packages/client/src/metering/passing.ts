// Owns: an answer's way from the provider to its reader, and when it is over. P1: the call ends once, whatever comes first. P2: a caller that
// leaves when only the usage is left to come is charged by it: the rest is read behind its back, bounded in bytes and time. P3: whoever leaves
// earlier stops the provider at once.
import { defaultEnvironment } from "../defaults.ts";
import type { Exchange } from "../providers/dialect.ts";
import { type Evidence, cutOff, nothingSeen } from "./ending.ts";
import type { CallerSignal } from "./caller-signal.ts";
import type { MeteredCall } from "./metered-call.ts";
import type { Watch } from "./watch.ts";

/** What an exchange stands on while it is under way. */
export interface Under {
  readonly asked: Exchange;
  readonly call: MeteredCall;
  readonly upstream: AbortController;
  readonly link: CallerSignal;
}

type Source = ReadableStreamDefaultReader<Uint8Array>;

/** What may come between the last token and the usage. */
const drainBytesMax = 64 * 1024;
const drainMsMax = 5_000;

/** The provider's bytes, watched as they pass: when the reader asks for them, or at once. */
export function passing(
  source: Source,
  watch: Watch,
  under: Under,
  pace: "asItIsRead" | "atOnce",
): ReadableStream<Uint8Array> {
  const { link } = under;
  const passage = new Passage(source, watch, under);
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        link.whenAborted((reason) => {
          if (passage.isOver) return;
          passage.stop(reason);
          controller.error(reason);
        });
      },
      pull: async (controller) => await passage.pull(controller),
      cancel: (reason) => passage.stop(reason),
    },
    { highWaterMark: pace === "atOnce" ? Infinity : 0 },
  );
}

/** Mutable: it is over once. */
class Passage {
  readonly #source: Source;
  readonly #watch: Watch;
  readonly #under: Under;
  /** The caller gets no more. */
  isOver = false;
  #isFinished = false;
  /** A read is under way for the caller. */
  #isReading = false;
  /** Told when the read is over that was under way when the caller left. */
  #readIsOver: (() => void) | undefined;

  constructor(source: Source, watch: Watch, under: Under) {
    this.#source = source;
    this.#watch = watch;
    this.#under = under;
  }

  /** Passes on what comes next. */
  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        this.#isReading = true;
        const { done, value } = await this.#source.read();
        this.#isReading = false;
        if (this.isOver) {
          if (!this.#isFinished && !done) this.#watch.pass(value);
          this.#readIsOver?.();
          return;
        }
        if (done) {
          for (const rest of this.#finish("ended")) controller.enqueue(rest);
          controller.close();
          return;
        }
        const parts = this.#watch.pass(value);
        for (const part of parts) controller.enqueue(part);
        if (parts.length > 0) return;
      }
    } catch (error) {
      this.#readIsOver?.();
      if (this.isOver) return;
      this.#finish("broken");
      controller.error(error);
    }
  }

  /** The caller has left. */
  stop(reason: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    const { reader } = this.#watch;
    if (reader.isNearlyWhole && !reader.isUsageTold) this.#under.call.until(this.#drain(reason));
    else this.#leave(reason);
  }

  /** P2. */
  async #drain(reason: unknown): Promise<void> {
    const { reader } = this.#watch;
    let left = drainBytesMax;
    const giveUp = (): void => this.#cut(reason);
    const cancelTimer = defaultEnvironment.setTimer(drainMsMax, giveUp, true);
    try {
      if (this.#isReading)
        await new Promise<void>((resolve) => {
          this.#readIsOver = resolve;
        });
      while (left > 0 && reader.isNearlyWhole && !reader.isUsageTold) {
        const { done, value } = await this.#source.read();
        if (done) break;
        left -= value.length;
        this.#watch.pass(value);
      }
    } catch {
      // The provider hung up: what was seen until then decides.
    }
    cancelTimer();
    this.#leave(reason);
  }

  #leave(reason: unknown): void {
    this.#finish("cancelled");
    this.#cut(reason);
  }

  /** Also for a source that knows nothing of the signal. */
  #cut(reason: unknown): void {
    this.#under.upstream.abort(reason);
    this.#source.cancel(reason).catch(() => {});
  }

  #finish(stop: "ended" | "cancelled" | "broken"): readonly Uint8Array[] {
    this.isOver = true;
    this.#isFinished = true;
    this.#under.link.end();
    const rest = this.#watch.end(stop === "ended");
    this.#under.call.end(this.#evidence(), stop);
    return rest;
  }

  /** An estimator of somebody else's may throw; then what went in is charged. */
  #evidence(): Evidence {
    try {
      const seen = this.#watch.reader.evidence();
      return this.#watch.isCut === true ? cutOff(seen) : seen;
    } catch {
      return { ...nothingSeen, isWhole: true };
    }
  }
}
