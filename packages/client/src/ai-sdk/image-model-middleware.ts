// Owns: a call of an image model of the AI SDK. How many images came is seen, so what they cost by the piece is never reckoned.
import type { Usage } from "@cistern/contract";
import { type Estimator, tokensPerAttachment } from "../estimates/estimator.ts";
import type { Collector } from "../metering/collector.ts";
import { nothingSeen } from "../metering/ending.ts";
import { objectAt, quantityAt } from "../providers/json.ts";
import { outputTokensOf } from "../providers/openai-images.ts";
import type { NamedModel } from "./named-model.ts";
import { wasAnswered } from "./was-answered.ts";

interface ImageParams {
  readonly prompt: string | undefined;
  readonly n: number;
  readonly files: readonly unknown[] | undefined;
  readonly mask: unknown;
  readonly size: string | undefined;
  readonly providerOptions: unknown;
  readonly abortSignal?: AbortSignal;
}

/** A middleware for `wrapImageModel` and `wrapProvider`. */
export interface ImageModelMiddleware {
  readonly specificationVersion: "v4";
  wrapGenerate<
    Result extends { readonly images: readonly unknown[]; readonly usage?: object },
  >(call: {
    readonly doGenerate: () => PromiseLike<Result>;
    readonly params: ImageParams;
    readonly model: NamedModel;
  }): Promise<Result>;
}

/**
 * Meters each call of a model, as the meter `image`: by `images`, and by tokens where the provider tells them. `size` is an attribute, for
 * prices that differ by it.
 *
 * @example const model = wrapImageModel({ model: openai.image("…"), middleware: imageModelMiddleware(credits) });
 */
export function imageModelMiddleware(collector: Collector): ImageModelMiddleware {
  const { estimator } = collector;
  return {
    specificationVersion: "v4",
    wrapGenerate: async ({ doGenerate, params, model }) => {
      const { n, size, abortSignal } = params;
      abortSignal?.throwIfAborted();
      const input = inputOf(params, estimator);
      const call = await collector.open(
        {
          kind: "image",
          model: model.modelId,
          estimate: {
            ...input,
            images: n,
            input_text: estimator.safe(input.input_text),
            output_image: n * outputTokensOf(objectAt(params.providerOptions, "openai")),
          },
          input,
          ...(size === undefined ? {} : { attributes: { size } }),
        },
        abortSignal,
      );
      try {
        const result = await doGenerate();
        call.end({ ...nothingSeen, usage: usageOf(result), isWhole: true }, "ended");
        return result;
      } catch (error) {
        if (wasAnswered(error))
          call.end({ ...nothingSeen, delivered: { images: n }, isWhole: true }, "ended");
        else call.end(nothingSeen, abortSignal?.aborted === true ? "cancelled" : "broken");
        throw error;
      }
    },
  };
}

function inputOf(
  { prompt = "", files, mask }: ImageParams,
  estimator: Estimator,
): { readonly input_text: number; readonly input_image?: number } {
  const pictures = (files?.length ?? 0) + (mask === undefined ? 0 : 1);
  return {
    input_text: estimator.count(prompt),
    ...(pictures === 0 ? {} : { input_image: pictures * tokensPerAttachment }),
  };
}

function usageOf(result: { readonly images: readonly unknown[] }): Usage {
  const told = objectAt(result, "usage");
  return {
    images: result.images.length,
    input_text: quantityAt(told, "inputTokens") ?? 0,
    output_image: quantityAt(told, "outputTokens") ?? 0,
  };
}
