/** Owns what a bucket is a part of, for prices that do not tell it apart. */
import type { Usage } from "@cistern/contract";

/** The next wider bucket of each. */
const partOf: Readonly<Record<string, string>> = {
  input_audio: "input_text",
  input_image: "input_text",
  cache_read: "input_text",
  cache_write_1h: "cache_write_5m",
  cache_write_5m: "input_text",
  output_reasoning: "output_text",
  output_audio: "output_text",
  output_image: "output_text",
};

/** The usage in these buckets: what has none of its own goes into the one that it is a part of. What is a part of none stays. */
export function foldUsage(usage: Usage, buckets: ReadonlySet<string>): Usage {
  const folded: Record<string, number> = {};
  for (const [name, units] of Object.entries(usage)) {
    const bucket = widerOf(name, buckets);
    folded[bucket] = (folded[bucket] ?? 0) + units;
  }
  return folded;
}

function widerOf(name: string, buckets: ReadonlySet<string>): string {
  let bucket: string | undefined = name;
  while (bucket !== undefined && !buckets.has(bucket)) bucket = partOf[bucket];
  return bucket ?? name;
}
