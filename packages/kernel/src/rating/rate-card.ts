/** Owns which row of a rate card prices a call: of those that match it the most specific (`match.ts`). */
import { type Multiplier, negotiatedPrice } from "./negotiated-price.ts";
import {
  type RateMatch,
  bySpecificity,
  isPattern,
  matchesAttributes,
  matchesModel,
} from "./match.ts";
import type { Price, Tariff } from "./tariff.ts";

/** A row: the calls that it is for, and what it charges. */
export interface RateRow extends RateMatch, Tariff {
  readonly id: string;
  readonly meter: string;
}

/** A version of all prices. No two of its rows clash (M2). */
export interface RateCard {
  readonly id: string;
  readonly rows: readonly RateRow[];
  /** What was negotiated over it with one customer. Left out: it is the list. */
  readonly negotiated?: CardNegotiation;
}

/** What was negotiated over a rate card. */
export interface NegotiatedRates {
  /** All prices of the card times this; minimums stay as they are. Left out: as listed. */
  readonly multiplier?: Multiplier;
  /** No two of them clash (M2). */
  readonly rows?: readonly RateRow[];
}

/** What a card is negotiated by. */
export interface CardNegotiation {
  /** Of the negotiation. */
  readonly id: string;
  readonly list: RateCard;
  readonly multiplier: NegotiatedRates["multiplier"];
  /** Of its rows; undefined where there are none. */
  readonly own: RateCard | undefined;
}

/** What is priced. */
export interface PricedCall {
  readonly meter: string;
  readonly model: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
}

/** What the card says of a call. */
export type PriceFound =
  | { readonly kind: "price"; readonly price: Price }
  | { readonly kind: "unknown_meter" }
  | { readonly kind: "unknown_model" };

/** Finds the one row that prices a call. */
export function findPrice(card: RateCard, call: PricedCall): PriceFound {
  const { negotiated } = card;
  if (negotiated === undefined) return listedPrice(card, call);
  const listed = listedPrice(negotiated.list, call);
  if (listed.kind === "unknown_meter") return listed;
  const own = negotiated.own === undefined ? undefined : listedPrice(negotiated.own, call);
  const price = negotiatedPrice(negotiated, priceIn(listed), priceIn(own));
  return price === undefined ? listed : { kind: "price", price };
}

const priceIn = (found: PriceFound | undefined): Price | undefined =>
  found?.kind === "price" ? found.price : undefined;

function listedPrice(card: RateCard, { meter, model, attributes }: PricedCall): PriceFound {
  const rows = rowsOf(card).get(meter);
  if (rows === undefined) return { kind: "unknown_meter" };
  const given = attributes ?? noAttributes;
  const found = rowsFor(rows, model).find(
    ({ match, isForAll }) => isForAll || matchesAttributes(match, given),
  );
  return found === undefined ? { kind: "unknown_model" } : { kind: "price", price: found.price };
}

/** Whether the card knows a meter at all. */
export const hasMeter = (card: RateCard, meter: string): boolean =>
  rowsOf(card.negotiated?.list ?? card).has(meter);

interface Priced {
  readonly match: RateMatch;
  /** Whatever the attributes of a call. */
  readonly isForAll: boolean;
  readonly price: Price;
}

/** Rows of one meter, the more specific first. Mutable: it remembers which are for a model. */
interface MeterRows {
  /** For one model alone: they are more specific than all others. */
  readonly byName: ReadonlyMap<string, readonly Priced[]>;
  readonly others: readonly Priced[];
  readonly byModel: Map<string | null, readonly Priced[]>;
}

/** Names come from callers, so no more of them are remembered. */
const modelsMax = 2_000;

/** Those that are for a model, by its name or a pattern: so that hundreds of patterns cost a call no more than one. */
function rowsFor({ byName, others, byModel }: MeterRows, model: string | null): readonly Priced[] {
  const before = byModel.get(model);
  if (before !== undefined) return before;
  const named = model === null ? [] : (byName.get(model) ?? []);
  const rows = [...named, ...others.filter(({ match }) => matchesModel(match, model))];
  if (byModel.size >= modelsMax) byModel.clear();
  byModel.set(model, rows);
  return rows;
}

const noAttributes = {};

/** By card, which never changes: so that thousands of rows for models by name cost a call no more than one. */
const known = new WeakMap<RateCard, ReadonlyMap<string, MeterRows>>();

function rowsOf(card: RateCard): ReadonlyMap<string, MeterRows> {
  const before = known.get(card);
  if (before !== undefined) return before;
  const byMeter = Map.groupBy(card.rows.toSorted(bySpecificity), (row) => row.meter);
  const rows = new Map([...byMeter].map(([meter, same]) => [meter, meterRows(card.id, same)]));
  known.set(card, rows);
  return rows;
}

function meterRows(card: string, rows: readonly RateRow[]): MeterRows {
  const byName = new Map<string, Priced[]>();
  const others: Priced[] = [];
  for (const row of rows) {
    const isForAll = Object.keys(row.attributes).length === 0;
    const priced = { match: row, isForAll, price: priceOf(card, row) };
    if (row.model === null || isPattern(row.model)) others.push(priced);
    else byName.set(row.model, [...(byName.get(row.model) ?? []), priced]);
  }
  return { byName, others, byModel: new Map() };
}

/** Only what is said: this is written with every hold. */
const priceOf = (
  card: string,
  { id, per, prices, rounding, minimum, context, outcomes, cost, isLevel }: RateRow,
): Price => ({
  card,
  row: id,
  per,
  prices,
  ...(rounding === undefined ? {} : { rounding }),
  ...(minimum === undefined ? {} : { minimum }),
  ...(context === undefined ? {} : { context }),
  ...(outcomes === undefined ? {} : { outcomes }),
  ...(cost === undefined ? {} : { cost }),
  ...(isLevel === true ? { isLevel } : {}),
});
