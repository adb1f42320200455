/**
 * Owns what a row of a rate card means: its prices as exact fractions over one denominator.
 *
 * The price of a bucket never falls from one tier of context to the next: a call may be reported in parts, and a part that
 * lengthens the context must not make the whole cheaper than what was charged already.
 */
import { parseCredits } from "@cistern/contract";
import {
  type CostTariff,
  type Prices,
  type RateRow,
  type UnitPrices,
  credits,
  microCreditsPerCredit,
  nanosPerMinorUnit,
} from "@cistern/kernel";
import type { Fraction } from "fraction.js";
import type { CatalogProblem, Meter } from "./catalog.ts";
import { minorDigits } from "./currency.ts";
import type { ContextForm, CostForm, PricesForm, RowForm } from "./form.ts";
import { commonDenominator, decimal, fraction } from "./fraction.ts";

/** What a row is read against. */
export interface RowSurroundings {
  /** Where it stands, as a JSON pointer. */
  readonly path: string;
  /** By name; null where its form is not right. */
  readonly meters: ReadonlyMap<string, Meter | null>;
  readonly multiplier: Fraction;
  readonly isCostOffBooks?: boolean;
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
  { path, meters, multiplier, isCostOffBooks = false, tell }: RowSurroundings,
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
  const buckets = measured?.buckets ?? null;
  const perCredit = multiplier.mul(own).mul(microCreditsPerCredit);
  const reader = new PricesReader({ meter, buckets }, perCredit, tell);
  const base = reader.read(row, path);
  const tiers = readTiers(row.context, { base, path, reader, tell, mayFall: false });
  const isLevel = measured?.kind === "level";
  const timesPer = isLevel ? msPerHour : 1n;
  if (isLevel && row.minimum !== undefined)
    tell({ path: `${path}/minimum`, message: `is of a call; ${meter} measures a level` });
  const priced = { meter, buckets, priced: base, timesPer, path: `${path}/cost`, tell };
  return {
    id: rowId(meter, model, attributes),
    meter,
    model,
    attributes,
    ...overOne(base, row.context, { tiers, timesPer }),
    ...(isLevel ? { isLevel } : {}),
    ...(measured?.outcomes === undefined ? {} : { outcomes: measured.outcomes }),
    ...(row.rounding === undefined ? {} : { rounding: row.rounding }),
    ...(row.minimum === undefined ? {} : { minimum: credits(parseCredits(row.minimum)) }),
    ...(row.cost === undefined
      ? {}
      : {
          cost: {
            ...readCost(row.cost, priced),
            ...(isCostOffBooks ? { isOffBooks: true } : {}),
          },
        }),
  };
}

/** What a call costs the vendor: of every bucket that is priced, so that it is known of every call that is. */
function readCost(
  form: CostForm,
  {
    meter,
    buckets,
    priced,
    timesPer,
    path,
    tell,
  }: MeterBuckets & {
    priced: Exact;
    timesPer: bigint;
    path: string;
    tell: RowSurroundings["tell"];
  },
): CostTariff {
  const { currency } = form;
  const digits = minorDigits(currency);
  if (digits === undefined)
    tell({ path: `${path}/currency`, message: `is ${currency}, which is no currency of ISO 4217` });
  const nanos = fraction(10n ** BigInt(digits ?? 0) * nanosPerMinorUnit, 1n);
  const reader = new PricesReader({ meter, buckets }, nanos, tell);
  const base = reader.read(form, path);
  for (const bucket of priced.keys())
    if (!base.has(bucket))
      tell({ path, message: `has no ${bucket}, for which the row has a price` });
  const tiers = readTiers(form.context, { base, path, reader, tell, mayFall: true });
  return { currency, ...overOne(base, form.context, { tiers, timesPer }) };
}

/** A level is priced by the hour, and lasts milliseconds. */
export const msPerHour = 3_600_000n;

/** All prices over one denominator, of which so many times are told. */
function overOne(
  base: Exact,
  context: ContextForm | undefined,
  { tiers, timesPer }: { tiers: readonly Tier[]; timesPer: bigint },
): UnitPrices {
  const one = commonDenominator([base, ...tiers.map(({ prices }) => prices)].flatMap(valuesOf));
  const prices = over(one, base);
  const per = one * timesPer;
  if (context === undefined) return { per, prices };
  const numbered = tiers.map((tier) => ({ above: tier.above, prices: over(one, tier.prices) }));
  return { per, prices, context: { buckets: context.buckets, tiers: numbered } };
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

interface MeterBuckets {
  readonly meter: string;
  /** null: not known, so that nothing is said of them. */
  readonly buckets: readonly string[] | null;
}

class PricesReader {
  readonly #meter: MeterBuckets;
  readonly #unit: Fraction;
  readonly #tell: RowSurroundings["tell"];

  /** `unit`: what one of the price's currency is, of what is counted. */
  constructor(meter: MeterBuckets, unit: Fraction, tell: RowSurroundings["tell"]) {
    this.#meter = meter;
    this.#unit = unit;
    this.#tell = tell;
  }

  /** What is counted, a unit of usage, by bucket. */
  read(form: PricesForm, path: string): Exact {
    const prices = new Map<string, Fraction>();
    for (const [unit, count] of units)
      for (const [bucket, text] of Object.entries(form[unit] ?? {})) {
        const at = `${path}/${unit}/${bucket}`;
        this.checkBucket(bucket, at);
        if (prices.has(bucket)) this.#tell({ path: at, message: "is priced twice in this row" });
        prices.set(bucket, decimal(text).mul(this.#unit).div(count));
      }
    if (prices.size === 0)
      this.#tell({ path, message: "has no price; say perMillion, perThousand or perUnit" });
    return prices;
  }

  checkBucket(bucket: string, path: string): void {
    const { meter, buckets } = this.#meter;
    if (buckets !== null && !buckets.includes(bucket))
      this.#tell({ path, message: `is no bucket of ${meter}, which has ${buckets.join(", ")}` });
  }
}

interface Tier {
  readonly above: number;
  readonly prices: Exact;
}

/** The price of every bucket that has one at all, in each tier. */
function readTiers(
  context: ContextForm | undefined,
  {
    base,
    path: rowPath,
    reader,
    tell,
    mayFall,
  }: {
    base: Exact;
    path: string;
    reader: PricesReader;
    tell: RowSurroundings["tell"];
    mayFall: boolean;
  },
): readonly Tier[] {
  if (context === undefined) return [];
  for (const [index, bucket] of context.buckets.entries())
    reader.checkBucket(bucket, `${rowPath}/context/buckets/${index}`);
  let before: Tier = { above: -1, prices: base };
  return context.tiers.map((tier, index) => {
    const path = `${rowPath}/context/tiers/${index}`;
    const own = reader.read(tier, path);
    if (tier.above <= before.above)
      tell({ path: `${path}/above`, message: `is not more than the ${before.above} before it` });
    for (const [bucket, price] of own) {
      const earlier = before.prices.get(bucket);
      if (earlier === undefined)
        tell({ path, message: `prices ${bucket}, for which the row itself has no price` });
      else if (!mayFall && price.lt(earlier))
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
