/**
 * Owns how usage becomes credits by what one row of a rate card charges.
 *
 * P1 all is exact until the one rounding. P2 what is reported in parts costs what it would cost at once: a part is charged the
 * difference that it makes, so that the minimum is taken once, the tier is that of the whole, and rounding never adds up.
 */
import type { FreeUnits } from "../allowances/terms.ts";
import { type Credits, beyond, credits } from "../amount.ts";
import { half } from "../rounding.ts";
import type { OutcomeRules } from "./outcome.ts";

/** How a fraction of a micro-credit is rounded; `half` away from zero where a row says nothing. */
export type Rounding = "half" | "up" | "down";

/** Numerators by bucket: micro-credits for so many units as the tariff's `per` says. */
export type Prices = Readonly<Record<string, bigint>>;

/** Prices of calls whose context is long. */
export interface ContextTier {
  /** It holds from one unit more. */
  readonly above: number;
  readonly prices: Prices;
}

/** Prices of units: `prices[bucket] / per` for one. */
export interface UnitPrices {
  readonly per: bigint;
  readonly prices: Prices;
  /** Tiers in rising order, by the sum over these buckets. */
  readonly context?: {
    readonly buckets: readonly string[];
    readonly tiers: readonly ContextTier[];
  };
}

/** What the vendor pays itself, in 10^-9 of a minor unit (`vendor-cost.ts`). */
export interface CostTariff extends UnitPrices {
  readonly currency: string;
  /** The vendor keeps its costs out of these books. */
  readonly isOffBooks?: true;
}

/** What a row charges, in micro-credits; of a level (`isLevel`), for each millisecond that a unit is there. In its tiers a price never falls from one to the next. */
export interface Tariff extends UnitPrices {
  readonly isLevel?: boolean;
  readonly rounding?: Rounding;
  /** A call that used anything costs at least this. */
  readonly minimum?: Credits;
  readonly cost?: CostTariff;
  /** How outcomes are charged, where that differs from the defaults. */
  readonly outcomes?: OutcomeRules;
}

/** As journals have it that were written before prices were fractions. */
interface PricePerMillion {
  readonly card: string;
  readonly row: string;
  readonly perMillion: Prices;
}

/** The price that a hold fixed at authorization: it settles by this, whatever the card says later. */
export type Price =
  | (Tariff & {
      readonly card: string;
      readonly row: string;
      /** The negotiation that it comes of; left out: it is that of the list. */
      readonly negotiated?: string;
    })
  | PricePerMillion;

/** Units by bucket, such as `{ input_text: 1200 }`: integers >= 0. */
export type Usage = Readonly<Record<string, number>>;

/**
 * Credits for a usage, or for a level that was there for `heldMs`, rounded once; undefined when a bucket has no price or the sum leaves the range of credits.
 *
 * @example rate({ card: "c", row: "r", per: 1_000_000n, prices: { input_text: 2_500_000n } }, { input_text: 400_000 }) // 1_000_000n
 */
export function rate(
  price: Price,
  usage: Usage,
  heldMs?: number,
  free?: FreeUnits,
): Credits | undefined {
  const tariff = tariffOf(price);
  const sum = priceOfUsage(tariff, usage, heldMs, free);
  if (sum === undefined) return undefined;
  const rounded = roundings[tariff.rounding ?? "half"](sum, tariff.per);
  const { minimum } = tariff;
  const least = minimum !== undefined && isCharged(usage, heldMs, free) ? minimum : 0n;
  const rated = rounded < least ? least : rounded;
  return rated <= ratedMax ? credits(rated) : undefined;
}

const isCharged = (usage: Usage, heldMs: number | undefined, free: FreeUnits = noUnits): boolean =>
  Object.entries(usage).some(
    ([bucket, units]) => BigInt(units) * BigInt(heldMs ?? 1) > freeIn(free, bucket),
  );

const noUnits: FreeUnits = {};

const freeIn = (free: FreeUnits, bucket: string): bigint =>
  Object.hasOwn(free, bucket) ? (free[bucket] ?? 0n) : 0n;

/** `per` times the price of a usage less what of it is free, exactly; undefined when a bucket has no price. The tier is that of the whole usage. */
export function priceOfUsage(
  tariff: UnitPrices,
  usage: Usage,
  heldMs = 1,
  free?: FreeUnits,
): bigint | undefined {
  const prices = pricesFor(tariff, usage);
  const sum = sumOf(prices, usage);
  if (sum === undefined) return undefined;
  const whole = heldMs === 1 ? sum : sum * BigInt(heldMs);
  if (free === undefined) return whole;
  return Object.keys(usage).reduce(
    (rest, bucket) => rest - (prices[bucket] ?? 0n) * freeIn(free, bucket),
    whole,
  );
}

/** Numerators times units; undefined when a bucket has no price. */
function sumOf(prices: Prices, usage: Usage): bigint | undefined {
  // Neither is below 0, so a sum that is safe has been exact all along: numbers take a fraction of the time of bigints.
  let safe = 0;
  for (const bucket in usage) {
    const price = prices[bucket];
    // A bucket may have any name, also one that every object inherits; but no object inherits a bigint.
    if (typeof price !== "bigint") return undefined;
    safe += Number(price) * (usage[bucket] ?? 0);
  }
  if (safe <= Number.MAX_SAFE_INTEGER) return BigInt(safe);
  return Object.keys(usage).reduce(
    (sum, bucket) => sum + (prices[bucket] ?? 0n) * BigInt(usage[bucket] ?? 0),
    0n,
  );
}

/** P2: credits for `part`, of a call that has reported `before` already; `free` is what of it is free, before and in all. */
export function ratePart(
  price: Price,
  before: Usage | null,
  part: Usage,
  free?: { readonly before: FreeUnits; readonly all: FreeUnits },
): Credits | undefined {
  const paid = before === null ? undefined : rate(price, before, undefined, free?.before);
  // What was before may have had no price: then it was charged in another way.
  if (before === null || paid === undefined) return rate(price, part, undefined, free?.all);
  const total = rate(price, addUsage(before, part), undefined, free?.all);
  return total === undefined ? undefined : beyond(total, paid);
}

/** Units of both, as far as they can be counted. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum = new Map(Object.entries(a));
  for (const [bucket, units] of Object.entries(b))
    sum.set(bucket, Math.min((sum.get(bucket) ?? 0) + units, Number.MAX_SAFE_INTEGER));
  return Object.fromEntries(sum);
}

/** Prices that hold for a usage: numerators by bucket over `per`, and the least that it costs. For whoever explains a charge. */
export function pricesOf(
  price: Price,
  usage: Usage,
): Pick<Tariff, "per" | "prices" | "minimum" | "isLevel"> {
  const tariff = tariffOf(price);
  const { per, minimum, isLevel } = tariff;
  return {
    per,
    prices: pricesFor(tariff, usage),
    ...(minimum === undefined ? {} : { minimum }),
    ...(isLevel === undefined ? {} : { isLevel }),
  };
}

/** Whether it is the price of a level. */
export const isLevelPrice = (price: Price): boolean => tariffOf(price).isLevel === true;

/** How outcomes are charged, where that differs from the defaults. */
export const outcomesOf = (price: Price): OutcomeRules | undefined => tariffOf(price).outcomes;

/** What the vendor pays, where that is known. */
export const costTariffOf = (price: Price): CostTariff | undefined => tariffOf(price).cost;

/** The negotiation that it comes of; undefined for that of the list. */
export const negotiationOf = (price: Price): string | undefined =>
  "perMillion" in price ? undefined : price.negotiated;

/** The buckets that have a price. */
export const bucketsOf = (price: Price): readonly string[] => Object.keys(tariffOf(price).prices);

const tariffOf = (price: Price): Tariff =>
  "perMillion" in price ? { per: 1_000_000n, prices: price.perMillion } : price;

function pricesFor({ prices, context }: UnitPrices, usage: Usage): Prices {
  if (context === undefined) return prices;
  const units = context.buckets.reduce(
    (sum, bucket) => sum + (Object.hasOwn(usage, bucket) ? (usage[bucket] ?? 0) : 0),
    0,
  );
  return context.tiers.findLast(({ above }) => units > above)?.prices ?? prices;
}

const roundings: Readonly<Record<Rounding, (numerator: bigint, denominator: bigint) => bigint>> = {
  half,
  up: (numerator, denominator) => (numerator + denominator - 1n) / denominator,
  down: (numerator, denominator) => numerator / denominator,
};

/** No single call is rated above 10^12 credits: the widest amount that the boundary can write. */
const ratedMax = 999_999_999_999_999_999n;
