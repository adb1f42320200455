// Owns: a call of an image model of the AI SDK. How many images came is seen, so what they cost by the piece is never reckoned.
import type { Usage } from "@cistern/contract";
import { type Estimator, tokensPerAttachment } from "../estimates/estimator.ts";
import type { Collector } from "../metering/collector.ts";
import { nothingSeen } from "../metering/ending.ts";
import { objectAt, quantityAt } from "../providers/json.ts";
import { outputTokensOf, pictureOf, times } from "../providers/openai-images.ts";
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
      const options = objectAt(params.providerOptions, "openai");
      const picture = pictureOf(model.modelId, options);
      const call = await collector.open(
        {
          kind: "image",
          model: model.modelId,
          estimate: {
            ...input,
            images: n,
            input_text: estimator.safe(input.input_text),
            output_image: n * outputTokensOf(options),
          },
          input,
          ...(size === undefined ? {} : { attributes: { size } }),
        },
        abortSignal,
      );
      try {
        const result = await doGenerate();
        const usage = usageOf(result, picture);
        const delivered = times(picture, result.images.length);
        call.end({ ...nothingSeen, usage, delivered, isWhole: true }, "ended");
        return result;
      } catch (error) {
        if (wasAnswered(error))
          call.end({ ...nothingSeen, delivered: times(picture, n), isWhole: true }, "ended");
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

/** Undefined where the model is priced by tokens, and nobody told them. */
function usageOf(
  result: { readonly images: readonly unknown[] },
  picture: Usage,
): Usage | undefined {
  const told = objectAt(result, "usage");
  const input = quantityAt(told, "inputTokens");
  const output = quantityAt(told, "outputTokens");
  if (input === undefined && output === undefined && "output_image" in picture) return undefined;
  return { images: result.images.length, input_text: input ?? 0, output_image: output ?? 0 };
}
