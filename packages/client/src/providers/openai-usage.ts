// Owns: the `usage` of OpenAI's protocols in exclusive buckets. U1: totals include their details, and are taken apart. U2: no figure at all is
// no usage, and nor are zeros alone.
import type { Usage } from "@cistern/contract";
import { addUsage } from "../metering/buckets.ts";
import { exclusive, isNone } from "./inclusive.ts";
import { objectAt, quantityAt } from "./json.ts";

/** Of chat completions, completions and embeddings. */
export function chatUsage(usage: unknown): Usage | undefined {
  const told = quantityAt(usage, "completion_tokens");
  const total = quantityAt(usage, "total_tokens");
  const rest = total === undefined ? undefined : Math.max(total - (told ?? 0), 0);
  const input = quantityAt(usage, "prompt_tokens") ?? rest;
  if (isNone(input, told)) return undefined;
  const put = objectAt(usage, "prompt_tokens_details");
  const out = objectAt(usage, "completion_tokens_details");
  const output = told ?? 0;
  const reasoning = quantityAt(out, "reasoning_tokens");
  // Some compatible servers count thoughts beside the completion, and only the total tells.
  const beside = (total ?? 0) - (input ?? 0) - output;
  const isBeside = beside > 0 && (reasoning === undefined || reasoning === beside);
  return addUsage(
    exclusive(input ?? 0, "input_text", {
      cache_read: quantityAt(put, "cached_tokens") ?? quantityAt(usage, "prompt_cache_hit_tokens"),
      cache_write_5m: quantityAt(put, "cache_write_tokens"),
      input_audio: quantityAt(put, "audio_tokens"),
      input_image: quantityAt(put, "image_tokens"),
    }),
    exclusive(isBeside ? output + beside : output, "output_text", {
      output_reasoning: isBeside ? beside : reasoning,
      output_audio: quantityAt(out, "audio_tokens"),
      output_image: quantityAt(out, "image_tokens"),
    }),
  );
}

/** Of responses: the model's own tokens. */
export function responseUsage(usage: unknown): Usage | undefined {
  const input = quantityAt(usage, "input_tokens");
  const output = quantityAt(usage, "output_tokens");
  if (isNone(input, output)) return undefined;
  const put = objectAt(usage, "input_tokens_details");
  const written = objectAt(put, "cache_write_tokens_details");
  return addUsage(
    exclusive(input ?? 0, "input_text", {
      cache_read: quantityAt(put, "cached_tokens"),
      ...cacheWrites(
        quantityAt(put, "cache_write_tokens"),
        // The longer of the two retentions is the dearer bucket, whatever its length.
        quantityAt(written, "ttl_12h_tokens"),
      ),
    }),
    exclusive(output ?? 0, "output_text", {
      output_reasoning: quantityAt(objectAt(usage, "output_tokens_details"), "reasoning_tokens"),
    }),
  );
}

/** Tokens written to a cache, those of the longer retention apart. */
export function cacheWrites(total: number | undefined, longer: number | undefined): Usage {
  const long = longer ?? 0;
  return { cache_write_1h: long, cache_write_5m: Math.max((total ?? 0) - long, 0) };
}

/** Of images, and of the tool that makes them: tokens of the image model. */
export function imageUsage(usage: unknown): Usage | undefined {
  const input = quantityAt(usage, "input_tokens");
  const output = quantityAt(usage, "output_tokens");
  if (isNone(input, output)) return undefined;
  return addUsage(
    exclusive(input ?? 0, "input_text", {
      input_image: quantityAt(objectAt(usage, "input_tokens_details"), "image_tokens"),
    }),
    exclusive(output ?? 0, "output_image", {
      output_text: quantityAt(objectAt(usage, "output_tokens_details"), "text_tokens"),
    }),
  );
}

/** Of transcriptions: tokens, or a duration. */
export function transcriptionUsage(usage: unknown): Usage | undefined {
  const seconds = quantityAt(usage, "seconds");
  if (seconds !== undefined) return { seconds };
  const input = quantityAt(usage, "input_tokens");
  const output = quantityAt(usage, "output_tokens");
  if (isNone(input, output)) return undefined;
  const put = objectAt(usage, "input_token_details");
  return addUsage(
    exclusive(input ?? 0, "input_audio", { input_text: quantityAt(put, "text_tokens") }),
    { output_text: output ?? 0 },
  );
}

/** Of speech: tokens of text go in, tokens of sound come out. */
export function speechUsage(usage: unknown): Usage | undefined {
  const input = quantityAt(usage, "input_tokens");
  const output = quantityAt(usage, "output_tokens");
  if (isNone(input, output)) return undefined;
  return { input_text: input ?? 0, output_audio: output ?? 0 };
}
