import type { PriceTier, UnitPrice } from "../pricing/unit-price.ts";

/** Basis points. */
export const wholeOutcome = 10_000n;

/**
 * A price by the unit as one by basis points of a unit, so that parts count towards steps too.
 *
 * @example priceAt(shared({ kind: "per_unit", per: 1n, price: 99n }), 5_000n) // 50n
 */
export function shared(price: UnitPrice): UnitPrice {
  const per = price.per * wholeOutcome;
  if (price.kind === "per_unit" || price.kind === "package") return { ...price, per };
  const tiers = price.tiers.map((tier): PriceTier => ({
    ...tier,
    upTo: tier.upTo === null ? null : tier.upTo * wholeOutcome,
  }));
  return { ...price, per, tiers };
}
