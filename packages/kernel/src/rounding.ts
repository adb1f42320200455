/**
 * Owns the only two roundings of the system (FINANCE, section 2).
 *
 * R1 one amount is rounded half away from zero, once. R3 a split adds up to the whole: floors, then the largest remainders,
 * ties to the lowest index.
 */
import { assert } from "./bug.ts";

/**
 * R1: numerator / denominator, half away from zero.
 *
 * @example half(100n * 2n, 3n) // 67n
 */
export function half(numerator: bigint, denominator: bigint): bigint {
  // As often as prices are whole.
  if (denominator === 1n) return numerator;
  assert(denominator > 0n, "R1 divides by a positive whole");
  const doubled = numerator < 0n ? -2n * numerator : 2n * numerator;
  const rounded = (doubled + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/**
 * R3: `whole` in proportion to `weights`; the parts add up to it. A negative whole is split as its opposite.
 *
 * @example split(57n, [2n, 2n]) // [29n, 28n]
 */
export function split(whole: bigint, weights: readonly bigint[]): bigint[] {
  if (whole < 0n) return split(-whole, weights).map((part) => -part);
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  assert(sum > 0n, "R3 splits over positive weights");
  const parts = weights.map((weight) => (whole * weight) / sum);
  const remainders = weights.map((weight, index) => ({ index, left: (whole * weight) % sum }));
  remainders.sort((a, b) => (a.left === b.left ? a.index - b.index : a.left > b.left ? -1 : 1));
  let left = whole - parts.reduce((total, part) => total + part, 0n);
  for (const { index } of remainders) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts;
}
