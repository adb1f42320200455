// Owns: an answer's way from the provider to its reader, and when it is over. P1: the call ends once, whatever comes first. P2: a caller that
// leaves when only the usage is left to come is charged by it: the rest is read behind its back, bounded in bytes and time. P3: whoever leaves
// earlier stops the provider at once. P4: whoever lets go of a stream without a word has left, once the runtime has collected it.
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
type Waiting = ReadableStreamDefaultController<Uint8Array>;
type Read = Awaited<ReturnType<Source["read"]>>;

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
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        // P4: nothing of ours may hold on to a stream that nobody reads.
        const reading = new WeakRef(controller);
        link.whenAborted((reason) => {
          if (passage.isOver) return;
          passage.stop(reason);
          reading.deref()?.error(reason);
        });
      },
      pull: (controller) => passage.pull(controller),
      cancel: (reason) => passage.stop(reason),
    },
    { highWaterMark: pace === "atOnce" ? Infinity : 0 },
  );
  letGo.register(stream, passage);
  return stream;
}

const letGo = new FinalizationRegistry<Passage>((passage) =>
  passage.stop(new Error("Nobody reads this answer any more.")),
);

/** Mutable: it is over once. */
class Passage {
  readonly #source: Source;
  readonly #watch: Watch;
  readonly #under: Under;
  /** Of the stream that waits for the read that is under way. */
  #controller: Waiting | undefined;
  /** The caller gets no more. */
  isOver = false;
  #isFinished = false;
  /** Told when the read is over that was under way when the caller left. */
  #readIsOver: (() => void) | undefined;

  constructor(source: Source, watch: Watch, under: Under) {
    this.#source = source;
    this.#watch = watch;
    this.#under = under;
  }

  /** Passes on what comes next. No promise is handed out for it: a chunk that passes is what asks for the next. */
  pull(controller: Waiting): void {
    if (this.#controller !== undefined) return;
    this.#controller = controller;
    this.#source.read().then(this.#onRead, this.#onBroken);
  }

  readonly #onRead = (read: Read): void => {
    const controller = this.#controller;
    this.#controller = undefined;
    try {
      this.#take(read, controller);
    } catch (error) {
      this.#broke(error, controller);
    }
  };

  readonly #onBroken = (error: unknown): void => {
    const controller = this.#controller;
    this.#controller = undefined;
    this.#broke(error, controller);
  };

  #take({ done, value }: Read, controller: Waiting | undefined): void {
    if (this.isOver) {
      if (!this.#isFinished && !done) this.#watch.pass(bytesOf(value));
      this.#readIsOver?.();
      return;
    }
    const parts = done ? this.#finish("ended") : this.#watch.pass(bytesOf(value));
    for (const part of parts) controller?.enqueue(part);
    if (done) controller?.close();
    else if (parts.length === 0 && controller !== undefined) this.pull(controller);
  }

  #broke(error: unknown, controller: Waiting | undefined): void {
    this.#readIsOver?.();
    if (this.isOver) return;
    this.#finish("broken");
    controller?.error(error);
  }

  /** The caller has left. */
  stop(reason: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.#isUsageLeft) this.#under.call.until(this.#drain(reason));
    else this.#leave(reason);
  }

  get #isUsageLeft(): boolean {
    const { reader } = this.#watch;
    return reader.isNearlyWhole && !reader.isUsageTold;
  }

  /** P2. */
  async #drain(reason: unknown): Promise<void> {
    let left = drainBytesMax;
    const giveUp = (): void => this.#cut(reason);
    const cancelTimer = defaultEnvironment.setTimer(drainMsMax, giveUp, true);
    try {
      if (this.#controller !== undefined)
        await new Promise<void>((resolve) => {
          this.#readIsOver = resolve;
        });
      while (left > 0 && this.#isUsageLeft) {
        const { done, value } = await this.#source.read();
        if (done) break;
        const bytes = bytesOf(value);
        left -= bytes.length;
        this.#watch.pass(bytes);
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

  /** Readers do not throw (W1); should one, the call ends all the same, and what went in is charged. */
  #evidence(): Evidence {
    try {
      const seen = this.#watch.reader.evidence();
      return this.#watch.isCut === true ? cutOff(seen) : seen;
    } catch {
      return { ...nothingSeen, isWhole: true };
    }
  }
}

/** A `fetch` of somebody's own may stream texts, which the SDKs take too. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError("The provider's answer is a stream of what is neither bytes nor text.");
}
