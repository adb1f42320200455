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
  { call, reader, link, upstream }: PartsUnder,
): ReadableStream<Part> {
  const source = new SeenParts(stream.getReader(), reader);
  let isOver = false;
  const finish = (stop: "ended" | "cancelled" | "broken"): void => {
    isOver = true;
    link?.end();
    call.end(reader.evidence(), stop);
  };
  const stopProvider = (reason: unknown): void => {
    upstream?.abort(reason);
    source.cancel(reason);
  };
  /** A3: the provider's next word is its end, or says that it would go on. */
  const listenOn = async (reason: unknown): Promise<void> => {
    const giveUp = (): void => stopProvider(reason);
    const cancelTimer = defaultEnvironment.setTimer(listenMsMax, giveUp, true);
    const heard = reader.outputs;
    try {
      let next = await source.next();
      while (next !== undefined && !reader.isOver && reader.outputs === heard)
        next = await source.next();
    } catch {
      // The provider broke off: what was seen until then decides.
    }
    cancelTimer();
    call.end(reader.evidence(), "cancelled");
    stopProvider(reason);
  };
  const stop = (reason: unknown): void => {
    if (isOver) return;
    if (reader.outputs > 0 && !reader.isOver) {
      isOver = true;
      link?.end();
      call.until(listenOn(reason));
      return;
    }
    finish("cancelled");
    stopProvider(reason);
  };
  return new ReadableStream<Part>(
    {
      start: (controller) => {
        link?.whenAborted((reason) => {
          if (isOver) return;
          stop(reason);
          controller.error(reason);
        });
      },
      pull: async (controller) => {
        try {
          const next = await source.next();
          if (isOver) return;
          if (next === undefined) {
            finish("broken");
            controller.close();
            return;
          }
          if (reader.isOver) call.end(reader.evidence(), "ended");
          controller.enqueue(next);
        } catch (error) {
          if (isOver) return;
          finish("broken");
          controller.error(error);
        }
      },
      cancel: (reason) => {
        stop(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Longer is not waited for what may be the end. */
const listenMsMax = 250;

/** Parts that are seen when they are read, whoever reads. */
class SeenParts<Part> {
  readonly #source: ReadableStreamDefaultReader<Part>;
  readonly #reader: LanguageReader;

  constructor(source: ReadableStreamDefaultReader<Part>, reader: LanguageReader) {
    this.#source = source;
    this.#reader = reader;
  }

  /** The next part; undefined: there are no more. */
  async next(): Promise<Part | undefined> {
    const { done, value } = await this.#source.read();
    if (done) return undefined;
    this.#reader.see(value);
    return value;
  }

  cancel(reason: unknown): void {
    this.#source.cancel(reason).catch(() => {});
  }
}
