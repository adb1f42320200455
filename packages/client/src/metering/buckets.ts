// Owns: the exclusive buckets that every provider's usage is brought into, and what becomes of a bucket that a meter has no price for.
// B1: each unit is in one bucket. B2: no bucket is negative or more than the contract takes, whatever a provider says. B3: folding loses no
// token. B4: a call is one request where its price counts requests. B5: what is no token and has no price is not free.
import type { Usage } from "@cistern/contract";
import { quantityMax } from "../providers/json.ts";

/**
 * What a bucket is a part of: a meter without a price of its own for it charges it as that. A cached token is a token of the input, and a
 * token of reasoning one of the output; requests, images and calls of tools are no part of anything.
 */
const partOf: Readonly<Record<string, string>> = {
  cache_write_1h: "cache_write_5m",
  cache_write_5m: "input_text",
  cache_read: "input_text",
  input_audio: "input_text",
  input_image: "input_text",
  output_reasoning: "output_text",
  output_audio: "output_text",
  output_image: "output_text",
};

/**
 * A usage in the buckets that a price knows.
 *
 * @example foldUsage({ input_text: 10, cache_read: 5, requests: 1 }, ["input_text", "output_text"]) // { input_text: 15 }
 */
export function foldUsage(usage: Usage, priced: readonly string[]): Usage {
  const folded: Record<string, number> = {};
  for (const [bucket, quantity] of Object.entries(usage)) {
    const into = pricedBucket(bucket, priced);
    if (into !== undefined) folded[into] = Math.min((folded[into] ?? 0) + quantity, quantityMax);
  }
  return folded;
}

/**
 * A call's usage as its price takes it: folded, and with the one request that it is (B4). Every hold's estimate and every settle come through
 * here. Where the price knows nothing of it, and something of it is no token, such as seconds, it is said as it came (B5): a hold is refused
 * then, and a settle charged what was held, `unrated`.
 *
 * @param priced the buckets that the price knows; undefined: not known yet, so as they come
 */
export function callUsage(usage: Usage, priced: readonly string[] | undefined): Usage {
  if (priced === undefined) return usage;
  const folded = foldUsage(usage, priced);
  if (priced.includes("requests")) return { requests: 1, ...folded };
  const isUnpriced = totalOf(folded) === 0 && Object.entries(usage).some(isNoToken);
  return isUnpriced ? usage : folded;
}

const isNoToken = ([bucket, quantity]: readonly [string, number]): boolean =>
  quantity > 0 && !/^(input|output|cache|tool_calls)_/.test(bucket);

function pricedBucket(bucket: string, priced: readonly string[]): string | undefined {
  let at: string | undefined = bucket;
  while (at !== undefined && !priced.includes(at)) at = partOf[at];
  return at;
}

/** The sum of two usages, bucket by bucket. */
export function addUsage(one: Usage, other: Usage): Usage {
  const sum: Record<string, number> = { ...one };
  for (const [bucket, quantity] of Object.entries(other))
    sum[bucket] = Math.min((sum[bucket] ?? 0) + quantity, quantityMax);
  return sum;
}

/** Without the buckets of which nothing was used. */
export function withoutZeros(usage: Usage): Usage {
  const used: Record<string, number> = {};
  for (const [bucket, quantity] of Object.entries(usage)) if (quantity > 0) used[bucket] = quantity;
  return used;
}

const isOutput = (bucket: string): boolean =>
  bucket.startsWith("output_") || bucket.startsWith("tool_calls") || bucket === "images";

/** The part of a usage that was put in. */
export function inputOf(usage: Usage): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([bucket]) => !isOutput(bucket)));
}

/** The part of a usage that came out. */
export function outputOf(usage: Usage): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([bucket]) => isOutput(bucket)));
}

/** All quantities together. */
export function totalOf(usage: Usage): number {
  return Object.values(usage).reduce((sum, quantity) => sum + quantity, 0);
}
