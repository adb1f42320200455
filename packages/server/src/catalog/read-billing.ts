/** Owns what a plan of a catalog says of usage that no lot pays: prices of credits, the spend cap, and the commitment. */
import { parseCredits } from "@cistern/contract";
import {
  type BilledLine,
  type Minimum,
  type Money,
  type Plan,
  type PlanOverage,
  type UnitPrice,
  credits,
  microCreditsPerCredit,
} from "@cistern/kernel";
import type { Meter, Tell } from "./catalog.ts";
import type { PlanForm } from "./plan-form.ts";
import { readUnitPrice } from "./read-outcome.ts";

/** Every meter that has no price of its own. */
export const anyMeter = "*";

/** What it is read with. */
export interface BillingSurroundings {
  readonly path: string;
  readonly tell: Tell;
  readonly meters: ReadonlyMap<string, Meter>;
  /** After the point, of the currency. */
  readonly digits: number;
  readonly money: (text: string, path: string) => Money;
}

/** What happens past the pool, and what is billed at least. */
export function readBilling(
  form: PlanForm,
  around: BillingSurroundings,
): Pick<Plan, "overage" | "minimum"> {
  const { path, tell, money } = around;
  const lines = linesOf(form, around);
  const { overage, spendCap } = form;
  if (overage !== undefined && overage.kind !== "bill" && form.usage !== undefined)
    tell({
      path: `${path}/overage`,
      restsOn: [`${path}/overage/kind`, `${path}/usage`],
      message: `is ${overage.kind}, and the plan has prices for usage, which is billed`,
    });
  const isBilled = lines.length > 0;
  const billed = [`${path}/overage`, `${path}/usage`];
  if (spendCap !== undefined && !isBilled)
    tell({
      path: `${path}/spendCap`,
      restsOn: billed,
      message: "bounds what is billed, and the plan bills nothing",
    });
  const hasOutcomes = Object.keys(form.outcomes ?? {}).length > 0;
  if (form.minimum !== undefined && !isBilled && !hasOutcomes)
    tell({
      path: `${path}/minimum`,
      restsOn: [...billed, `${path}/outcomes`],
      message: "is of usage and outcomes that are billed, and the plan bills neither",
    });
  const cap = spendCap === undefined ? null : money(spendCap, `${path}/spendCap`);
  return {
    overage: isBilled ? { kind: "bill", lines, spendCap: cap } : lent(overage),
    minimum: minimumOf(form, around),
  };
}

function lent(overage: PlanForm["overage"]): PlanOverage {
  return overage?.kind === "debt"
    ? { kind: "debt", limit: credits(parseCredits(overage.limit)) }
    : { kind: "deny" };
}

function linesOf(
  { usage, overage }: PlanForm,
  { path, tell, meters, digits }: BillingSurroundings,
): readonly BilledLine[] {
  const own = Object.entries(usage ?? {}).map(([meter, price]): BilledLine => {
    const at = `${path}/usage/${meter}`;
    if (meter !== anyMeter && !meters.has(meter))
      tell({
        path: at,
        restsOn: [`${path}/usage`, "/meters"],
        message: `is ${meter}, which is no meter of the catalog`,
      });
    return {
      kind: "usage",
      meter: meter === anyMeter ? null : meter,
      price: perCredit(readUnitPrice(price, { path: at, tell, digits })),
    };
  });
  if (overage?.kind !== "bill") return own;
  const at = `${path}/overage/price`;
  if (own.some(({ meter }) => meter === null))
    tell({
      path: at,
      restsOn: [`${path}/overage`, `${path}/usage`],
      message: "is of usage that the plan has a price for already (usage, *)",
    });
  const price = perCredit(readUnitPrice(overage.price, { path: at, tell, digits }));
  return [...own, { kind: "overage", meter: null, price }];
}

/** The kernel counts micro-credits. */
export function perCredit(price: UnitPrice): UnitPrice {
  const per = price.per * microCreditsPerCredit;
  if (price.kind === "per_unit" || price.kind === "package") return { ...price, per };
  const tiers = price.tiers.map(({ upTo, ...tier }) => ({
    ...tier,
    upTo: upTo === null ? null : upTo * microCreditsPerCredit,
  }));
  return { ...price, per, tiers };
}

function minimumOf(
  { minimum }: PlanForm,
  { path, tell, money }: BillingSurroundings,
): Minimum | null {
  if (minimum === undefined) return null;
  const rolloverPeriods = minimum.rollover === undefined ? 0 : (minimum.rollover.periods ?? 1);
  const at = `${path}/minimum/rollover`;
  if (rolloverPeriods > 0 && minimum.trueUp === "term")
    tell({
      path: at,
      restsOn: [at, `${path}/minimum/trueUp`],
      message: "is of what single periods lack, and the plan trues up by the term",
    });
  else if (rolloverPeriods >= minimum.amounts.length)
    tell({
      path: at,
      restsOn: [`${at}/periods`, `${path}/minimum/amounts`],
      message: `is of ${rolloverPeriods} later periods, and the term has ${minimum.amounts.length} in all`,
    });
  return {
    minimums: minimum.amounts.map((text, index) => money(text, `${path}/minimum/amounts/${index}`)),
    trueUp: minimum.trueUp ?? "period",
    ...(rolloverPeriods === 0 ? {} : { rolloverPeriods }),
    ...(minimum.onCancel === "waive" ? { onCancel: "waive" } : {}),
  };
}
