/**
 * Owns what a list of vendors' prices says of a model, in our buckets: the list of `@pydantic/genai-prices`, whose types stand here as
 * far as they are read, so that nothing needs the package but the command that seeds (`cli/seed-prices.ts`).
 *
 * L1 a unit that is not known here is refused: the package would leave it out. L2 its prices are numbers of JavaScript, and are taken by
 * their shortest text, never calculated with. L3 our buckets exclude each other; one that the list does not price for itself costs what
 * the list charges for its units: cached and written tokens as input, reasoning as output.
 */
import { parseInstant } from "@cistern/contract";
import type { Fraction } from "fraction.js";
import type { CatalogProblem } from "./catalog.ts";
import { decimal } from "./fraction.ts";

/** A model of the list. */
export interface ListedModel {
  readonly id: string;
  readonly match: NameRule;
  readonly prices: KeyedPrices | readonly DatedPrices[];
}

/** Which names a model goes by. */
export type NameRule =
  | { readonly or: readonly NameRule[] }
  | { readonly and: readonly NameRule[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

type KeyedPrices = Readonly<Record<string, number | TieredPrice | undefined>>;

interface TieredPrice {
  readonly base: number;
  readonly tiers: readonly { readonly start: number; readonly price: number }[];
}

interface DatedPrices {
  readonly constraint?: { readonly type: string; readonly start_date?: string };
  readonly prices: KeyedPrices;
}

/** What one bucket costs, in US dollars, of so many units. */
export interface ListedRate {
  readonly unit: "perMillion" | "perThousand";
  readonly price: Fraction;
  /** By the length of the whole input. */
  readonly tiers: readonly { readonly above: number; readonly price: Fraction }[];
}

/** Buckets by unit of the list, and what of it they are counted in. */
const units: Readonly<
  Record<
    string,
    { readonly bucket: string; readonly unit: ListedRate["unit"]; readonly per?: bigint }
  >
> = {
  input_mtok: { bucket: "input_text", unit: "perMillion" },
  input_audio_mtok: { bucket: "input_audio", unit: "perMillion" },
  input_image_mtok: { bucket: "input_image", unit: "perMillion" },
  input_video_mtok: { bucket: "input_video", unit: "perMillion" },
  cache_read_mtok: { bucket: "cache_read", unit: "perMillion" },
  cache_audio_read_mtok: { bucket: "cache_read_audio", unit: "perMillion" },
  cache_image_read_mtok: { bucket: "cache_read_image", unit: "perMillion" },
  cache_write_mtok: { bucket: "cache_write_5m", unit: "perMillion" },
  cache_write_1h_mtok: { bucket: "cache_write_1h", unit: "perMillion" },
  output_mtok: { bucket: "output_text", unit: "perMillion" },
  output_reasoning_mtok: { bucket: "output_reasoning", unit: "perMillion" },
  output_citation_mtok: { bucket: "output_citation", unit: "perMillion" },
  output_audio_mtok: { bucket: "output_audio", unit: "perMillion" },
  output_image_mtok: { bucket: "output_image", unit: "perMillion" },
  output_video_mtok: { bucket: "output_video", unit: "perMillion" },
  // Of hours, a million seconds: 2,500 / 9 of them.
  audio_hours: { bucket: "seconds", unit: "perMillion", per: 3_600n },
  input_audio_hours: { bucket: "seconds", unit: "perMillion", per: 3_600n },
  input_document_kpages: { bucket: "pages", unit: "perThousand" },
  input_annotated_document_kpages: { bucket: "annotated_pages", unit: "perThousand" },
  input_text_messages_kcount: { bucket: "messages", unit: "perThousand" },
  requests_kcount: { bucket: "requests", unit: "perThousand" },
  web_searches_kcount: { bucket: "web_searches", unit: "perThousand" },
  storage_searches_kcount: { bucket: "storage_searches", unit: "perThousand" },
};

/** L3: where the list has no price for a bucket, that of the first of these that it has. */
const countsAs: readonly (readonly [bucket: string, ...others: string[]])[] = [
  ["cache_read", "input_text"],
  ["cache_write_5m", "input_text"],
  ["cache_write_1h", "cache_write_5m", "input_text"],
  ["input_image", "input_text"],
  ["output_reasoning", "output_text"],
];

/** What a model costs at an instant, by bucket. `tell` takes what cannot be said in a rate card (L1). */
export function listedRates(
  model: ListedModel,
  atMs: number,
  tell: (problem: CatalogProblem) => void,
): ReadonlyMap<string, ListedRate> {
  const rates = new Map<string, ListedRate>();
  for (const [key, price] of Object.entries(pricesAt(model, atMs, tell))) {
    if (price === undefined) continue;
    const path = `/${model.id}/${key}`;
    const known = Object.hasOwn(units, key) ? units[key] : undefined;
    if (known === undefined) {
      tell({ path, message: "is a unit that this version of Cistern does not know" });
      continue;
    }
    const rate = rateOf(price, known);
    const before = rates.get(known.bucket);
    if (before !== undefined && !before.price.equals(rate.price))
      tell({ path, message: `is another price of ${known.bucket} than the one before it` });
    rates.set(known.bucket, rate);
  }
  for (const [bucket, ...others] of countsAs) {
    const other = others.find((one) => rates.has(one));
    const rate = other === undefined ? undefined : rates.get(other);
    if (rate !== undefined && !rates.has(bucket)) rates.set(bucket, rate);
  }
  return rates;
}

/** The names and patterns that a rule stands for; none where a pattern of ours cannot say it. */
export function namesOf(rule: NameRule): readonly string[] {
  if ("or" in rule) return rule.or.flatMap(namesOf);
  if ("equals" in rule) return [rule.equals];
  if ("starts_with" in rule) return [`${rule.starts_with}*`];
  if ("ends_with" in rule) return [`*${rule.ends_with}`];
  return "contains" in rule ? [`*${rule.contains}*`] : [];
}

/** The prices of the latest date that has come. */
function pricesAt(
  { id, prices }: ListedModel,
  atMs: number,
  tell: (problem: CatalogProblem) => void,
): KeyedPrices {
  if (!isDated(prices)) return prices;
  const strange = prices.find(
    ({ constraint }) => (constraint?.type ?? "start_date") !== "start_date",
  );
  if (strange !== undefined)
    tell({
      path: `/${id}`,
      message: `has prices by ${strange.constraint?.type}, which a rate card cannot say; leave it out with --models`,
    });
  const from = ({ constraint }: DatedPrices): number =>
    constraint?.start_date === undefined
      ? Number.NEGATIVE_INFINITY
      : parseInstant(`${constraint.start_date}T00:00:00Z`);
  return prices.findLast((one) => from(one) <= atMs)?.prices ?? {};
}

const isDated = (prices: ListedModel["prices"]): prices is readonly DatedPrices[] =>
  Array.isArray(prices);

function rateOf(
  price: number | TieredPrice,
  { unit, per = 1n }: { readonly unit: ListedRate["unit"]; readonly per?: bigint },
): ListedRate {
  const exact = (value: number): Fraction =>
    per === 1n ? shortest(value) : shortest(value).mul(1_000_000n).div(per);
  if (typeof price === "number") return { unit, price: exact(price), tiers: [] };
  const tiers = price.tiers
    .toSorted((a, b) => a.start - b.start)
    .map((tier) => ({ above: tier.start, price: exact(tier.price) }));
  return { unit, price: exact(price.base), tiers };
}

/** L2. */
function shortest(value: number): Fraction {
  const [digits = "", exponent = "0"] = String(value).split("e");
  return decimal(digits).mul(decimal("10").pow(Number(exponent)));
}
