/** Owns how the costs in a catalog are compared with a list of vendors' prices. */
import {
  type CostTariff,
  type RateRow,
  isPattern,
  matches,
  nanosPerMinorUnit,
} from "@cistern/kernel";
import type { Catalog } from "./catalog.ts";
import { minorDigits } from "./currency.ts";
import type { RateRowSource } from "./define-catalog.ts";
import { decimal, decimalText, fraction } from "./fraction.ts";
import type { ListedModel } from "./listed-prices.ts";
import { readCatalog } from "./read-catalog.ts";
import { type SeedOptions, listCurrency, listedRows } from "./seed-rows.ts";

/** What a comparison came to; each line is for readers. */
export interface CostCheck {
  /** Rows that were compared. */
  readonly compared: number;
  readonly differences: readonly string[];
  /** Rows that say a cost which the list does not know, and why. */
  readonly unlisted: readonly string[];
}

/**
 * Compares every row that says a cost with the list's model of that name: the buckets that the row has, at every length of context.
 *
 * @throws CatalogFault where the list has what a rate card cannot say.
 */
export function checkCosts(
  catalog: Catalog,
  list: readonly ListedModel[],
  options: Pick<SeedOptions, "provider" | "models" | "atMs">,
): CostCheck {
  const listed = listedCosts(list, options);
  let compared = 0;
  const differences: string[] = [];
  const unlisted: string[] = [];
  for (const [name, { rows }] of catalog.rateCards)
    for (const row of rows) {
      if (row.cost === undefined) continue;
      const what = `${name} ${row.id}`;
      const other = costOf(row, listed);
      if (row.cost.currency !== listCurrency)
        unlisted.push(`${what} costs ${row.cost.currency}; the list is in ${listCurrency}`);
      else if (other === undefined || row.isLevel === true)
        unlisted.push(`${what} is no model of the list`);
      else {
        compared += 1;
        differences.push(...differencesOf(row.cost, other).map((line) => `${what} ${line}`));
      }
    }
  return { compared, differences, unlisted };
}

function listedCosts(
  list: readonly ListedModel[],
  options: Pick<SeedOptions, "provider" | "models" | "atMs">,
): ReadonlyMap<string, CostTariff> {
  const seeded = listedRows(list, { ...options, meter: "listed", creditsPerDollar: decimal("1") });
  return new Map(
    seeded.rows.flatMap((row) => {
      const cost = costOfSource(row);
      return row.model === undefined || cost === undefined ? [] : [[row.model, cost] as const];
    }),
  );
}

/** As a catalog with this row alone reads it: rows of the list may clash, and their charges are of no account here. */
function costOfSource({ meter, cost }: RateRowSource): CostTariff | undefined {
  const buckets = [cost?.perMillion, cost?.perThousand].flatMap((prices) =>
    Object.keys(prices ?? {}),
  );
  const row = { meter, perMillion: Object.fromEntries(buckets.map((one) => [one, "0"])), cost };
  const rateCards = { listed: { rows: [row] } };
  const catalog = readCatalog({ meters: { [meter]: { buckets } }, rateCards }, "The price list");
  return catalog.rateCards.get("listed")?.rows[0]?.cost;
}

/** By the row's own text, else by the first pattern of the list that its model fits. */
function costOf(
  { model }: RateRow,
  listed: ReadonlyMap<string, CostTariff>,
): CostTariff | undefined {
  if (model === null) return undefined;
  const own = listed.get(model);
  if (own !== undefined || isPattern(model)) return own;
  const attributes = {};
  return [...listed].find(([name]) =>
    matches({ model: name, attributes }, { model, attributes }),
  )?.[1];
}

function differencesOf(cost: CostTariff, list: CostTariff): readonly string[] {
  const starts = [cost, list].flatMap((one) => one.context?.tiers.map(({ above }) => above) ?? []);
  return Object.keys(cost.prices).flatMap((bucket) => {
    let before = "";
    return [-1, ...new Set(starts.toSorted((a, b) => a - b))].flatMap((above) => {
      const [ours, theirs] = [priceOf(cost, bucket, above), priceOf(list, bucket, above)];
      const place = above < 0 ? bucket : `${bucket} above ${above}`;
      const said = `the catalog says ${ours}, the list ${theirs}`;
      // What differs already is told once.
      const line =
        ours === theirs || said === before ? [] : [`${place}: ${said} ${list.currency} a million`];
      before = said;
      return line;
    });
  });
}

/** Of a million units, in the currency itself. */
function priceOf(
  { currency, per, prices, context }: CostTariff,
  bucket: string,
  above: number,
): string {
  const tier = context?.tiers.findLast((one) => one.above <= above)?.prices ?? prices;
  const nanos = Object.hasOwn(tier, bucket) ? tier[bucket] : undefined;
  // A row says 0 of a bucket that the list does not price.
  if (nanos === undefined) return "0";
  const digits = BigInt(minorDigits(currency) ?? 0);
  const scale = fraction(1_000_000n, nanosPerMinorUnit * 10n ** digits);
  return decimalText(fraction(nanos, per).mul(scale));
}
