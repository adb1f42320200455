/** Owns how listed prices become rows of a rate card: what the vendor pays, and from it what is charged. */
import { matches } from "@cistern/kernel";
import type { Fraction } from "fraction.js";
import { CatalogFault, type CatalogProblem } from "./catalog.ts";
import type { ContextSource, CostSource, PricesSource, RateRowSource } from "./define-catalog.ts";
import { decimalText } from "./fraction.ts";
import { type ListedModel, type ListedRate, listedRates, namesOf } from "./listed-prices.ts";

/** How rows are made. */
export interface SeedOptions {
  readonly provider: string;
  /** A pattern for the ids of models, as in a row. */
  readonly models: string;
  readonly meter: string;
  /** What is charged for a dollar of cost, in credits. */
  readonly creditsPerDollar: Fraction;
  /** Of prices that change, those of this instant. */
  readonly atMs: number;
}

/** Rows to paste. */
export interface Seeded {
  readonly rows: readonly RateRowSource[];
  /** What the meter has to measure for them. */
  readonly buckets: readonly string[];
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** The list is in US dollars. */
export const listCurrency = "USD";

/**
 * A row for each name of each model.
 *
 * @throws CatalogFault where the list has what a rate card cannot say, or no such model.
 */
export function seedRows(list: readonly ListedModel[], options: SeedOptions): Seeded {
  const { provider, models, atMs } = options;
  const problems: CatalogProblem[] = [];
  const notes: string[] = [];
  const isWanted = ({ id }: ListedModel): boolean =>
    matches({ model: models, attributes: {} }, { model: id, attributes: {} });
  const rows = new Map<string, RateRowSource>();
  const buckets = new Set<string>();
  for (const model of list.filter(isWanted)) {
    const rates = listedRates(model, atMs, (problem) => problems.push(problem));
    if (rates.size === 0) {
      notes.push(`${model.id} has no price and is left out.`);
      continue;
    }
    for (const bucket of rates.keys()) buckets.add(bucket);
    const row = rowOf(rates, options, (place) =>
      notes.push(`${model.id}: ${place} does not end as a decimal and is rounded to 12 places.`),
    );
    const names = namesOf(model.match);
    if (names.length === 0)
      notes.push(`${model.id} goes by a rule that no pattern says; it is priced by its id alone.`);
    // The first that names a model prices it, as in the list.
    for (const name of names.length === 0 ? [model.id] : names)
      if (!rows.has(name)) rows.set(name, { meter: options.meter, model: name, ...row });
  }
  if (rows.size === 0 && problems.length === 0)
    problems.push({ path: "", message: `has no model ${models} with a price` });
  if (problems.length > 0) throw new CatalogFault(`The price list of ${provider}`, problems);
  return { rows: [...rows.values()], buckets: [...buckets], notes: [...new Set(notes)] };
}

/** Decimals of a catalog have at most so many digits after the point. */
const placesMax = 12;

function rowOf(
  rates: ReadonlyMap<string, ListedRate>,
  { creditsPerDollar }: SeedOptions,
  tellRounded: (place: string) => void,
): Omit<RateRowSource, "meter"> & { readonly cost: CostSource } {
  const text = (value: Fraction, place: string): string => {
    const rounded = value.round(placesMax);
    if (!rounded.equals(value)) tellRounded(place);
    return decimalText(rounded);
  };
  const charge = (price: Fraction, bucket: string) =>
    text(price.mul(creditsPerDollar), `the price of ${bucket}`);
  const cost = (price: Fraction, bucket: string) => text(price, `the cost of ${bucket}`);
  return {
    ...pricesOf(rates, charge),
    cost: { currency: listCurrency, ...pricesOf(rates, cost) },
  };
}

type Print = (price: Fraction, bucket: string) => string;

function pricesOf(
  rates: ReadonlyMap<string, ListedRate>,
  print: Print,
): PricesSource & { readonly context?: ContextSource } {
  const all = [...rates].map(([bucket, { unit, price }]) => ({ bucket, unit, price }));
  const starts = [...rates.values()].flatMap(({ tiers }) => tiers.map(({ above }) => above));
  if (starts.length === 0) return byUnit(all, print);
  const tiers = [...new Set(starts)]
    .toSorted((a, b) => a - b)
    .map((above) => {
      const own = [...rates].flatMap(([bucket, rate]) => {
        const tier = rate.tiers.find((one) => one.above === above);
        return tier === undefined ? [] : { bucket, unit: rate.unit, price: tier.price };
      });
      return { above, ...byUnit(own, print) };
    });
  const buckets = [...rates.keys()].filter((bucket) => /^(input|cache)_/.test(bucket));
  return { ...byUnit(all, print), context: { buckets, tiers } };
}

function byUnit(
  prices: readonly (Pick<ListedRate, "unit" | "price"> & { readonly bucket: string })[],
  print: Print,
): PricesSource {
  const of = (unit: ListedRate["unit"]) => {
    const own = prices.filter((one) => one.unit === unit);
    const entries = own.map(({ bucket, price }) => [bucket, print(price, bucket)] as const);
    return entries.length === 0 ? {} : { [unit]: Object.fromEntries(entries) };
  };
  return { ...of("perMillion"), ...of("perThousand") };
}
