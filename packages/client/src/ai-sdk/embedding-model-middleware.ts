// Owns: a call of an embedding model of the AI SDK. `embedMany` makes as many as its values need, and each is one of its own.
import type { Collector } from "../metering/collector.ts";
import { nothingSeen } from "../metering/ending.ts";
import { objectAt, quantityAt } from "../providers/json.ts";
import type { NamedModel } from "./named-model.ts";
import { wasAnswered } from "./was-answered.ts";

interface EmbeddingParams {
  readonly values: readonly string[];
  readonly abortSignal?: AbortSignal;
}

/** A middleware for `wrapEmbeddingModel`. */
export interface EmbeddingModelMiddleware {
  readonly specificationVersion: "v4";
  wrapEmbed<Result extends { readonly usage?: { readonly tokens: number } }>(call: {
    readonly doEmbed: () => PromiseLike<Result>;
    readonly params: EmbeddingParams;
    readonly model: NamedModel;
  }): Promise<Result>;
}

/**
 * Meters each call of a model, as the meter `embedding`.
 *
 * @example const model = wrapEmbeddingModel({ model: openai.embedding("…"), middleware: embeddingModelMiddleware(credits) });
 */
export function embeddingModelMiddleware(collector: Collector): EmbeddingModelMiddleware {
  const { estimator } = collector;
  return {
    specificationVersion: "v4",
    wrapEmbed: async ({ doEmbed, params: { values, abortSignal }, model }) => {
      abortSignal?.throwIfAborted();
      const tokens = values.reduce((sum, value) => sum + estimator.count(value), 0);
      const call = await collector.open(
        {
          kind: "embedding",
          model: model.modelId,
          estimate: { input_text: estimator.safe(tokens) },
          input: { input_text: tokens },
        },
        abortSignal,
      );
      try {
        const result = await doEmbed();
        const told = quantityAt(objectAt(result, "usage"), "tokens");
        const usage = told === undefined || told === 0 ? undefined : { input_text: told };
        call.end({ ...nothingSeen, usage, isWhole: true }, "ended");
        return result;
      } catch (error) {
        if (wasAnswered(error)) call.end({ ...nothingSeen, isWhole: true }, "ended");
        else call.end(nothingSeen, abortSignal?.aborted === true ? "cancelled" : "broken");
        throw error;
      }
    },
  };
}
