/**
 * Owns how many units a span tells, in buckets that exclude each other.
 *
 * U1 totals of spans include what was cached, written to a cache, reasoned or heard: these are taken off. A total that is less than its
 * parts includes none of them. U2 no bucket is below zero, and none stands for what was not told.
 */
import { type Usage, limits } from "@cistern/contract";
import type { AttributeValue } from "./received-span.ts";

/** What a span tells; undefined: nothing, such as of a stream that was given up. */
export type ToldUsage = { readonly usage: Usage | undefined } | { readonly wrong: string };

/** Names of one figure, the newest first: GenAI conventions now and before, OpenInference, and instrumentations of before those. */
const names = {
  input: [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
  ],
  output: [
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "llm.usage.completion_tokens",
  ],
  cacheRead: [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.cachedInputTokens",
  ],
  cacheWrite: [
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
  ],
  inputAudio: ["llm.token_count.prompt_details.audio"],
  reasoning: [
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.reasoningTokens",
  ],
  outputAudio: ["llm.token_count.completion_details.audio"],
} as const;

type Figure = keyof typeof names;

/** Reads the usage of a span out of its attributes. */
export function usageOfSpan(attributes: ReadonlyMap<string, AttributeValue>): ToldUsage {
  const told: Partial<Record<Figure, number>> = {};
  for (const [figure, found] of figuresIn(attributes)) {
    const { name, value } = found;
    if (!isCount(value))
      return {
        wrong: `${name} is ${String(value).slice(0, 32)}: it must be a whole number from 0 to ${limits.usageQuantityMax}`,
      };
    told[figure] = value;
  }
  if (Object.keys(told).length === 0) return { usage: undefined };
  const { cacheRead = 0, cacheWrite = 0, inputAudio = 0, reasoning = 0, outputAudio = 0 } = told;
  const buckets = {
    input_text: restOf(told.input, cacheRead + cacheWrite + inputAudio),
    input_audio: inputAudio,
    cache_read: cacheRead,
    cache_write_5m: cacheWrite,
    output_text: restOf(told.output, reasoning + outputAudio),
    output_reasoning: reasoning,
    output_audio: outputAudio,
  };
  const used = Object.entries(buckets).filter(([, units]) => units > 0);
  return { usage: Object.fromEntries(used) };
}

/** U1. */
function restOf(total: number | undefined, parts: number): number {
  if (total === undefined) return 0;
  return total >= parts ? total - parts : total;
}

function* figuresIn(
  attributes: ReadonlyMap<string, AttributeValue>,
): Generator<readonly [Figure, { readonly name: string; readonly value: AttributeValue }]> {
  for (const figure of figures) {
    const name = names[figure].find((one) => attributes.has(one));
    const value = name === undefined ? undefined : attributes.get(name);
    if (name !== undefined && value !== undefined) yield [figure, { name, value }];
  }
}

const figures: readonly Figure[] = [
  "input",
  "output",
  "cacheRead",
  "cacheWrite",
  "inputAudio",
  "reasoning",
  "outputAudio",
];

const isCount = (value: AttributeValue): value is number =>
  typeof value === "number" &&
  Number.isInteger(value) &&
  value >= 0 &&
  value <= limits.usageQuantityMax;
