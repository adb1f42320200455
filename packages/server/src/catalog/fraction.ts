/** Owns exact arithmetic on prices: fractions of integers, read from decimals in text. */

/** `numerator / denominator`, in lowest terms; neither is below zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** n / d. */
export function fraction(n: bigint, d: bigint): Fraction {
  const divisor = greatestDivisor(n, d);
  return { numerator: n / divisor, denominator: d / divisor };
}

/**
 * What a decimal says.
 *
 * @example decimal("2.5") // { numerator: 5n, denominator: 2n }
 */
export function decimal(text: string): Fraction {
  const [whole = "", digits = ""] = text.split(".");
  return fraction(BigInt(whole + digits), 10n ** BigInt(digits.length));
}

/** a * b. */
export const times = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.numerator, a.denominator * b.denominator);

/** Whether a < b. */
export const isBelow = (a: Fraction, b: Fraction): boolean =>
  a.numerator * b.denominator < b.numerator * a.denominator;

/** The smallest denominator that all of them can have. */
export const commonDenominator = (all: readonly Fraction[]): bigint =>
  all.reduce((common, { denominator }) => {
    return (common / greatestDivisor(common, denominator)) * denominator;
  }, 1n);

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b);
}

/**
 * As a decimal, whole.
 *
 * @example decimalText({ numerator: 5n, denominator: 2n }) // "2.5"
 * @throws RangeError where no decimal ends with it, such as 1/3.
 */
export function decimalText({ numerator, denominator }: Fraction): string {
  let places = 0;
  let scale = 1n;
  while (scale % denominator !== 0n) {
    if (places === placesMax) throw new RangeError(`1/${denominator} is no decimal.`);
    places += 1;
    scale *= 10n;
  }
  const digits = String((numerator * scale) / denominator).padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** A price has 12 places, and so has each of two multipliers; six are for a million. */
const placesMax = 64;
