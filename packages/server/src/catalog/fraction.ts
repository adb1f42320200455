/** Owns how prices are read and written exactly: fractions of `fraction.js`, made from text and integers alone, never from numbers. */
import { Fraction } from "fraction.js";

/**
 * What a decimal says.
 *
 * @example decimal("2.5").toFraction() // "5/2"
 */
export const decimal = (text: string): Fraction => new Fraction(text);

/** n / d. */
export const fraction = (n: bigint, d: bigint): Fraction => new Fraction(n, d);

/** The smallest denominator that all of them can have. */
export const commonDenominator = (all: readonly Fraction[]): bigint =>
  // Of fractions in lowest terms the greatest common divisor has the least common multiple below its line.
  all.reduce((common, one) => common.gcd(one), new Fraction(1)).d;

/**
 * As a decimal, whole.
 *
 * @example decimalText(fraction(5n, 2n)) // "2.5"
 * @throws RangeError where no decimal ends with it, such as 1/3.
 */
export function decimalText(value: Fraction): string {
  const text = value.toString(placesMax);
  if (text.includes("(") || !decimal(text).equals(value))
    throw new RangeError(`${value.toFraction()} is no decimal.`);
  return text;
}

/** A price has 12 places, and so has each of two multipliers; six are for a million. */
const placesMax = 64;
