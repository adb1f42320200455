/** Owns the whole-number arithmetic of the auditor's shares: R3, and quotients rounded down and up. */

/** As they are where they fit, else in proportion to what was wanted. */
export const fitted = (wanted: readonly bigint[], most: bigint): readonly bigint[] =>
  sum(wanted) <= most ? wanted : splitBy(most, wanted);

/** R3: each its floor, then one each to those with the largest remainders, the first of equals first. */
export function splitBy(total: bigint, weights: readonly bigint[]): readonly bigint[] {
  const whole = sum(weights);
  if (whole === 0n) return weights.map(() => 0n);
  const parts = weights.map((weight) => (total * weight) / whole);
  const rest = weights.map((weight, index) => ({ left: (total * weight) % whole, index }));
  const order = rest.toSorted((a, b) =>
    a.left === b.left ? a.index - b.index : a.left > b.left ? -1 : 1,
  );
  let missing = total - sum(parts);
  for (const { index } of order) {
    if (missing === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    missing -= 1n;
  }
  return parts;
}

export const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const sum = (list: readonly bigint[]): bigint =>
  list.reduce((total, one) => total + one, 0n);
export const floorOf = (a: bigint, b: bigint): bigint =>
  a < 0n && a % b !== 0n ? a / b - 1n : a / b;
export const ceilOf = (a: bigint, b: bigint): bigint => -floorOf(-a, b);
