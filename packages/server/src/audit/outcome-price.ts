/** Owns what outcomes cost, worked out apart from the kernel: of all that a price line has, rounded once (RULES 17). */
import type { UnitPrice } from "@cistern/kernel";

const whole = 10_000n;

/** A price as counts are told by it. */
export function priceText(price: UnitPrice): string {
  const steps =
    "tiers" in price
      ? price.tiers.map(({ upTo, price: each, flat }) => `${upTo ?? "*"}=${each}+${flat ?? 0n}`)
      : [`${price.price}`];
  return `${price.kind}:${steps.join()}/${price.per}`;
}

/** What a quantity in basis points costs, half away from zero. */
export function priceOf(price: UnitPrice, share: bigint): bigint {
  if (share === 0n) return 0n;
  const per = price.per * whole;
  switch (price.kind) {
    case "per_unit":
      return rounded(price.price * share, per);
    case "package":
      return price.price * ((share + per - 1n) / per);
    case "volume": {
      const tier = price.tiers.find(({ upTo }) => upTo === null || share <= upTo * whole);
      return rounded((tier?.price ?? 0n) * share + (tier?.flat ?? 0n) * per, per);
    }
    case "graduated": {
      let sum = 0n;
      let from = 0n;
      for (const tier of price.tiers) {
        const end = tier.upTo === null ? share : tier.upTo * whole;
        const to = end < share ? end : share;
        if (to <= from) break;
        sum += tier.price * (to - from) + (tier.flat ?? 0n) * per;
        from = to;
      }
      return rounded(sum, per);
    }
  }
}

const rounded = (n: bigint, d: bigint): bigint => (2n * n + d) / (2n * d);
