/**
 * Owns how listed prices become rows of a rate card: what the vendor pays, and from it what is charged.
 *
 * S1 what is printed is sound: a catalog that has these rows and buckets is read without a fault. What a rate card cannot say is left out,
 * with the reason. S2 a bucket that the list does not price for a model costs what it
 * counts as there, text of input or output; where there is none it is 0, and that is told.
 */
import { matches } from "@cistern/kernel";
import type { Fraction } from "fraction.js";
import { CatalogFault, type CatalogProblem } from "./catalog.ts";
import type { ContextSource, CostSource, PricesSource, RateRowSource } from "./define-catalog.ts";
import { decimalText } from "./fraction.ts";
import { type ListedModel, type ListedRate, listedRates, namesOf } from "./listed-prices.ts";
import { readCatalog } from "./read-catalog.ts";

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
 * A row for each name of each model that a rate card can say (S1).
 *
 * @throws CatalogFault where there is none.
 */
export function seedRows(list: readonly ListedModel[], options: SeedOptions): Seeded {
  const { rows: listed, buckets, notes } = listedRows(list, options);
  const whole = listed.map((row) => filled(row, buckets));
  const { rows, leftOut } = soundOf(whole, { meter: options.meter, buckets });
  if (rows.length === 0)
    throw new CatalogFault(
      `The price list of ${options.provider}`,
      leftOut.map((message) => ({ path: "", message })),
    );
  return { rows, buckets, notes: [...notes, ...unpricedNotes(listed, buckets), ...leftOut] };
}

/** S2. */
function filled(row: RateRowSource, buckets: readonly string[]): RateRowSource {
  const priced = pricedIn(row);
  const missing = buckets.filter((bucket) => !priced.has(bucket));
  if (missing.length === 0) return row;
  const level = <Prices extends PricesSource>(
    prices: Prices,
    otherwise: "0" | undefined,
  ): Prices => {
    const more = missing.flatMap((bucket) => {
      const price = prices.perMillion?.[textOf(bucket)] ?? otherwise;
      return price === undefined ? [] : [[bucket, price] as const];
    });
    if (more.length === 0) return prices;
    return { ...prices, perMillion: { ...prices.perMillion, ...Object.fromEntries(more) } };
  };
  const whole = <Priced extends PricesSource & { readonly context?: ContextSource }>(
    prices: Priced,
  ): Priced => {
    const { context } = prices;
    const base = level(prices, "0");
    if (context === undefined) return base;
    return {
      ...base,
      context: { ...context, tiers: context.tiers.map((tier) => level(tier, undefined)) },
    };
  };
  return { ...whole(row), ...(row.cost === undefined ? {} : { cost: whole(row.cost) }) };
}

/** The list charges tokens of a kind that it does not price for itself as input or as output. */
const textOf = (bucket: string): string => {
  if (/^(input|cache)_/.test(bucket)) return "input_text";
  return bucket.startsWith("output_") ? "output_text" : "";
};

const pricedIn = ({ perMillion, perThousand, perUnit }: PricesSource): ReadonlySet<string> =>
  new Set([perMillion, perThousand, perUnit].flatMap((prices) => Object.keys(prices ?? {})));

function unpricedNotes(
  rows: readonly RateRowSource[],
  buckets: readonly string[],
): readonly string[] {
  return buckets.flatMap((bucket) => {
    const names = rows
      .filter((row) => !pricedIn(row).has(bucket) && !pricedIn(row).has(textOf(bucket)))
      .map(({ model }) => model);
    const [first, second, ...more] = names;
    if (first === undefined) return [];
    const some = [first, ...(second === undefined ? [] : [second])].join(", ");
    const others = more.length === 0 ? "" : ` and ${more.length} more`;
    return [`${bucket} has no price in the list for ${some}${others}, and is 0 there.`];
  });
}

/** S1: without rows that are faulty, one after the other, since a clash is of two. */
function soundOf(
  all: readonly RateRowSource[],
  { meter, buckets }: { readonly meter: string; readonly buckets: readonly string[] },
): { readonly rows: readonly RateRowSource[]; readonly leftOut: readonly string[] } {
  const leftOut: string[] = [];
  let rows = all;
  while (rows.length > 0) {
    const faults = faultsOf({
      meters: { [meter]: { buckets } },
      rateCards: { standard: { rows } },
    });
    const faulty = new Map(
      faults.flatMap(({ path, message }) => {
        const [, index] = /^\/rateCards\/standard\/rows\/([0-9]+)/.exec(path) ?? [];
        return index === undefined ? [] : [[Number(index), message] as const];
      }),
    );
    if (faulty.size === 0) {
      // What is wrong is of no row: nothing of the list can be said.
      if (faults.length === 0) return { rows, leftOut };
      return { rows: [], leftOut: faults.map(({ path, message }) => `${path} ${message}`) };
    }
    const before = rows;
    for (const [index, message] of faulty) {
      const other = /row ([0-9]+)/.exec(message)?.[1];
      const named = other === undefined ? message : `${message} (${before[Number(other)]?.model})`;
      leftOut.push(`${before[index]?.model} is left out: it ${named}.`);
    }
    rows = before.filter((_, index) => !faulty.has(index));
  }
  return { rows, leftOut };
}

function faultsOf(catalog: unknown): readonly CatalogProblem[] {
  try {
    readCatalog(catalog, "The price list");
    return [];
  } catch (error) {
    if (!(error instanceof CatalogFault)) throw error;
    return error.problems;
  }
}

/**
 * A row for each name of each model as the list has them, whether or not a card can have them beside each other.
 *
 * @throws CatalogFault where there is none that a row can say.
 */
export function listedRows(list: readonly ListedModel[], options: SeedOptions): Seeded {
  const { provider, models, atMs } = options;
  const problems: CatalogProblem[] = [];
  const notes: string[] = [];
  const isWanted = ({ id }: ListedModel): boolean =>
    matches({ model: models, attributes: {} }, { model: id, attributes: {} });
  const rows = new Map<string, RateRowSource>();
  const buckets = new Set<string>();
  for (const model of list.filter(isWanted)) {
    const ofModel: CatalogProblem[] = [];
    const rates = listedRates(model, atMs, (problem) => ofModel.push(problem));
    problems.push(...ofModel);
    if (ofModel.length > 0) {
      const why = ofModel.map(({ path, message }) => `${path} ${message}`).join("; ");
      notes.push(`${model.id} is left out: ${why}.`);
      continue;
    }
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
  if (rows.size === 0) throw new CatalogFault(`The price list of ${provider}`, problems);
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
