// Owns: a stream of parts that is looked at as it passes, and ends its call once.
import { defaultEnvironment } from "../defaults.ts";
import type { CallerSignal } from "../metering/caller-signal.ts";
import type { MeteredCall } from "../metering/metered-call.ts";
import type { LanguageReader } from "./language-reader.ts";

/** What a stream of parts stands on. */
export interface PartsUnder {
  readonly call: MeteredCall;
  readonly reader: LanguageReader;
  /** The caller's signal, and the provider's in its place, where the caller gave one. */
  readonly link?: CallerSignal;
  readonly upstream?: AbortController;
}

/** The same parts, at the same time. */
export function meteredParts<Part>(
  stream: ReadableStream<Part>,
  under: PartsUnder,
): ReadableStream<Part> {
  const passage = new Passage(stream.getReader(), under);
  const parts = new ReadableStream<Part>(
    {
      start: (controller) => {
        // Nothing of ours may hold on to a stream that nobody reads.
        const reading = new WeakRef(controller);
        under.link?.whenAborted((reason) => {
          if (passage.isOver) return;
          passage.stop(reason);
          reading.deref()?.error(reason);
        });
      },
      pull: (controller) => passage.pull(controller),
      cancel: (reason) => passage.stop(reason),
    },
    { highWaterMark: 0 },
  );
  letGo.register(parts, (reason) => passage.stop(reason));
  return parts;
}

/** Whoever lets go of a stream without a word has left, once the runtime has collected it. */
const letGo = new FinalizationRegistry<(reason: unknown) => void>((stop) =>
  stop(new Error("Nobody reads this answer any more.")),
);

type Source<Part> = ReadableStreamDefaultReader<Part>;
type Waiting<Part> = ReadableStreamDefaultController<Part>;
type Read<Part> = Awaited<ReturnType<Source<Part>["read"]>>;

/** Longer is not waited for what may be the end. */
const listenMsMax = 250;

/** Mutable: it is over once. */
class Passage<Part> {
  readonly #source: Source<Part>;
  readonly #under: PartsUnder;
  /** Of the stream that waits for the read that is under way. */
  #controller: Waiting<Part> | undefined;
  #isReading = false;
  /** The caller gets no more. */
  isOver = false;
  /** Told of what comes after the caller has left, where somebody listens on. */
  #onHeard: ((isLast: boolean) => void) | undefined;

  constructor(source: Source<Part>, under: PartsUnder) {
    this.#source = source;
    this.#under = under;
  }

  /** Reads on; for nobody, where the caller has left. */
  pull(controller?: Waiting<Part>): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#controller = controller;
    this.#source.read().then(this.#onRead, this.#onBroken);
  }

  /** The caller has left. */
  stop(reason: unknown): void {
    if (this.isOver) return;
    const { call, reader, link } = this.#under;
    if (reader.outputs > 0 && !reader.isOver) {
      this.isOver = true;
      link?.end();
      call.until(this.#listenOn(reason));
      return;
    }
    this.#finish("cancelled");
    this.#stopProvider(reason);
  }

  readonly #onRead = ({ done, value }: Read<Part>): void => {
    const controller = this.#controller;
    const { call, reader } = this.#under;
    this.#readIsOver();
    try {
      if (!done) reader.see(value);
      if (this.isOver) this.#onHeard?.(done);
      else if (done) {
        this.#finish("broken");
        controller?.close();
      } else {
        if (reader.isOver) call.end(reader.evidence(), "ended");
        controller?.enqueue(value);
      }
    } catch (error) {
      this.#broke(error, controller);
    }
  };

  readonly #onBroken = (error: unknown): void => {
    const controller = this.#controller;
    this.#readIsOver();
    this.#broke(error, controller);
  };

  #readIsOver(): void {
    this.#isReading = false;
    this.#controller = undefined;
  }

  #broke(error: unknown, controller: Waiting<Part> | undefined): void {
    if (this.isOver) {
      this.#onHeard?.(true);
      return;
    }
    this.#finish("broken");
    controller?.error(error);
  }

  /** A3: the provider's next word is its end, or says that it would go on. */
  async #listenOn(reason: unknown): Promise<void> {
    const { call, reader } = this.#under;
    const before = reader.outputs;
    await new Promise<void>((resolve) => {
      const cancelTimer = defaultEnvironment.setTimer(listenMsMax, resolve, true);
      this.#onHeard = (isLast) => {
        if (!isLast && !reader.isOver && reader.outputs === before) {
          this.pull();
          return;
        }
        cancelTimer();
        resolve();
      };
      this.pull();
    });
    call.end(reader.evidence(), "cancelled");
    this.#stopProvider(reason);
  }

  #finish(stop: "cancelled" | "broken"): void {
    this.isOver = true;
    this.#under.link?.end();
    this.#under.call.end(this.#under.reader.evidence(), stop);
  }

  #stopProvider(reason: unknown): void {
    this.#under.upstream?.abort(reason);
    this.#source.cancel(reason).catch(() => {});
  }
}
