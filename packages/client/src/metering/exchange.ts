// Owns: a request to a provider from its approval to the end of its answer, over anything that speaks `fetch`: the metered fetch, the
// client middleware of an SDK, and the gateway. X1: the provider is not asked without an approval. X2: what the caller reads is, byte for byte,
// what the provider sent, but for the usage that only we asked for. X3: nothing is read ahead of a stream's reader.
import type { Dialect, Exchange } from "../providers/dialect.ts";
import { defaultEnvironment } from "../defaults.ts";
import { type Json, isJson, parsed } from "../providers/json.ts";
import { type SseEvent, SseSplitter } from "../providers/sse.ts";
import type { Collector } from "./collector.ts";
import { nothingSeen } from "./ending.ts";
import type { MeteredCall } from "./metered-call.ts";

/** A request as it is about to be sent. */
export interface Outgoing {
  readonly dialect: Dialect;
  readonly path: string;
  readonly body: Json;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
}

/** Sends the request on: with another body where one is given, and with a signal that outlives the caller's by the last few bytes. */
export type Send = (changedBody: Json | undefined, signal: AbortSignal) => Promise<Response>;

/**
 * Carries out one request.
 *
 * @returns the provider's response, whose body meters itself as it is read
 * @throws CisternProblem, CisternUnavailable: it was not sent. Whatever `send` throws, unchanged.
 */
export async function exchange(
  collector: Collector,
  { dialect, path, body, signal }: Outgoing,
  send: Send,
): Promise<Response> {
  const asked = dialect.exchange({ path: path.toLowerCase(), body }, collector);
  signal?.throwIfAborted();
  const call = await collector.open(asked, signal);
  const upstream = new AbortController();
  const link = new CallerSignal(signal, upstream);
  let response: Response;
  try {
    response = await send(asked.changedBody, upstream.signal);
  } catch (error) {
    link.end();
    // An answer that never began delivered nothing; who gave up has had its input read all the same.
    call.end(nothingSeen, signal?.aborted === true ? "cancelled" : "broken");
    throw error;
  }
  return metered(response, { asked, call, upstream, link });
}

interface Under {
  readonly asked: Exchange;
  readonly call: MeteredCall;
  readonly upstream: AbortController;
  readonly link: CallerSignal;
}

function metered(response: Response, under: Under): Response {
  const { call, link } = under;
  if (!response.ok || response.body === null) {
    link.end();
    call.end(nothingSeen, response.ok ? "broken" : "refused");
    return response;
  }
  const isEvents = (response.headers.get("content-type") ?? "").startsWith("text/event-stream");
  const source = new Uint8Reader(response.body.getReader());
  const body = isEvents ? streamed(source, under) : whole(source, under, response.headers);
  return sameResponse(body, response);
}

/** The response with another body; what a constructor cannot set is carried over. */
function sameResponse(body: ReadableStream<Uint8Array>, response: Response): Response {
  const { status, statusText, headers, url, redirected, type } = response;
  const copy = new Response(body, { status, statusText, headers });
  for (const [name, value] of Object.entries({ url, redirected, type }))
    Object.defineProperty(copy, name, { value });
  return copy;
}

/** The bytes that a provider sends. */
class Uint8Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  /** The next bytes; undefined: there are no more. */
  async next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#reader.read();
    return done ? undefined : value;
  }
}

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

/** An event stream: each event is looked at as it passes, when its reader asks for it (X3). */
function streamed(source: Uint8Reader, under: Under): ReadableStream<Uint8Array> {
  const { asked, call, upstream, link } = under;
  const reader = asked.read();
  const hides = asked.changedBody !== undefined;
  const splitter = new SseSplitter();
  const look = (event: SseEvent): boolean => reader.event(event.data, event.name) === "keep";
  let isOver = false;
  const finish = (stop: "ended" | "cancelled" | "broken"): void => {
    isOver = true;
    link.end();
    const rest = splitter.rest();
    if (rest !== undefined) look(rest);
    call.end(reader.evidence(), stop);
  };
  /** X2 with something to hide: only whole events leave. */
  const passing = (chunk: Uint8Array): readonly Uint8Array[] => {
    const events = splitter.push(chunk);
    const seen = events.filter(look).map(({ bytes }) => bytes);
    return hides ? seen : [chunk];
  };
  /** Everything but the usage has been delivered: it is worth a few more bytes, behind the caller's back. */
  const drain = async (reason: unknown): Promise<void> => {
    let left = drainBytesMax;
    const giveUp = (): void => upstream.abort(reason);
    const cancelTimer = defaultEnvironment.setTimer(drainMsMax, giveUp, true);
    try {
      while (left > 0 && reader.isNearlyWhole && reader.evidence().usage === undefined) {
        const chunk = await source.next();
        if (chunk === undefined) break;
        left -= chunk.length;
        passing(chunk);
      }
    } catch {
      // The provider hung up: what was seen until then decides.
    }
    cancelTimer();
    finish("cancelled");
    upstream.abort(reason);
  };
  const stop = (reason: unknown): void => {
    if (isOver) return;
    isOver = true;
    if (reader.isNearlyWhole) call.until(drain(reason));
    else {
      finish("cancelled");
      upstream.abort(reason);
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        link.whenAborted((reason) => {
          if (isOver) return;
          stop(reason);
          controller.error(reason);
        });
      },
      pull: async (controller) => {
        try {
          for (;;) {
            const chunk = await source.next();
            if (isOver) return;
            if (chunk === undefined) {
              const rest = hides ? splitter.rest() : undefined;
              if (rest !== undefined && look(rest)) controller.enqueue(rest.bytes);
              finish("ended");
              controller.close();
              return;
            }
            const parts = passing(chunk);
            for (const part of parts) controller.enqueue(part);
            if (parts.length > 0) return;
          }
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

/** What may come between the last token and the usage. */
const drainBytesMax = 64 * 1024;
const drainMsMax = 5_000;

/** An answer in one piece. It is read at once, whether or not the caller does: it was paid for. */
function whole(source: Uint8Reader, under: Under, headers: Headers): ReadableStream<Uint8Array> {
  const { asked, call, upstream, link } = under;
  const reader = asked.read();
  const isJsonBody = (headers.get("content-type") ?? "").includes("json");
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  let isOver = false;
  const finish = (stop: "ended" | "cancelled" | "broken"): void => {
    if (isOver) return;
    isOver = true;
    link.end();
    if (bytes > 0) reader.body(isJsonBody ? parsed(text + decoder.decode()) : undefined, bytes);
    call.end(reader.evidence(), stop);
  };
  const stop = (reason: unknown): void => {
    if (isOver) return;
    finish("cancelled");
    upstream.abort(reason);
  };
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      link.whenAborted((reason) => {
        if (isOver) return;
        stop(reason);
        controller.error(reason);
      });
      const pump = async (): Promise<void> => {
        try {
          for (;;) {
            const chunk = await source.next();
            if (isOver) return;
            if (chunk === undefined) break;
            bytes += chunk.length;
            if (isJsonBody) text += decoder.decode(chunk, { stream: true });
            controller.enqueue(chunk);
          }
          finish("ended");
          controller.close();
        } catch (error) {
          if (isOver) return;
          finish("broken");
          controller.error(error);
        }
      };
      void pump();
    },
    cancel: (reason) => {
      stop(reason);
    },
  });
}

/** A request's body as JSON; undefined where it is none. */
export function jsonBody(body: unknown): Json | undefined {
  if (typeof body !== "string") return undefined;
  const value = parsed(body);
  return isJson(value) ? value : undefined;
}
