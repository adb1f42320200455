/** Owns what changes from one catalog to another: credits as people see them, meters, rows of rate cards by what they are for, outcomes, plans and packs. */
import { printCredits } from "@cistern/contract";
import {
  type CostTariff,
  type Pack,
  type Prices,
  type RateCard,
  type RateRow,
  type UnitPrices,
  nanosPerMinorUnit,
  presetInForce,
} from "@cistern/kernel";
import type { Catalog } from "./catalog.ts";
import { minorDigits } from "./currency.ts";
import { decimalText, fraction } from "./fraction.ts";
import { msPerHour } from "./read-row.ts";

/** One thing that changes. */
export interface CatalogChange {
  readonly kind: "added" | "removed" | "changed";
  /** Such as `meter chat` or `standard chat/gpt-5*`. */
  readonly what: string;
  /** For readers: what is added or removed, or each value as `before -> after`. */
  readonly details: readonly string[];
}

/** All that changes, in the order of a catalog; nothing where both have the same content. */
export function diffCatalogs(before: Catalog | undefined, after: Catalog): CatalogChange[] {
  const cards = (one: Catalog | undefined) =>
    new Map([...(one?.rateCards ?? [])].flatMap(([name, card]) => rowsOf(name, card)));
  return [
    ...changes(saidAlone("credits", before), saidAlone("credits", after)),
    ...changes(metersOf(before), metersOf(after)),
    ...changes(cards(before), cards(after)),
    ...changes(saidOf("outcomes", before), saidOf("outcomes", after)),
    ...changes(saidOf("plans", before), saidOf("plans", after), unsaid),
    ...changes(packsOf(before), packsOf(after)),
    ...changes(saidOf("events", before), saidOf("events", after)),
    ...changes(saidAlone("traces", before), saidAlone("traces", after)),
    ...changes(saidAlone("books", before), saidAlone("books", after)),
  ];
}

/** What is written there, by its place: `seats.fee`. */
function saidOf(
  part: "outcomes" | "plans" | "events",
  catalog: Catalog | undefined,
): ReadonlyMap<string, Values> {
  const content: unknown = catalog === undefined ? {} : JSON.parse(catalog.content);
  const kind = part.slice(0, -1);
  return new Map(
    membersOf(membersOf(content).get(part))
      .entries()
      .map(([name, value]) => [`${kind} ${name}`, new Map(leavesOf(value, ""))]),
  );
}

/** What holds of a plan that does not say it: to say so too changes nothing. */
const unsaid: Values = new Map([["fairness", presetInForce(undefined, {})]]);

/** Of settings that are one thing; where nothing is said there is none. */
function saidAlone(
  part: "credits" | "traces" | "books",
  catalog: Catalog | undefined,
): ReadonlyMap<string, Values> {
  const content: unknown = catalog === undefined ? {} : JSON.parse(catalog.content);
  const said = leavesOf(membersOf(content).get(part) ?? {}, "");
  return new Map(said.length === 0 ? [] : [[part, new Map(said)]]);
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));

function leavesOf(value: unknown, path: string): (readonly [string, string])[] {
  if (Array.isArray(value) && value.every((one) => typeof one === "string"))
    return [[path, value.join(", ")]];
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, one]) =>
    leavesOf(one, path === "" ? name : `${path}.${name}`),
  );
}

/** Values by name, of one thing. */
type Values = ReadonlyMap<string, string>;

const metersOf = (catalog: Catalog | undefined): ReadonlyMap<string, Values> =>
  new Map(
    [...(catalog?.meters ?? [])].map(([meter, { kind, buckets, outcomes }]) => [
      `meter ${meter}`,
      new Map([
        ...(kind === undefined ? [] : [["kind", kind] as const]),
        ["buckets", buckets.toSorted().join(", ")],
        ...Object.entries(outcomes ?? {}),
      ]),
    ]),
  );

const packsOf = (catalog: Catalog | undefined): ReadonlyMap<string, Values> =>
  new Map([...(catalog?.packs ?? [])].map(([name, pack]) => [`pack ${name}`, termsOf(pack)]));

/** As a catalog says it. */
function termsOf({
  currency,
  price,
  credits,
  bonus,
  expiresAfter,
  priority,
  breakage,
  escheats,
}: Pack): Values {
  const scale = 10n ** BigInt(minorDigits(currency) ?? 0);
  return new Map([
    ["price", `${decimalText(fraction(price, scale))} ${currency}`],
    ["credits", printCredits(credits)],
    ...(bonus === 0n ? [] : [["bonus", printCredits(bonus)] as const]),
    ...(expiresAfter === null
      ? []
      : [["expires after", `${expiresAfter.count} ${expiresAfter.unit}(s)`] as const]),
    ["priority", `${priority}`],
    ...(breakage === null ? [] : [["breakage", `${breakage / 100} %`] as const]),
    ...(escheats === true ? [["escheat", "true"] as const] : []),
  ]);
}

const rowsOf = (name: string, { rows }: RateCard): [string, Values][] =>
  rows.map((row) => [`${name} ${row.id}`, valuesOf(row)]);

function valuesOf({ minimum, rounding, cost, isLevel, ...prices }: RateRow): Values {
  const [by, suffix] = isLevel === true ? [msPerHour, " hours"] : [1n, ""];
  const hourly = <Tariff extends UnitPrices>(one: Tariff): Tariff => ({
    ...one,
    per: one.per / by,
  });
  return new Map([
    ...allPricesOf(hourly(prices), suffix),
    ...(cost === undefined ? [] : costsOf(hourly(cost), suffix)),
    ...(minimum === undefined ? [] : [["minimum", printCredits(minimum)] as const]),
    ...(rounding === undefined ? [] : [["rounding", rounding] as const]),
  ]);
}

/** In the currency itself, as a catalog says it. */
function costsOf(
  { currency, per, ...cost }: CostTariff,
  suffix: string,
): (readonly [string, string])[] {
  const scale = (nanosPerMinorUnit / 1_000_000n) * 10n ** BigInt(minorDigits(currency) ?? 0);
  return allPricesOf({ ...cost, per: per * scale }, `${suffix}, as it costs you in ${currency}`);
}

function allPricesOf(
  { per, prices, context }: UnitPrices,
  suffix: string,
): (readonly [string, string])[] {
  const tiers = (context?.tiers ?? []).flatMap((tier) =>
    pricesOf(per, tier.prices, ` above ${tier.above} of ${context?.buckets.join(" + ")}${suffix}`),
  );
  return [...pricesOf(per, prices, suffix), ...tiers];
}

const pricesOf = (per: bigint, prices: Prices, suffix: string): (readonly [string, string])[] =>
  Object.entries(prices).map(([bucket, price]) => [`${bucket}${suffix}`, priceText(price, per)]);

/** Of one unit or of a million, by the price alone: equal prices are told alike, however they were written. */
const priceText = (price: bigint, per: bigint): string =>
  price * eachFrom >= per * 1_000_000n
    ? `${decimalText(fraction(price, per * 1_000_000n))} each`
    : `${decimalText(fraction(price, per))} a million`;

/** From a hundredth on for one, as images and requests cost; tokens cost far less. */
const eachFrom = 100n;

function changes(
  before: ReadonlyMap<string, Values>,
  after: ReadonlyMap<string, Values>,
  unsaidValues: Values = new Map(),
): CatalogChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what): CatalogChange[] => {
    const [old, now] = [before.get(what), after.get(what)];
    if (now === undefined) return [{ kind: "removed", what, details: told(old) }];
    if (old === undefined) return [{ kind: "added", what, details: told(now) }];
    const names = [...new Set([...old.keys(), ...now.keys()])];
    const value = (values: Values, name: string) => values.get(name) ?? unsaidValues.get(name);
    const details = names
      .filter((name) => value(old, name) !== value(now, name))
      .map((name) => `${name}: ${value(old, name) ?? "none"} -> ${value(now, name) ?? "none"}`);
    return details.length === 0 ? [] : [{ kind: "changed", what, details }];
  });
}

const told = (values: Values | undefined): string[] =>
  [...(values ?? [])].map(([name, value]) => `${name}: ${value}`);
