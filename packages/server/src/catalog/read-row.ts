/**
 * Owns what a row of a rate card means: its prices as exact fractions over one denominator.
 *
 * R1 a row has a price of every bucket of its meter, 0 where it says so: a call that it matches is never without a price.
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
import type { Meter, Tell } from "./catalog.ts";
import { minorDigits } from "./currency.ts";
import type { ContextForm, CostForm, PricesForm, RowForm } from "./form.ts";
import { commonDenominator, decimal, fraction } from "./fraction.ts";

/** What a row is read against. */
export interface RowSurroundings {
  /** Where it stands, as a JSON pointer. */
  readonly path: string;
  readonly meters: ReadonlyMap<string, Meter>;
  readonly multiplier: Fraction;
  readonly isCostOffBooks?: boolean;
  readonly tell: Tell;
}

type Exact = ReadonlyMap<string, Fraction>;
/** Prices by bucket, and the place at which each is written. */
interface Read {
  readonly prices: Exact;
  readonly places: ReadonlyMap<string, string>;
}
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
      restsOn: [`${path}/meter`, "/meters"],
      message: `is ${meter}, which is no meter of this catalog; it has ${[...meters.keys()].join(", ")}`,
    });
  if (model === "*")
    tell({ path: `${path}/model`, message: "is *; leave it out to price every model" });
  const own = readMultiplier(row.multiplier, { path, tell });
  const buckets = measured?.buckets ?? null;
  const perCredit = multiplier.mul(own).mul(microCreditsPerCredit);
  const reader = new PricesReader({ meter, buckets }, perCredit, tell);
  const read = reader.read(row, path);
  const base = read.prices;
  for (const bucket of base.size === 0 ? [] : (buckets ?? []))
    if (!base.has(bucket))
      tell({
        path,
        isOfNew: true,
        restsOn: [`${path}/meter`, bucketsOf(meter), ...priceFields(path)],
        message: `has no price of ${bucket}, which is a bucket of ${meter}: say one for ${rowId(meter, model, attributes)}, "0" where it is free`,
      });
  const tiers = readTiers(row.context, { base: read, path, reader, tell, mayFall: false });
  const isLevel = measured?.kind === "level";
  const timesPer = isLevel ? msPerHour : 1n;
  if (isLevel && row.minimum !== undefined)
    tell({
      path: `${path}/minimum`,
      restsOn: [path, `/meters/${meter}/kind`],
      message: `is of a call; ${meter} measures a level`,
    });
  const priced = { meter, buckets, priced: read, timesPer, path: `${path}/cost`, tell };
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
    priced: Read;
    timesPer: bigint;
    path: string;
    tell: Tell;
  },
): CostTariff {
  const { currency } = form;
  const digits = minorDigits(currency);
  if (digits === undefined)
    tell({ path: `${path}/currency`, message: `is ${currency}, which is no currency of ISO 4217` });
  const nanos = fraction(10n ** BigInt(digits ?? 0) * nanosPerMinorUnit, 1n);
  const reader = new PricesReader({ meter, buckets }, nanos, tell);
  const read = reader.read(form, path);
  const base = read.prices;
  for (const [bucket, place] of priced.places)
    if (!base.has(bucket))
      tell({
        path,
        restsOn: [above(place), ...priceFields(path)],
        message: `has no ${bucket}, for which the row has a price`,
      });
  const tiers = readTiers(form.context, { base: read, path, reader, tell, mayFall: true });
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

/** Where the prices of a row stand. */
const priceFields = (path: string): readonly string[] => units.map(([unit]) => `${path}/${unit}`);

const above = (place: string): string => place.slice(0, place.lastIndexOf("/"));

/** Where a catalog says them. */
const bucketsOf = (meter: string): string => `/meters/${meter}/buckets/`;

interface MeterBuckets {
  readonly meter: string;
  /** null: not known, so that nothing is said of them. */
  readonly buckets: readonly string[] | null;
}

class PricesReader {
  readonly #meter: MeterBuckets;
  readonly #unit: Fraction;
  readonly #tell: Tell;

  /** `unit`: what one of the price's currency is, of what is counted. */
  constructor(meter: MeterBuckets, unit: Fraction, tell: Tell) {
    this.#meter = meter;
    this.#unit = unit;
    this.#tell = tell;
  }

  /** What is counted, a unit of usage, by bucket. */
  read(form: PricesForm, path: string): Read {
    const prices = new Map<string, Fraction>();
    const places = new Map<string, string>();
    for (const [unit, count] of units)
      for (const [bucket, text] of Object.entries(form[unit] ?? {})) {
        const at = `${path}/${unit}/${bucket}`;
        this.checkBucket(bucket, at, `${path}/${unit}`);
        if (prices.has(bucket))
          this.#tell({
            path: at,
            restsOn: priceFields(path),
            message: "is priced twice in this row",
          });
        prices.set(bucket, decimal(text).mul(this.#unit).div(count));
        places.set(bucket, at);
      }
    if (prices.size === 0)
      this.#tell({
        path,
        restsOn: priceFields(path),
        message: "has no price; say perMillion, perThousand or perUnit",
      });
    return { prices, places };
  }

  checkBucket(bucket: string, path: string, restsOn: string): void {
    const { meter, buckets } = this.#meter;
    if (buckets !== null && !buckets.includes(bucket))
      this.#tell({
        path,
        restsOn: [restsOn, bucketsOf(meter)],
        message: `is no bucket of ${meter}, which has ${buckets.join(", ")}`,
      });
  }
}

interface Tier extends Read {
  readonly above: number;
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
    base: Read;
    path: string;
    reader: PricesReader;
    tell: Tell;
    mayFall: boolean;
  },
): readonly Tier[] {
  if (context === undefined) return [];
  for (const [index, bucket] of context.buckets.entries()) {
    const at = `${rowPath}/context/buckets/${index}`;
    reader.checkBucket(bucket, at, at);
  }
  let before: Tier = { above: -1, ...base };
  return context.tiers.map((tier, index) => {
    const path = `${rowPath}/context/tiers/${index}`;
    const { prices: own, places } = reader.read(tier, path);
    if (tier.above <= before.above)
      tell({
        path: `${path}/above`,
        restsOn: [`${path}/above`, `${rowPath}/context/tiers/${index - 1}/above`],
        message: `is not more than the ${before.above} before it`,
      });
    for (const [bucket, price] of own) {
      const earlier = before.prices.get(bucket);
      if (earlier === undefined)
        tell({
          path,
          restsOn: [above(places.get(bucket) ?? path), ...priceFields(rowPath)],
          message: `prices ${bucket}, for which the row itself has no price`,
        });
      else if (!mayFall && price.lt(earlier))
        tell({
          path,
          restsOn: [places, before.places].flatMap((one) => one.get(bucket) ?? []),
          message: `prices ${bucket} below what a shorter context costs`,
        });
    }
    before = {
      above: tier.above,
      prices: new Map([...before.prices, ...own]),
      places: new Map([...before.places, ...places]),
    };
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
