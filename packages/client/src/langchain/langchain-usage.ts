// Owns: LangChain's usage of a model in exclusive buckets. Its totals include their details.
import type { Usage } from "@cistern/contract";
import { addUsage } from "../metering/buckets.ts";
import { exclusive, isNone } from "../providers/inclusive.ts";
import { objectAt, quantityAt } from "../providers/json.ts";

/** Of a message's `usage_metadata`; undefined where it says no figure. */
export function messageUsage(usage: unknown): Usage | undefined {
  const put = objectAt(usage, "input_token_details");
  const out = objectAt(usage, "output_token_details");
  const written = quantityAt(put, "cache_creation") ?? 0;
  const hour = Math.min(quantityAt(put, "ephemeral_1h_input_tokens") ?? 0, written);
  return totals(
    quantityAt(usage, "input_tokens"),
    {
      cache_read: quantityAt(put, "cache_read"),
      cache_write_1h: hour,
      cache_write_5m: written - hour,
      input_audio: quantityAt(put, "audio"),
      input_image: quantityAt(put, "image"),
    },
    quantityAt(usage, "output_tokens"),
    {
      output_reasoning: quantityAt(out, "reasoning"),
      output_audio: quantityAt(out, "audio"),
      output_image: quantityAt(out, "image"),
    },
  );
}

/** Of a result's `llmOutput`, where models of older make tell totals alone. */
export function resultUsage(llmOutput: unknown): Usage | undefined {
  const usage = objectAt(llmOutput, "tokenUsage");
  return totals(quantityAt(usage, "promptTokens"), {}, quantityAt(usage, "completionTokens"), {});
}

function totals(
  input: number | undefined,
  put: Readonly<Record<string, number | undefined>>,
  output: number | undefined,
  out: Readonly<Record<string, number | undefined>>,
): Usage | undefined {
  if (isNone(input, output)) return undefined;
  return addUsage(
    exclusive(input ?? 0, "input_text", put),
    exclusive(output ?? 0, "output_text", out),
  );
}
