// Owns: a request to a provider from its approval to the beginning of its answer, over anything that speaks `fetch`: the metered fetch, the
// client middleware of an SDK, and the gateway. X1: the provider is not asked without an approval. X2: what the caller reads is, byte for byte,
// what the provider sent, but for the usage that only we asked for. X3: nothing is read ahead of a stream's reader. X4: an answer that cannot be
// watched is handed on as it is, and charged what was held for it.
import type { Dialect, Exchange } from "../providers/dialect.ts";
import { deploymentInPath } from "../providers/model-in-path.ts";
import { type Json, isJson, parsed } from "../providers/json.ts";
import { CallerSignal } from "./caller-signal.ts";
import type { Collector } from "./collector.ts";
import { outputOf } from "./buckets.ts";
import { nothingSeen } from "./ending.ts";
import { type Under, passing } from "./passing.ts";
import { EventsWatch, HidingWatch, SoundWatch, WholeWatch } from "./watch.ts";

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
  const asked = named(dialect.exchange({ path, body }, collector), path);
  signal?.throwIfAborted();
  const call = await collector.open(asked, signal);
  if (isAborted(signal)) {
    // Who gave up while the hold was made has asked the provider for nothing.
    call.end(nothingSeen, "refused");
    signal?.throwIfAborted();
  }
  const upstream = new AbortController();
  const link = new CallerSignal(signal, upstream);
  let response: Response;
  try {
    response = await sendAsked(send, asked.changedBody, upstream.signal);
  } catch (error) {
    link.end();
    // An answer that never began delivered nothing; who gave up has had its input read all the same.
    call.end(nothingSeen, isAborted(signal) ? "cancelled" : "broken");
    throw error;
  }
  return metered(response, { asked, call, upstream, link });
}

const named = (asked: Exchange, path: string): Exchange =>
  asked.model === undefined || asked.model === ""
    ? { ...asked, model: deploymentInPath(path) ?? asked.model }
    : asked;

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** A server that does not know what was added to the body is asked without it: it was not the caller's wish. */
async function sendAsked(
  send: Send,
  changedBody: Json | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const response = await send(changedBody, signal);
  if (changedBody === undefined || (response.status !== 400 && response.status !== 422))
    return response;
  const said = await response
    .clone()
    .text()
    .catch(() => "");
  if (!said.includes("stream_options")) return response;
  await response.body?.cancel().catch(() => {});
  return await send(undefined, signal);
}

function metered(response: Response, under: Under): Response {
  const { asked, call, link } = under;
  try {
    if (response.ok && response.body !== null) return watched(response, response.body, under);
    link.end();
    call.end(nothingSeen, response.ok ? "broken" : "refused");
  } catch {
    // X4.
    link.end();
    call.end({ ...nothingSeen, delivered: outputOf(asked.estimate), isWhole: true }, "ended");
  }
  return response;
}

function watched(response: Response, body: object, under: Under): Response {
  const { asked } = under;
  const type = (response.headers.get("content-type") ?? "").toLowerCase();
  const isJsonType = type.includes("json");
  const reader = asked.read();
  const source = bytesIn(body).getReader();
  const isStream = asked.isStream === true;
  if (type.startsWith("text/event-stream") || (isStream && !isJsonType)) {
    const hides = asked.changedBody !== undefined;
    const watch = hides ? new HidingWatch(reader) : new EventsWatch(reader);
    return sameResponse(passing(source, watch, under, "asItIsRead"), response, hides);
  }
  if (asked.kind === "speech" && !/^text\/|json/.test(type))
    return sameResponse(passing(source, new SoundWatch(reader), under, "asItIsRead"), response);
  // An answer in one piece is read at once, whether or not the caller does: it was paid for. Google streams lists, too (X3).
  const pace = isStream ? "asItIsRead" : "atOnce";
  return sameResponse(passing(source, new WholeWatch(reader, isJsonType), under, pace), response);
}

/** Some bring a `fetch` of older make, whose bodies are streams of Node. */
function bytesIn(body: object): ReadableStream<Uint8Array> {
  if (isWebStream(body)) return body;
  if (isIterable(body)) return ReadableStream.from(body);
  throw new TypeError("The answer's body is no stream.");
}

const isWebStream = (body: object): body is ReadableStream<Uint8Array> => "getReader" in body;
const isIterable = (body: object): body is AsyncIterable<Uint8Array> =>
  Symbol.asyncIterator in body;

/** The response with another body; what a constructor cannot set is carried over. */
function sameResponse(
  body: ReadableStream<Uint8Array>,
  response: Response,
  isShorter = false,
): Response {
  const { status, statusText, url, redirected, type } = response;
  const headers = isShorter ? new Headers(response.headers) : response.headers;
  if (isShorter) headers.delete("content-length");
  const copy = new Response(body, { status, statusText, headers });
  return asCameBy(copy, { url, redirected, type });
}

/** Also the clones of it: some SDKs read their errors from one. */
function asCameBy(copy: Response, came: Pick<Response, "url" | "redirected" | "type">): Response {
  const clone = (): Response => asCameBy(Response.prototype.clone.call(copy), came);
  for (const [name, value] of Object.entries({ ...came, clone }))
    Object.defineProperty(copy, name, { value });
  return copy;
}

/** A request's body as JSON; undefined where it is none. */
export function jsonBody(body: unknown): Json | undefined {
  if (typeof body !== "string") return undefined;
  const value = parsed(body);
  return isJson(value) ? value : undefined;
}
