/** Owns what a negotiation makes of the price of a call (N1, N3 of `negotiated-card.ts`). */
import type { Price } from "./tariff.ts";

/** A fraction above zero. */
export interface Multiplier {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** What a negotiation makes of the price of a call; `own`: that of its rows, where one is for the call. */
export function negotiatedPrice(
  { id, multiplier }: { readonly id: string; readonly multiplier: Multiplier | undefined },
  listed: Price | undefined,
  own: Price | undefined,
): Price | undefined {
  if (own !== undefined && !("perMillion" in own)) {
    const cost = listed === undefined || "perMillion" in listed ? undefined : listed.cost;
    return { ...own, ...(cost === undefined ? {} : { cost }), negotiated: id };
  }
  if (multiplier === undefined || listed === undefined || "perMillion" in listed) return listed;
  const { numerator, denominator } = multiplier;
  const times = (prices: Readonly<Record<string, bigint>>) =>
    Object.fromEntries(
      Object.entries(prices).map(([bucket, price]) => [bucket, price * numerator]),
    );
  const { context } = listed;
  return {
    ...listed,
    per: listed.per * denominator,
    prices: times(listed.prices),
    ...(context === undefined
      ? {}
      : {
          context: {
            buckets: context.buckets,
            tiers: context.tiers.map(({ above, prices }) => ({ above, prices: times(prices) })),
          },
        }),
    negotiated: id,
  };
}
