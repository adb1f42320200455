import type { Usage } from "@cistern/contract";

/**
 * Exclusive buckets of a total that includes its details: what the details do not name is in `rest`. Details that come to more than the total
 * are cut, first come first served, so that nothing is counted twice or below zero.
 *
 * @example exclusive(1000, "input_text", { cache_read: 900, input_audio: undefined }) // { cache_read: 900, input_text: 100 }
 */
export function exclusive(
  total: number,
  rest: string,
  details: Readonly<Record<string, number | undefined>>,
): Usage {
  const usage: Record<string, number> = {};
  let left = total;
  for (const [bucket, quantity] of Object.entries(details)) {
    const taken = Math.min(quantity ?? 0, left);
    if (taken > 0) usage[bucket] = taken;
    left -= taken;
  }
  if (left > 0) usage[rest] = left;
  return usage;
}

/** Whether figures say nothing: there are none, or zeros alone, which some servers send where they have not counted. Every call has an input. */
export const isNone = (...figures: readonly (number | undefined)[]): boolean =>
  figures.every((figure) => figure === undefined || figure === 0);
