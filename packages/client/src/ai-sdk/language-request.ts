// Owns: what is asked for a call of a language model of the AI SDK.
import { countPrompt } from "../estimates/estimator.ts";
import { PromptReader, promptIn } from "../estimates/prompt.ts";
import type { Collector } from "../metering/collector.ts";
import type { MeteredRequest } from "../metering/metered-request.ts";
import { isJson, textAt } from "../providers/json.ts";
import { tierOf } from "../providers/tier.ts";
import type { NamedModel } from "./named-model.ts";

/** What is read of a call's parameters. */
export interface LanguageParams {
  readonly prompt: readonly unknown[];
  readonly maxOutputTokens?: number;
  readonly tools?: readonly unknown[];
  readonly responseFormat?: unknown;
  readonly providerOptions?: unknown;
  readonly abortSignal?: AbortSignal;
}

/** The call as it is to be metered. */
export function languageRequest(
  { estimator, outputTokens }: Collector,
  params: LanguageParams,
  { modelId }: NamedModel,
): MeteredRequest {
  const around = new PromptReader();
  for (const tool of params.tools ?? []) around.json(tool);
  if (isJson(params.responseFormat)) around.json(params.responseFormat["schema"]);
  const input = countPrompt(estimator, promptIn(params.prompt)) + countPrompt(estimator, around);
  const output = params.maxOutputTokens ?? outputTokens("chat");
  return {
    kind: "chat",
    model: modelId,
    estimate: { input_text: estimator.safe(input), output_text: output },
    input: { input_text: input },
    ...tierSaid(params.providerOptions),
  };
}

/** Of whichever provider it is set for. */
function tierSaid(providerOptions: unknown): ReturnType<typeof tierOf> {
  if (!isJson(providerOptions)) return {};
  const named = Object.values(providerOptions).map((options) =>
    tierOf({ service_tier: textAt(options, "serviceTier"), speed: textAt(options, "speed") }),
  );
  return named.find(({ attributes }) => attributes !== undefined) ?? {};
}
