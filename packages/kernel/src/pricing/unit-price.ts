/**
 * Owns what a quantity costs in money, and what a further part of it adds.
 *
 * U1 a price is exact until its one rounding (R1), of the whole quantity of a period and price line: never of a part.
 * U2 a part costs the difference that it makes (RULES 17), so that any partition of a quantity comes to the same total.
 */
import { assert } from "../bug.ts";
import { half } from "../rounding.ts";

/** One step of a price: quantities up to and including `upTo`; null in the last step, which has no end. */
export interface PriceTier {
  readonly upTo: bigint | null;
  /** Minor units for `per` units. */
  readonly price: bigint;
  /** Minor units taken once when the step is reached; none when left out. */
  readonly flat?: bigint;
}

/**
 * What a quantity costs, in minor units of the workspace's currency. `price / per` is what one unit costs, a fraction: 3.00
 * for a million tokens is `{ price: 300n, per: 1_000_000n }`.
 *
 * `per_unit`: each unit the same. `graduated`: each unit at the price of the step that it falls in. `volume`: all units at
 * the price of the step that the whole quantity falls in. `package`: `price` for each package of `per` units that is begun.
 */
export type UnitPrice =
  | { readonly kind: "per_unit"; readonly per: bigint; readonly price: bigint }
  | { readonly kind: "graduated"; readonly per: bigint; readonly tiers: readonly PriceTier[] }
  | { readonly kind: "volume"; readonly per: bigint; readonly tiers: readonly PriceTier[] }
  | { readonly kind: "package"; readonly per: bigint; readonly price: bigint };

/**
 * Minor units for all of a quantity (integer units, >= 0), rounded once. Nothing costs nothing, flat amounts included.
 * Throws `Bug` for a quantity below zero, and past the last step of a price that has an end.
 *
 * @example priceAt({ kind: "per_unit", per: 1_000_000n, price: 300n }, 1_234_567n) // 370n
 */
export function priceAt(price: UnitPrice, quantity: bigint): bigint {
  assert(quantity >= 0n, "a quantity is not negative");
  return half(numeratorAt(price, quantity), price.kind === "package" ? 1n : price.per);
}

/**
 * What a quantity that grows from `before` to `after` adds, in minor units. Below zero where a `volume` price reaches a
 * cheaper step, and where usage is taken back: the caller posts it with the sign that it has.
 *
 * @example accrual(price, { before: 400_000n, after: 900_000n }) // 150n
 */
export const accrual = (
  price: UnitPrice,
  { before, after }: { readonly before: bigint; readonly after: bigint },
): bigint => priceAt(price, after) - priceAt(price, before);

/**
 * The price as text without spaces: equal prices of one period and one thing are one price line (RULES 17), on whichever version of a plan.
 *
 * @example priceKey({ kind: "per_unit", per: 1_000_000n, price: 300n }) // "per_unit:300/1000000"
 */
export function priceKey(price: UnitPrice): string {
  if (price.kind === "per_unit" || price.kind === "package")
    return `${price.kind}:${price.price}/${price.per}`;
  const steps = price.tiers.map(
    ({ upTo, price: each, flat = 0n }) => `${upTo ?? "*"}=${each}+${flat}`,
  );
  return `${price.kind}:${steps.join(",")}/${price.per}`;
}

/** What is wrong with the steps of a price, for whoever reads it from outside; undefined when nothing is. */
export function faultOfPrice(price: UnitPrice): string | undefined {
  if (price.per <= 0n) return "`per` is a positive number of units.";
  if (price.kind === "per_unit" || price.kind === "package")
    return price.price < 0n ? "A price is not negative." : undefined;
  const last = price.tiers.at(-1);
  if (last === undefined || last.upTo !== null) return "The last step has no end (`upTo: null`).";
  let from = 0n;
  for (const tier of price.tiers) {
    if (tier.price < 0n || (tier.flat ?? 0n) < 0n) return "A price is not negative.";
    if (tier === last) continue;
    if (tier.upTo === null) return "Only the last step has no end.";
    if (tier.upTo <= from) return "Each step ends after the one before it.";
    from = tier.upTo;
  }
  return undefined;
}

/** The exact price, times `per` (of packages: times 1). */
function numeratorAt(price: UnitPrice, quantity: bigint): bigint {
  if (quantity === 0n) return 0n;
  switch (price.kind) {
    case "per_unit":
      return price.price * quantity;
    case "package":
      return price.price * ((quantity + price.per - 1n) / price.per);
    case "volume": {
      const tier = price.tiers.find(({ upTo }) => upTo === null || quantity <= upTo);
      assert(tier !== undefined, "the last step of a price has no end");
      return tier.price * quantity + (tier.flat ?? 0n) * price.per;
    }
    case "graduated":
      return graduatedAt(price, quantity);
  }
}

function graduatedAt(
  { tiers, per }: { readonly tiers: readonly PriceTier[]; readonly per: bigint },
  quantity: bigint,
): bigint {
  let sum = 0n;
  let from = 0n;
  for (const { upTo, price, flat } of tiers) {
    const to = upTo === null || quantity < upTo ? quantity : upTo;
    sum += price * (to - from) + (flat ?? 0n) * per;
    from = to;
    if (from === quantity) return sum;
  }
  assert(false, "the last step of a price has no end");
  return sum;
}
