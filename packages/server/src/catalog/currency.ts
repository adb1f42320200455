const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/**
 * How many decimals a currency has; undefined where there is no such currency.
 *
 * @example minorDigits("JPY") // 0
 */
export function minorDigits(currency: string): number | undefined {
  if (!currencies.has(currency)) return undefined;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits;
}
