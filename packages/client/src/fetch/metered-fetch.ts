// Owns: a `fetch` that meters what passes through it, for SDKs that take one.
import { exchange, jsonBody } from "../metering/exchange.ts";
import type { Collector } from "../metering/collector.ts";
import { dialectOf } from "../providers/index.ts";
import { denialOf } from "./denial.ts";

/** `fetch`, as SDKs take it. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** How requests are metered. */
export interface MeteredFetchOptions {
  /** What sends them; default: the runtime's `fetch`. */
  readonly fetch?: FetchLike;
  /** POSTs that pass unmetered, by the end of their path; default `/moderations`, `/files`, `/count_tokens`. What reads or deletes passes always. */
  readonly free?: readonly string[];
}

const freeDefault = [
  "/moderations",
  "/files",
  "/count_tokens",
  "/embeddings/count",
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
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = (
      init?.method ?? (input instanceof Request ? input.method : "GET")
    ).toUpperCase();
    const path = url.pathname;
    if (method !== "POST" || free.some((end) => path.toLowerCase().endsWith(end)))
      return await send(input, init);
    const dialect = dialectOf(path);
    const text = await bodyText(input, init);
    const body = jsonBody(text);
    if (dialect === undefined || body === undefined) return unmetered(path);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    try {
      return await exchange(
        collector,
        { dialect, path, body, signal },
        async (changedBody, upstream) =>
          await send(input, {
            ...init,
            ...(changedBody === undefined ? {} : { body: JSON.stringify(changedBody) }),
            signal: upstream,
          }),
      );
    } catch (error) {
      const denied = denialOf(error);
      if (denied === undefined) throw error;
      return denied;
    }
  };
}

async function bodyText(input: string | URL | Request, init?: RequestInit): Promise<unknown> {
  const body = init?.body ?? undefined;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  if (body !== undefined) return body;
  return input instanceof Request ? await input.clone().text() : undefined;
}

function unmetered(path: string): Response {
  const message = `Cistern meters no POST to ${path}, so it is not sent. Name its end in \`free\` if it costs nothing, or call it inside \`workspace.run\`.`;
  return Response.json(
    { type: "error", error: { type: "cistern_unmetered", code: "unmetered", message } },
    { status: 501, headers: { "x-should-retry": "false" } },
  );
}
