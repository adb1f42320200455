/**
 * Owns how what a part of a quantity adds is told: how much of it stands at which price.
 *
 * T1 the steps of a part come to what it adds before the rounding, exactly: the sum of `quantity * price / per`, plus `flat`. T2 parts
 * of one price add up step by step, so that a line that many events add to has no more steps than its prices have.
 */
import type { UnitPrice } from "./unit-price.ts";

/** So much at one price. Below zero where a part takes something back, or where a cheaper step holds for what was before it too. */
export interface PricedStep {
  /** Units; of a price by the package: packages. */
  readonly quantity: bigint;
  /** Minor units for `per` of them. */
  readonly price: bigint;
  readonly per: bigint;
  /** Flat amounts that it reached, in minor units; left out where there are none. */
  readonly flat?: bigint;
  /** Units in a package; left out of all other prices. */
  readonly size?: bigint;
}

/**
 * The steps of what a quantity adds that goes from `before` to `after` (T1).
 *
 * @example stepsBetween({ kind: "per_unit", per: 1n, price: 99n }, { before: 3n, after: 20n }) // [{ quantity: 17n, price: 99n, per: 1n }]
 */
export function stepsBetween(
  price: UnitPrice,
  { before, after }: { readonly before: bigint; readonly after: bigint },
): readonly PricedStep[] {
  return addSteps(
    stepsAt(price, before).map((step) => ({
      ...step,
      quantity: -step.quantity,
      ...(step.flat === undefined ? {} : { flat: -step.flat }),
    })),
    stepsAt(price, after),
  );
}

/** Both together (T2), in the order of `a` and then of `b`. */
export function addSteps(
  a: readonly PricedStep[],
  b: readonly PricedStep[],
): readonly PricedStep[] {
  const sums: PricedStep[] = [];
  for (const step of [...a, ...b]) {
    const same = sums.findIndex(
      (one) => one.price === step.price && one.per === step.per && one.size === step.size,
    );
    const before = sums[same];
    if (before === undefined) sums.push(step);
    else sums[same] = sumOf(before, step);
  }
  return sums.filter(({ quantity, flat = 0n }) => quantity !== 0n || flat !== 0n);
}

function sumOf({ flat: _flat, ...a }: PricedStep, b: PricedStep): PricedStep {
  const flat = (_flat ?? 0n) + (b.flat ?? 0n);
  return { ...a, quantity: a.quantity + b.quantity, ...(flat === 0n ? {} : { flat }) };
}

/** The steps of a whole quantity. */
function stepsAt(price: UnitPrice, quantity: bigint): readonly PricedStep[] {
  if (quantity === 0n) return [];
  const { per } = price;
  switch (price.kind) {
    case "per_unit":
      return [{ quantity, price: price.price, per }];
    case "package":
      return [{ quantity: (quantity + per - 1n) / per, price: price.price, per: 1n, size: per }];
    case "volume": {
      const tier = price.tiers.find(({ upTo }) => upTo === null || quantity <= upTo);
      return tier === undefined ? [] : [stepOf(quantity, tier, per)];
    }
    case "graduated": {
      let from = 0n;
      return price.tiers.flatMap((tier) => {
        const to = tier.upTo === null || quantity < tier.upTo ? quantity : tier.upTo;
        const part = to - from;
        from = to;
        return part > 0n ? [stepOf(part, tier, per)] : [];
      });
    }
  }
}

const stepOf = (
  quantity: bigint,
  { price, flat = 0n }: { readonly price: bigint; readonly flat?: bigint },
  per: bigint,
): PricedStep => ({ quantity, price, per, ...(flat === 0n ? {} : { flat }) });
