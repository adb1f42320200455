// Owns: the AI SDK's usage of a language model in exclusive buckets. Its totals include their details.
import type { Usage } from "@cistern/contract";
import { addUsage } from "../metering/buckets.ts";
import { exclusive, isNone } from "../providers/inclusive.ts";
import { objectAt, quantityAt } from "../providers/json.ts";

/** Undefined where the provider told nothing: all its fields are undefined then, or zero. What only the provider's own form tells is taken from `raw`. */
export function languageUsage(usage: unknown): Usage | undefined {
  const put = objectAt(usage, "inputTokens");
  const out = objectAt(usage, "outputTokens");
  const raw = objectAt(usage, "raw");
  const cached = quantityAt(put, "cacheRead");
  const written = quantityAt(put, "cacheWrite");
  const input = quantityAt(put, "total") ?? sum(quantityAt(put, "noCache"), cached, written);
  const thoughts = quantityAt(out, "reasoning");
  const output = quantityAt(out, "total") ?? sum(quantityAt(out, "text"), thoughts);
  if (isNone(input, output)) return undefined;
  const writtenForAnHour = quantityAt(objectAt(raw, "cache_creation"), "ephemeral_1h_input_tokens");
  const hour = Math.min(writtenForAnHour ?? 0, written ?? 0);
  return addUsage(
    exclusive(input ?? 0, "input_text", {
      cache_read: cached,
      cache_write_1h: hour,
      cache_write_5m: (written ?? 0) - hour,
      input_audio: quantityAt(objectAt(raw, "prompt_tokens_details"), "audio_tokens"),
    }),
    exclusive(output ?? 0, "output_text", {
      output_reasoning: thoughts,
      output_audio: quantityAt(objectAt(raw, "completion_tokens_details"), "audio_tokens"),
    }),
  );
}

function sum(...quantities: readonly (number | undefined)[]): number | undefined {
  const told = quantities.filter((quantity) => quantity !== undefined);
  return told.length === 0 ? undefined : told.reduce((total, quantity) => total + quantity, 0);
}
