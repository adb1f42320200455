/** Owns how exact numbers are written for people: nothing is rounded on the way. */

/**
 * Thousands apart.
 *
 * @example grouped("-1234567.5") // "-1,234,567.5"
 */
export function grouped(text: string): string {
  const [whole = "", decimals] = text.split(".");
  const apart = whole.replaceAll(/(?<=[0-9])(?=([0-9]{3})+$)/g, ",");
  return decimals === undefined ? apart : `${apart}.${decimals}`;
}

/**
 * A fraction as the shortest decimal, with at least `places.min` digits after the point; undefined where it has none of at most
 * `places.max`. The denominator is above 0.
 *
 * @example printRatio(123n, 10_000n, { min: 2, max: 12 }) // "0.0123"
 */
export function printRatio(
  numerator: bigint,
  denominator: bigint,
  places: { readonly min: number; readonly max: number },
): string | undefined {
  const size = (numerator < 0n ? -numerator : numerator) * 10n ** BigInt(places.max);
  if (size % denominator !== 0n) return undefined;
  const text = (size / denominator).toString().padStart(places.max + 1, "0");
  const cut = text.length - places.max;
  let digits = text.slice(cut);
  while (digits.length > places.min && digits.endsWith("0")) digits = digits.slice(0, -1);
  return `${numerator < 0n ? "-" : ""}${text.slice(0, cut)}${digits === "" ? "" : `.${digits}`}`;
}

const spans = [
  ["d", 86_400_000n],
  ["h", 3_600_000n],
  ["min", 60_000n],
  ["s", 1_000n],
  ["ms", 1n],
] as const;

/**
 * A span of time (milliseconds, not below 0), in days of 24 hours and what is left of them.
 *
 * @example printSpan(1_000_800_000n) // "11 d 14 h"
 */
export function printSpan(ms: bigint): string {
  let left = ms;
  const parts = spans.flatMap(([unit, size]) => {
    const count = left / size;
    left %= size;
    return count === 0n ? [] : [`${grouped(count.toString())} ${unit}`];
  });
  return parts.length === 0 ? "0 h" : parts.join(" ");
}
