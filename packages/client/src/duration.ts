const unitMs: Readonly<Record<string, number>> = {
  W: 604_800_000,
  D: 86_400_000,
  H: 3_600_000,
  M: 60_000,
  S: 1000,
};

/** A duration of weeks to seconds (ISO 8601) in milliseconds. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([WDHMS])/g))
    total += Number(count) * (unitMs[unit ?? ""] ?? 0);
  return total;
}
