/** Owns how amounts are written: exact decimals, with the digits that the commodity has. */

/** Credits are counted in millionths. */
const creditDigits = 6;

/** Digits after the point of a currency: 2 for EUR, 0 for JPY, 3 for KWD. The source is the platform's own table (CLDR). */
export function minorDigits(currency: string): number {
  const known = digitsOf.get(currency);
  if (known !== undefined) return known;
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  digitsOf.set(currency, maximumFractionDigits);
  return maximumFractionDigits;
}

const digitsOf = new Map<string, number>();

const digitsFor = (commodity: string): number =>
  commodity === "CREDIT" ? creditDigits : minorDigits(commodity);

/** An amount of `CREDIT` or of a currency: `-1234n` in EUR is `-12.34`. */
export function amountText(amount: bigint, commodity: string): string {
  const digits = digitsFor(commodity);
  const sign = amount < 0n ? "-" : "";
  const text = String(amount < 0n ? -amount : amount).padStart(digits + 1, "0");
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
