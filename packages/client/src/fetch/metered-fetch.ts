// Owns: a `fetch` that meters what passes through it, for SDKs that take one.
import { exchange, jsonBody } from "../metering/exchange.ts";
import { formBody } from "../providers/form.ts";
import type { Json } from "../providers/json.ts";
import type { Collector } from "../metering/collector.ts";
import { dialectOf } from "../providers/index.ts";
import { denialOf } from "./denial.ts";

/** `fetch`, as SDKs take it. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** How requests are metered. */
export interface MeteredFetchOptions {
  /** What sends them; default: the runtime's `fetch`. */
  readonly fetch?: FetchLike;
  /** POSTs that pass unmetered, by the end of their path; default `/moderations`, `/files` and what counts or cancels. What reads or deletes passes always. */
  readonly free?: readonly string[];
}

const freeDefault = [
  "/moderations",
  "/files",
  "/count_tokens",
  "/responses/input_tokens",
  "/cancel",
  ":counttokens",
];

/**
 * A `fetch` that asks Cistern before each call and settles what the provider says was used. A refusal comes as an error answer of the provider's
 * kind (402, 403, 409, 429, 503), so that the SDK throws its own error with `status` and `error.problem`. A POST that no dialect knows is refused
 * with 501, so that nothing is given away unseen, unless `free` names it.
 *
 * @example const openai = new OpenAI({ fetch: meteredFetch(credits) });
 */
export function meteredFetch(collector: Collector, options: MeteredFetchOptions = {}): FetchLike {
  const { fetch: send = globalThis.fetch, free = freeDefault } = options;
  const ends = free.map((end) => end.toLowerCase());
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = new URL(input instanceof Request ? input.url : input);
    const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
    const path = url.pathname;
    if (method !== "POST" || ends.some((end) => path.toLowerCase().endsWith(end)))
      return await send(input, init);
    const dialect = dialectOf(path);
    const read = dialect === undefined ? undefined : await bodyOf(request, init);
    if (dialect === undefined) return unmetered(unknownPath(path, free.length > 0));
    if (read === undefined) return unmetered(unreadable(path));
    const { body, text } = read;
    const signal = init?.signal ?? request?.signal ?? undefined;
    try {
      return await exchange(
        collector,
        { dialect, path, body, signal },
        async (changedBody, upstream) =>
          await send(input, {
            ...init,
            signal: upstream,
            ...changed(changedBody, {
              headers: init?.headers ?? request?.headers,
              text: "stream_options" in body ? undefined : text,
            }),
          }),
      );
    } catch (error) {
      const denied = denialOf(error);
      if (denied === undefined) throw error;
      return denied;
    }
  };
}

/** What of a request is another where its body is: the length that somebody counted is of the body before. */
function changed(
  body: Json | undefined,
  before: { readonly headers: RequestInit["headers"]; readonly text: string | undefined },
): RequestInit {
  if (body === undefined) return {};
  const headers = new Headers(before.headers);
  headers.delete("content-length");
  return { body: withOptions(body, before.text), headers };
}

/** The wish for usage is put into the text as it came: numbers that are too long for JavaScript stay what they were. */
function withOptions(body: Json, text: string | undefined): string {
  const start = text?.indexOf("{") ?? -1;
  if (text === undefined || start === -1) return JSON.stringify(body);
  const options = JSON.stringify(body["stream_options"]);
  return `${text.slice(0, start + 1)}"stream_options":${options},${text.slice(start + 1)}`;
}

/** A request's body as it is metered. */
interface ReadBody {
  readonly body: Json;
  /** As it came, where it is JSON. */
  readonly text?: string;
}

/** What a request asks for; undefined: it can only be read once, or is in no form that is metered. */
async function bodyOf(
  request: Request | undefined,
  init: RequestInit | undefined,
): Promise<ReadBody | undefined> {
  const body = init?.body ?? undefined;
  if (typeof body === "string") return readJson(body);
  if (body instanceof FormData) return { body: formBody(body) };
  if (body === undefined ? request === undefined : isReadOnce(body)) return undefined;
  const whole = body === undefined ? request?.clone() : new Response(body);
  const type = new Headers(init?.headers ?? request?.headers).get("content-type") ?? "";
  try {
    if (type.startsWith("multipart/form-data"))
      return { body: formBody(await withType(whole, type)) };
    return readJson((await whole?.text()) ?? "");
  } catch {
    return undefined;
  }
}

/** A stream of the web or of Node: to look at it would be to take it from the provider. */
const isReadOnce = (body: NonNullable<RequestInit["body"]>): boolean =>
  typeof body === "object" && (Symbol.asyncIterator in body || "getReader" in body);

function readJson(text: string): ReadBody | undefined {
  const body = jsonBody(text);
  return body === undefined ? undefined : { body, text };
}

/** Bytes of a form, with the type that tells how to cut them. */
async function withType(whole: Request | Response | undefined, type: string): Promise<FormData> {
  const bytes = await whole?.arrayBuffer();
  return await new Response(bytes ?? null, { headers: { "content-type": type } }).formData();
}

/** Who may name none in `free`, such as the client of a gateway, is not told to. */
function unknownPath(path: string, namesFree: boolean): string {
  const next = namesFree
    ? " Name its end in `free` if it costs nothing, or call it inside `workspace.run`."
    : "";
  return `Cistern meters no such POST to ${path}, so it is not sent.${next}`;
}

const unreadable = (path: string): string =>
  `The body of this POST to ${path} is no JSON object or form that can be read ahead, so it cannot be metered and is not sent. Send it as JSON.`;

function unmetered(message: string): Response {
  return Response.json(
    { type: "error", error: { type: "cistern_unmetered", code: "unmetered", message } },
    { status: 501, headers: { "x-should-retry": "false" } },
  );
}
