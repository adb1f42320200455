/**
 * Owns what a row of a rate card means: its prices as exact fractions over one denominator.
 *
 * The price of a bucket never falls from one tier of context to the next: a call may be reported in parts, and a part that
 * lengthens the context must not make the whole cheaper than what was charged already.
 */
import { parseCredits } from "@cistern/contract";
import { type Prices, type RateRow, credits, microCreditsPerCredit } from "@cistern/kernel";
import type { CatalogProblem, Meter } from "./catalog.ts";
import type { PricesForm, RowForm } from "./form.ts";
import type Fraction from "fraction.js";
import { commonDenominator, decimal, fraction } from "./fraction.ts";

/** What a row is read against. */
export interface RowSurroundings {
  /** Where it stands, as a JSON pointer. */
  readonly path: string;
  /** By name; null where its form is not right. */
  readonly meters: ReadonlyMap<string, Meter | null>;
  readonly multiplier: Fraction;
  /** Takes what is wrong. */
  readonly tell: (problem: CatalogProblem) => void;
}

type Exact = ReadonlyMap<string, Fraction>;
const units = [
  ["perMillion", 1_000_000n],
  ["perThousand", 1_000n],
  ["perUnit", 1n],
] as const;

/** Reads a row, and tells all that is wrong with it. */
export function readRow(
  row: RowForm,
  { path, meters, multiplier, tell }: RowSurroundings,
): RateRow {
  const { meter, model = null, attributes = {} } = row;
  const measured = meters.get(meter);
  if (measured === undefined)
    tell({
      path: `${path}/meter`,
      message: `is ${meter}, which is no meter of this catalog; it has ${[...meters.keys()].join(", ")}`,
    });
  if (model === "*")
    tell({ path: `${path}/model`, message: "is *; leave it out to price every model" });
  const own = readMultiplier(row.multiplier, { path, tell });
  const reader = new PricesReader(
    { meter, buckets: measured?.buckets ?? null },
    multiplier.mul(own),
    tell,
  );
  const base = reader.read(row, path);
  if (base.size === 0)
    tell({ path, message: "has no price; say perMillion, perThousand or perUnit" });
  const tiers = readTiers(row, { base, path, reader, tell });
  const per = commonDenominator([base, ...tiers.map((tier) => tier.prices)].flatMap(valuesOf));
  const tariff = { per, prices: over(per, base) };
  return {
    id: rowId(meter, model, attributes),
    meter,
    model,
    attributes,
    ...tariff,
    ...(measured?.outcomes === undefined ? {} : { outcomes: measured.outcomes }),
    ...(row.rounding === undefined ? {} : { rounding: row.rounding }),
    ...(row.minimum === undefined ? {} : { minimum: credits(parseCredits(row.minimum)) }),
    ...(row.context === undefined
      ? {}
      : {
          context: {
            buckets: row.context.buckets,
            tiers: tiers.map(({ above, prices }) => ({ above, prices: over(per, prices) })),
          },
        }),
  };
}

/** One where nothing is said. */
export function readMultiplier(
  text: string | undefined,
  { path, tell }: Pick<RowSurroundings, "path" | "tell">,
): Fraction {
  const multiplier = decimal(text ?? "1");
  if (multiplier.n > 0n) return multiplier;
  tell({ path: `${path}/multiplier`, message: "is 0; write prices of 0 where a call is free" });
  return decimal("1");
}

class PricesReader {
  readonly #meter: { readonly meter: string; readonly buckets: readonly string[] | null };
  readonly #multiplier: Fraction;
  readonly #tell: RowSurroundings["tell"];

  constructor(
    meter: { readonly meter: string; readonly buckets: readonly string[] | null },
    multiplier: Fraction,
    tell: RowSurroundings["tell"],
  ) {
    this.#meter = meter;
    this.#multiplier = multiplier;
    this.#tell = tell;
  }

  /** Micro-credits a unit, by bucket. */
  read(form: PricesForm, path: string): Exact {
    const prices = new Map<string, Fraction>();
    for (const [unit, count] of units)
      for (const [bucket, text] of Object.entries(form[unit] ?? {})) {
        const at = `${path}/${unit}/${bucket}`;
        this.checkBucket(bucket, at);
        if (prices.has(bucket)) this.#tell({ path: at, message: "is priced twice in this row" });
        const price = decimal(text).mul(fraction(microCreditsPerCredit, count));
        prices.set(bucket, price.mul(this.#multiplier));
      }
    return prices;
  }

  checkBucket(bucket: string, path: string): void {
    const { meter, buckets } = this.#meter;
    if (buckets !== null && !buckets.includes(bucket))
      this.#tell({ path, message: `is no bucket of ${meter}, which has ${buckets.join(", ")}` });
  }
}

/** What each tier charges for every bucket that has a price at all. */
function readTiers(
  { context }: RowForm,
  {
    base,
    path: rowPath,
    reader,
    tell,
  }: { base: Exact; path: string; reader: PricesReader; tell: RowSurroundings["tell"] },
): { above: number; prices: Exact }[] {
  if (context === undefined) return [];
  for (const [index, bucket] of context.buckets.entries())
    reader.checkBucket(bucket, `${rowPath}/context/buckets/${index}`);
  let before = { above: -1, prices: base };
  return context.tiers.map((tier, index) => {
    const path = `${rowPath}/context/tiers/${index}`;
    const own = reader.read(tier, path);
    if (own.size === 0)
      tell({ path, message: "has no price; say perMillion, perThousand or perUnit" });
    if (tier.above <= before.above)
      tell({ path: `${path}/above`, message: `is not more than the ${before.above} before it` });
    for (const [bucket, price] of own) {
      const earlier = before.prices.get(bucket);
      if (earlier === undefined)
        tell({ path, message: `prices ${bucket}, for which the row itself has no price` });
      else if (price.lt(earlier))
        tell({ path, message: `prices ${bucket} below what a shorter context costs` });
    }
    before = { above: tier.above, prices: new Map([...before.prices, ...own]) };
    return before;
  });
}

const valuesOf = (prices: Exact): Fraction[] => [...prices.values()];

/** Numerators over a denominator that all of them divide. */
function over(per: bigint, prices: Exact): Prices {
  return Object.fromEntries([...prices].map(([bucket, { n, d }]) => [bucket, n * (per / d)]));
}

/** Stable over versions of the catalog, since it names what the row is for. */
function rowId(
  meter: string,
  model: string | null,
  attributes: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams(attributes);
  query.sort();
  return `${meter}/${model ?? "*"}${query.size === 0 ? "" : `?${query.toString()}`}`;
}
