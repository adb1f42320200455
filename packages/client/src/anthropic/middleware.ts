// Owns: the middleware of `@anthropic-ai/sdk` that meters each attempt. It stands outside of the adaptation to Bedrock, Vertex and Foundry, so
// that it sees the same requests and streams for all of them.
import { meteredFetch } from "../fetch/metered-fetch.ts";
import type { Collector } from "../metering/collector.ts";

/** A request as the SDK hands it to middleware. */
export interface AnthropicRequest extends RequestInit {
  readonly url: string;
}

/** What the SDK tells beside it. */
export interface AnthropicContext {
  /** Undefined: it is none of the application's requests, but one for a token. */
  readonly options?: object | undefined;
}

/** `Middleware` of `@anthropic-ai/sdk` 1.12 and later. */
export type AnthropicMiddleware = <Asked extends AnthropicRequest>(
  request: Asked,
  next: (request: Asked) => Promise<Response>,
  context: AnthropicContext,
) => Promise<Response>;

/** How requests are metered. */
export interface AnthropicMiddlewareOptions {
  /** POSTs that pass unmetered, by the end of their path; default as of `meteredFetch`. */
  readonly free?: readonly string[];
}

/**
 * Meters the messages of an Anthropic client: each attempt is held, and settled by what the provider says.
 * A refusal becomes the SDK's own `APIError` with its `status` (402, 403, 409, 429, 503), is not retried, and looks the same from
 * `messages.create` and from `messages.stream`; `refusalOf(error)` is Cistern's word in it.
 *
 * Put it last in the list, so that what other middleware sends again is metered too.
 *
 * @example const anthropic = new Anthropic({ middleware: [anthropicMiddleware(credits)] });
 */
export function anthropicMiddleware(
  collector: Collector,
  options: AnthropicMiddlewareOptions = {},
): AnthropicMiddleware {
  return async (request, next, { options: asked }) => {
    if (asked === undefined) return await next(request);
    const send = async (_url: unknown, init?: RequestInit): Promise<Response> =>
      await next({ ...request, ...init });
    return await meteredFetch(collector, { ...options, fetch: send })(request.url, request);
  };
}
