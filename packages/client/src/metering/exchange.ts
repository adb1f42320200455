// Owns: a request to a provider from its approval to the beginning of its answer, over anything that speaks `fetch`: the metered fetch, the
// client middleware of an SDK, and the gateway. X1: the provider is not asked without an approval. X2: what the caller reads is, byte for byte,
// what the provider sent, but for the usage that only we asked for. X3: nothing is read ahead of a stream's reader.
import type { Dialect } from "../providers/dialect.ts";
import { type Json, isJson, parsed } from "../providers/json.ts";
import { CallerSignal } from "./caller-signal.ts";
import type { Collector } from "./collector.ts";
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
  const asked = dialect.exchange({ path: path.toLowerCase(), body }, collector);
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
  if (!response.ok || response.body === null) {
    link.end();
    call.end(nothingSeen, response.ok ? "broken" : "refused");
    return response;
  }
  const type = (response.headers.get("content-type") ?? "").toLowerCase();
  const reader = asked.read();
  const source = response.body.getReader();
  const isEvents = type.startsWith("text/event-stream");
  if (isEvents || (asked.isStream === true && !type.includes("json"))) {
    const hides = asked.changedBody !== undefined;
    const watch = hides ? new HidingWatch(reader) : new EventsWatch(reader);
    const body = passing(source, watch, under, "asItIsRead");
    return sameResponse(body, response, hides);
  }
  if (asked.kind === "speech" && !/^text\/|json/.test(type))
    return sameResponse(passing(source, new SoundWatch(reader), under, "asItIsRead"), response);
  // It is read at once, whether or not the caller does: it was paid for.
  return sameResponse(
    passing(source, new WholeWatch(reader, type.includes("json")), under, "atOnce"),
    response,
  );
}

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
  for (const [name, value] of Object.entries({ url, redirected, type }))
    Object.defineProperty(copy, name, { value });
  return copy;
}

/** A request's body as JSON; undefined where it is none. */
export function jsonBody(body: unknown): Json | undefined {
  if (typeof body !== "string") return undefined;
  const value = parsed(body);
  return isJson(value) ? value : undefined;
}
