// Owns: a call of a language model of the AI SDK, from its approval to its end. The SDK runs a middleware once an attempt, inside its retries.
// A1: a refusal is thrown as it is, and the SDK does not retry it. A2: parts pass as they come, none is read ahead, and whoever stops is
// stopped at once. A3: a provider whose caller stopped is read on until its next word: where that is the end, the charge is exact.
import type { Collector } from "../metering/collector.ts";
import { nothingSeen } from "../metering/ending.ts";
import { CallerSignal } from "../metering/caller-signal.ts";
import type { MeteredCall } from "../metering/metered-call.ts";
import { type LanguageParams, languageRequest } from "./language-request.ts";
import { type Generated, LanguageReader, generatedEvidence } from "./language-reader.ts";
import { meteredParts } from "./metered-parts.ts";
import type { NamedModel } from "./named-model.ts";
import { wasAnswered } from "./was-answered.ts";

/** What the SDK gives a middleware. */
interface LanguageCall<Result> {
  readonly params: LanguageParams;
  readonly model: NamedModel;
  readonly doGenerate: () => PromiseLike<Result>;
}

interface StreamCall<Result> {
  readonly params: LanguageParams;
  readonly model: NamedModel;
  readonly doStream: () => PromiseLike<Result>;
}

interface Streamed<Part> {
  readonly stream: ReadableStream<Part>;
}

/** A middleware for `wrapLanguageModel` and `wrapProvider`. */
export interface LanguageModelMiddleware {
  readonly specificationVersion: "v4";
  transformParams<Params extends LanguageParams>(call: {
    readonly type: "generate" | "stream";
    readonly params: Params;
  }): Promise<Params>;
  wrapGenerate<Result extends Generated>(call: LanguageCall<Result>): Promise<Result>;
  wrapStream<Part extends { readonly type: string }, Result extends Streamed<Part>>(
    call: StreamCall<Result & Streamed<Part>>,
  ): Promise<Result>;
}

/**
 * Meters each call of a model, also those that the SDK makes for a tool loop or a retry. What may not be called throws `CisternProblem`:
 * `generateText` rejects with it; `streamText` tells `onError` alone, so a route that must answer 402 calls `authorize` first.
 *
 * @example
 * const model = wrapLanguageModel({ model: openai("gpt-5"), middleware: languageModelMiddleware(credits) });
 */
export function languageModelMiddleware(collector: Collector): LanguageModelMiddleware {
  const upstreams = new WeakMap<AbortSignal, Upstream>();
  return {
    specificationVersion: "v4",
    transformParams: async ({ type, params }) => {
      const signal = params.abortSignal;
      if (type === "generate" || signal === undefined) return await Promise.resolve(params);
      const upstream = new AbortController();
      const link = new CallerSignal(signal, upstream);
      if (signal.aborted) upstream.abort(signal.reason);
      upstreams.set(upstream.signal, { link, upstream });
      return await Promise.resolve({ ...params, abortSignal: upstream.signal });
    },
    wrapGenerate: async ({ doGenerate, params, model }) => {
      params.abortSignal?.throwIfAborted();
      const call = await collector.open(
        languageRequest(collector, params, model),
        params.abortSignal,
      );
      try {
        const result = await doGenerate();
        call.end(generatedEvidence(result, collector.estimator), "ended");
        return result;
      } catch (error) {
        endFailed(call, error, params.abortSignal);
        throw error;
      }
    },
    wrapStream: async ({ doStream, params, model }) => {
      const signal = params.abortSignal;
      const under = signal === undefined ? undefined : upstreams.get(signal);
      try {
        signal?.throwIfAborted();
        const call = await collector.open(languageRequest(collector, params, model), signal);
        try {
          const result = await doStream();
          const reader = new LanguageReader(collector.estimator);
          return { ...result, stream: meteredParts(result.stream, { call, reader, ...under }) };
        } catch (error) {
          endFailed(call, error, signal);
          throw error;
        }
      } catch (error) {
        under?.link.end();
        throw error;
      }
    },
  };
}

/** The caller's signal and the one that the provider has in its place. */
interface Upstream {
  readonly link: CallerSignal;
  readonly upstream: AbortController;
}

function endFailed(call: MeteredCall, error: unknown, signal: AbortSignal | undefined): void {
  if (wasAnswered(error)) call.end({ ...nothingSeen, isWhole: true }, "ended");
  else call.end(nothingSeen, signal?.aborted === true ? "cancelled" : "broken");
}
