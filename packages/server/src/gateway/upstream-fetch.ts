/**
 * Owns how a provider is called: patience with its first byte and between two bytes, and headers that concern nobody else.
 *
 * U1 the caller's key never leaves, and the provider's never comes back. U2 a provider that is silent for too long has failed: it did not
 * answer, or its answer is cut off here.
 */
import type { Upstream } from "../host/index.ts";

/** Milliseconds. */
export interface Patience {
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
}

/** Calls back after a time, unless it is called off. */
export type After = (ms: number, callBack: () => void) => () => void;

/** The provider did not answer in time. */
class UpstreamTimeout extends Error {
  override readonly name = "UpstreamTimeout";
}

/** Of one hop alone, or of Cistern's own. */
const keptHere: ReadonlySet<string> = new Set([
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
  "host",
  "connection",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "accept-encoding",
  "expect",
  "cookie",
  "forwarded",
  // Whose account at the provider it is, is the vendor's to say, and POST is POST.
  "openai-organization",
  "openai-project",
  "x-goog-user-project",
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
]);

/** The request's headers as the provider gets them (U1). */
export function upstreamHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  { key, keyHeader }: Upstream,
): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const isOurs = name.startsWith("x-cistern-") || name.startsWith("x-forwarded-");
    if (value === undefined || isOurs || keptHere.has(name)) continue;
    sent[name] = typeof value === "string" ? value : value.join(", ");
  }
  // What passes is looked at, and passes on as it came.
  sent["accept-encoding"] = "identity";
  if (key !== undefined)
    sent[keyHeader === "bearer" ? "authorization" : keyHeader] =
      keyHeader === "bearer" ? `Bearer ${key}` : key;
  return sent;
}

/** The answer's headers as the caller gets them. */
export function answerHeaders(headers: Headers): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of headers)
    if (!keptHere.has(name) && name !== "content-encoding" && name !== "set-cookie")
      sent[name] = value;
  return sent;
}

const smallBytes = 256 * 1024;

/** It comes in one or two packets: not worth a stream. */
export function isSmall(headers: Headers): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= smallBytes;
}

/** `fetch` with patience (U2). */
export function patientFetch({ firstByteMs, betweenBytesMs }: Patience, after: After) {
  return async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const given = new AbortController();
    const { signal } = init;
    const onAbort = (): void => given.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    const late = (what: string, ms: number) => () =>
      given.abort(new UpstreamTimeout(`The provider sent ${what} in ${ms} ms.`));
    const callOff = after(firstByteMs, late("no answer", firstByteMs));
    let response: Response;
    try {
      response = await fetch(input, { ...init, signal: given.signal, redirect: "manual" });
    } finally {
      callOff();
    }
    if (response.body === null || isSmall(response.headers)) return response;
    const watched = watchedBody(response.body, () =>
      after(betweenBytesMs, late("nothing more", betweenBytesMs)),
    );
    const { status, statusText, headers } = response;
    return new Response(watched, { status, statusText, headers });
  };
}

/** Bytes that must not be too far apart, once somebody asks for them: a slow reader is not a slow provider. */
function watchedBody(body: ReadableStream<Uint8Array>, watch: () => () => void) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const callOff = watch();
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } finally {
          callOff();
        }
      },
      cancel: async (reason) => await reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
