/**
 * Owns how usage becomes credits, in the small form that the pool needs; the full rate card comes with the plans.
 *
 * P1 the row of the very model wins over the row of any model; one rounding (R1) per rating.
 */
import { type Credits, credits, noCredits } from "../amount.ts";
import { half } from "../rounding.ts";

/** Prices of one meter and model: micro-credits per million units of each bucket. */
export interface RateRow {
  readonly id: string;
  readonly meter: string;
  /** null: any model that has no row of its own. */
  readonly model: string | null;
  readonly perMillion: Readonly<Record<string, Credits>>;
}

/** A version of all prices. */
export interface RateCard {
  readonly id: string;
  readonly rows: readonly RateRow[];
}

/** The price that a hold fixed at authorization: it settles by this, whatever the card says later. */
export interface Price {
  readonly card: string;
  readonly row: string;
  readonly perMillion: Readonly<Record<string, Credits>>;
}

/** Units by bucket, such as `{ input_text: 1200 }`: integers >= 0. */
export type Usage = Readonly<Record<string, number>>;

/** What the card says of a meter and a model. */
export type PriceFound =
  | { readonly kind: "price"; readonly price: Price }
  | { readonly kind: "unknown_meter" }
  | { readonly kind: "unknown_model" };

/** Finds the one row that prices a call. */
export function findPrice(card: RateCard, meter: string, model: string | null): PriceFound {
  const models = pricesOf(card).get(meter);
  if (models === undefined) return { kind: "unknown_meter" };
  const price = models.get(model) ?? models.get(null);
  return price === undefined ? { kind: "unknown_model" } : { kind: "price", price };
}

/** Whether the card knows a meter at all. */
export const hasMeter = (card: RateCard, meter: string): boolean => pricesOf(card).has(meter);

type Prices = ReadonlyMap<string, ReadonlyMap<string | null, Price>>;

/** By card, which never changes: prices by meter and model, so that a card of thousands of rows costs a call no more. */
const known = new WeakMap<RateCard, Prices>();

function pricesOf(card: RateCard): Prices {
  const before = known.get(card);
  if (before !== undefined) return before;
  const prices = new Map<string, Map<string | null, Price>>();
  for (const { id, meter, model, perMillion } of card.rows) {
    const models = prices.get(meter) ?? new Map<string | null, Price>();
    if (!models.has(model)) models.set(model, { card: card.id, row: id, perMillion });
    prices.set(meter, models);
  }
  known.set(card, prices);
  return prices;
}

/**
 * Credits for a usage, rounded once; undefined when a bucket has no price or the sum leaves the range of credits.
 *
 * @example rate({ card: "c", row: "r", perMillion: { input_text: 2_500_000n } }, { input_text: 400_000 }) // 1_000_000n
 */
export function rate(price: Price, usage: Usage): Credits | undefined {
  let sum = 0n;
  for (const bucket of Object.keys(usage)) {
    // A bucket may have any name, also one that every object inherits.
    if (!Object.hasOwn(price.perMillion, bucket)) return undefined;
    sum += (price.perMillion[bucket] ?? noCredits) * BigInt(usage[bucket] ?? 0);
  }
  const rounded = half(sum, 1_000_000n);
  return rounded <= ratedMax ? credits(rounded) : undefined;
}

/** No single call is rated above 10^12 credits: the widest amount that the boundary can write. */
const ratedMax = 999_999_999_999_999_999n;
