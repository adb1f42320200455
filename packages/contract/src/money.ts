import { FormatFault } from "./format-fault.ts";

/** Money: integer minor units of one currency. `{ amount: "1250", currency: "EUR" }` is 12.50 euro. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** Minor units that a caller may send: no sign, no leading zeros, at most 15 digits. */
export const moneyAmountPattern = "^(0|[1-9][0-9]{0,14})$";

/** A three-letter currency code (ISO 4217). */
export const currencyPattern = "^[A-Z]{3}$";

const amountExpression = new RegExp(moneyAmountPattern);

/**
 * Reads an amount of minor units.
 *
 * @example parseMoneyAmount("1250") // 1250n
 * @throws FormatFault where the text is no such integer.
 */
export function parseMoneyAmount(text: string): bigint {
  if (!amountExpression.test(text))
    throw new FormatFault(text, "an integer of minor units with at most 15 digits");
  return BigInt(text);
}

/**
 * Writes an amount of minor units; a negative one (a posting) carries a minus sign.
 *
 * @example printMoneyAmount(1250n) // "1250"
 */
export function printMoneyAmount(minor: bigint): string {
  return minor.toString();
}

const nanosPerMinorUnit = 1_000_000_000n;

/**
 * Writes 10^-9 of minor units as the shortest decimal of minor units: what many calls cost is less than one each.
 *
 * @example printNanos(37_500_000n) // "0.0375"
 */
export function printNanos(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const whole = (size / nanosPerMinorUnit).toString();
  const digits = (size % nanosPerMinorUnit).toString().padStart(9, "0").replace(/0+$/, "");
  return `${nanos < 0n ? "-" : ""}${whole}${digits === "" ? "" : `.${digits}`}`;
}
