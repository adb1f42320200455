// Owns: the safety net for models that nobody wrapped: every call of a language model in the process passes the SDK's telemetry. T1: it is for
// models without the middleware: a call that passes both is charged twice. T2: the SDK shows telemetry no signal, so that a provider that is
// aborted is not listened to any more: what passed is charged.
import type { Collector } from "../metering/collector.ts";
import { nothingSeen } from "../metering/ending.ts";
import type { MeteredCall } from "../metering/metered-call.ts";
import { isJson } from "../providers/json.ts";
import { type Generated, LanguageReader, generatedEvidence } from "./language-reader.ts";
import { languageRequest } from "./language-request.ts";
import { meteredParts } from "./metered-parts.ts";
import { wasAnswered } from "./was-answered.ts";

/** What is read of a call. */
interface ObservedCall<Result> {
  readonly execute: () => PromiseLike<Result>;
  readonly modelId?: string | undefined;
  readonly instructions?: unknown;
  readonly messages?: readonly unknown[] | undefined;
  readonly tools?: readonly unknown[] | undefined;
  readonly maxOutputTokens?: number | undefined;
}

/** For `registerTelemetry`. */
export interface TelemetryGate {
  readonly executeLanguageModelCall: <Result>(call: ObservedCall<Result>) => Promise<Result>;
}

/**
 * Meters every call of a language model in the process, where its models are not wrapped.
 *
 * @example registerTelemetry(telemetryGate(credits));
 */
export function telemetryGate(collector: Collector): TelemetryGate {
  return {
    executeLanguageModelCall: async (observed) => {
      const { execute, modelId = "unknown", messages = [], tools, maxOutputTokens } = observed;
      const { instructions } = observed;
      const first = instructions === undefined ? [] : [instructions].flat();
      const params = {
        prompt: [...first, ...messages],
        ...(tools === undefined ? {} : { tools }),
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      };
      const call = await collector.open(languageRequest(collector, params, { modelId }));
      try {
        return ended(await execute(), call, collector);
      } catch (error) {
        const isAbort = error instanceof Error && /abort|timeout/i.test(error.name);
        if (wasAnswered(error)) call.end({ ...nothingSeen, isWhole: true }, "ended");
        else call.end(nothingSeen, isAbort ? "cancelled" : "broken");
        throw error;
      }
    },
  };
}

function ended<Result>(result: Result, call: MeteredCall, { estimator }: Collector): Result {
  if (isStreamed(result)) {
    const reader = new LanguageReader(estimator);
    return { ...result, stream: meteredParts(result.stream, { call, reader }) };
  }
  const evidence = isGenerated(result) ? generatedEvidence(result, estimator) : nothingSeen;
  call.end({ ...evidence, isWhole: true }, "ended");
  return result;
}

const isStreamed = (result: unknown): result is { readonly stream: ReadableStream<unknown> } =>
  isJson(result) && result["stream"] instanceof ReadableStream;
const isGenerated = (result: unknown): result is Generated =>
  isJson(result) && Array.isArray(result["content"]);
