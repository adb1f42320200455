/** Owns what prices that were negotiated with one customer mean: exact, and checked as a catalog's are. What its plan has is for the kernel. */
import type { NegotiatedPrices, UnitPrice as SaidPrice } from "@cistern/contract";
import type { BilledLine, NegotiatedRates, Negotiation, UnitPrice } from "@cistern/kernel";
import { clashes } from "@cistern/kernel";
import type { CatalogProblem, Meter } from "./catalog.ts";
import { minorDigits } from "./currency.ts";
import { decimal } from "./fraction.ts";
import { anyMeter, perCredit } from "./read-billing.ts";
import { readUnitPrice } from "./read-outcome.ts";
import { readMultiplier, readRow } from "./read-row.ts";

/** What it is read with. */
export interface NegotiationSurroundings {
  /** As a JSON pointer. */
  readonly path: string;
  readonly tell: (problem: CatalogProblem) => void;
  /** Of the catalog in force. */
  readonly meters: ReadonlyMap<string, Meter>;
  /** ISO 4217, of its prices by quantity. */
  readonly currency: string;
}

/** Prices of usage and outcomes; fees and times are for whoever reads the request. */
export function readNegotiation(
  said: NegotiatedPrices,
  around: NegotiationSurroundings,
): Pick<Negotiation, "usage" | "outcomes" | "rates"> {
  const { path, tell, currency } = around;
  const digits = minorDigits(currency) ?? 2;
  const priceOf = (price: SaidPrice, at: string): UnitPrice =>
    readUnitPrice(formOf(price), { path: `${path}/${at}`, tell, digits });
  const usage: BilledLine[] = Object.entries(said.usage ?? {}).map(([meter, price]) => ({
    kind: "usage",
    meter: meter === anyMeter ? null : meter,
    price: perCredit(priceOf(price, `usage/${meter}`)),
  }));
  if (said.overage !== undefined)
    usage.push({
      kind: "overage",
      meter: null,
      price: perCredit(priceOf(said.overage, "overage")),
    });
  const outcomes = Object.entries(said.outcomes ?? {}).map(([type, price]) => ({
    type,
    price: priceOf(price, `outcomes/${type}`),
  }));
  return {
    ...(usage.length === 0 ? {} : { usage }),
    ...(outcomes.length === 0 ? {} : { outcomes }),
    ...(said.rates === undefined ? {} : { rates: ratesOf(said.rates, around) }),
  };
}

/** The catalog's form has lists that may be changed; what is said is only read. */
function formOf(price: SaidPrice): Parameters<typeof readUnitPrice>[0] {
  if (typeof price === "string" || price.kind === "package") return price;
  return { ...price, tiers: price.tiers.map((tier) => ({ ...tier })) };
}

function ratesOf(
  { multiplier, rows = [] }: NonNullable<NegotiatedPrices["rates"]>,
  { path, tell, meters }: NegotiationSurroundings,
): NegotiatedRates {
  const one = decimal("1");
  const times = readMultiplier(multiplier, { path: `${path}/rates`, tell });
  const read = rows.map((row, index) =>
    readRow(copyOf(row), {
      path: `${path}/rates/rows/${index}`,
      meters,
      multiplier: one,
      tell,
    }),
  );
  for (const same of Map.groupBy(read, ({ meter }) => meter).values())
    for (const { row, before } of clashes(same))
      tell({
        path: `${path}/rates/rows/${read.indexOf(row)}`,
        message: `prices calls that row ${read.indexOf(before)} prices too, and neither is more specific`,
      });
  return {
    ...(times.equals(one) ? {} : { multiplier: { numerator: times.n, denominator: times.d } }),
    ...(read.length === 0 ? {} : { rows: read }),
  };
}

function copyOf(
  row: NonNullable<NonNullable<NegotiatedPrices["rates"]>["rows"]>[number],
): Parameters<typeof readRow>[0] {
  return { ...row };
}
