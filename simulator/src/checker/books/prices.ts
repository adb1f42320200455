/** Owns what a quantity costs in money, worked out apart from the kernel: step by step, and rounded once. */
import type { UnitPrice } from "@cistern/kernel";
import { demand } from "./accounts.ts";

/** Minor units for all of a quantity. */
export function priceOf(price: UnitPrice, quantity: bigint): bigint {
  demand(quantity >= 0n, () => `a quantity of ${quantity} is priced`);
  if (quantity === 0n) return 0n;
  switch (price.kind) {
    case "per_unit":
      return halfUp(quantity * price.price, price.per);
    case "package": {
      const whole = quantity / price.per;
      return (whole * price.per === quantity ? whole : whole + 1n) * price.price;
    }
    case "volume": {
      const step = price.tiers.find(({ upTo }) => (upTo ?? quantity) >= quantity);
      return halfUp(quantity * (step?.price ?? 0n) + (step?.flat ?? 0n) * price.per, price.per);
    }
    case "graduated": {
      let below = 0n;
      let exact = 0n;
      for (const { upTo, price: each, flat = 0n } of price.tiers) {
        if (below >= quantity) break;
        const top = upTo === null || upTo > quantity ? quantity : upTo;
        exact += (top - below) * each + flat * price.per;
        below = top;
      }
      return halfUp(exact, price.per);
    }
  }
}

/** R1 of an amount that is not below zero. */
const halfUp = (numerator: bigint, denominator: bigint): bigint =>
  (2n * numerator + denominator) / (2n * denominator);
