/**
 * Owns which rate cards have to have rows of which meters: usage that a plan opens, prices or includes, and that its own card cannot
 * price, would be refused where it is asked for, and charged by nothing where it has happened.
 */
import { type RateCard, fits } from "@cistern/kernel";
import type { Meter, Tell } from "./catalog.ts";
import type { CatalogForm } from "./form.ts";
import type { PlanForm } from "./plan-form.ts";
import { anyMeter } from "./read-billing.ts";
import { cardNameOf } from "./read-offer.ts";

/** What is known of a catalog. */
export interface Coverage {
  readonly meters: ReadonlyMap<string, Meter>;
  readonly rateCards: ReadonlyMap<string, RateCard>;
  readonly tell: Tell;
}

/** Tells of every meter that no card prices, and of those of a plan that its own card does not. */
export function checkCoverage(form: CatalogForm, { meters, rateCards, tell }: Coverage): void {
  const priced = new Map(
    [...rateCards].map(([name, { rows }]) => [name, new Set(rows.map(({ meter }) => meter))]),
  );
  const rowsOf = new Map(
    [...rateCards].map(([name, { rows }]) => [
      name,
      [`/rateCards/${name}/rows`, ...rows.map((_, at) => `/rateCards/${name}/rows/${at}/meter`)],
    ]),
  );
  for (const meter of meters.keys())
    if (![...priced.values()].some((card) => card.has(meter)))
      tell({
        path: `/meters/${meter}`,
        isOfNew: true,
        restsOn: ["/meters", ...[...rowsOf.values()].flat()],
        message: "has no row in any rate card, so that its usage could not be priced",
      });
  const cards = new Set(rateCards.keys());
  for (const [name, plan] of Object.entries(form.plans ?? {})) {
    const card = cardNameOf(plan, cards);
    const has = priced.get(card);
    if (has === undefined) continue;
    const path = `/plans/${name}`;
    for (const { meter, at, restsOn } of metersOf(plan, path, meters))
      if (meters.has(meter) && !has.has(meter))
        tell({
          path: at,
          isOfNew: true,
          restsOn: [...restsOn, "/meters", `${path}/rateCard/`, ...(rowsOf.get(card) ?? [])],
          message: `is of ${meter}, of which the plan's rate card ${card} has no row`,
        });
  }
}

/** Meters that a plan opens, prices and includes units of, and where it says so. */
function metersOf(
  { meters: opened = [], usage = {}, allowances = {} }: PlanForm,
  path: string,
  all: ReadonlyMap<string, Meter>,
): readonly { readonly meter: string; readonly at: string; readonly restsOn: readonly string[] }[] {
  const patterns = opened.flatMap((pattern, index) => {
    const at = `${path}/meters/${index}`;
    const fitting = [...all.keys()].filter((meter) => fits(pattern, meter));
    return fitting.map((meter) => ({ meter, at, restsOn: [at] }));
  });
  const named = [
    { names: Object.keys(usage).filter((meter) => meter !== anyMeter), field: `${path}/usage` },
    { names: Object.keys(allowances), field: `${path}/allowances` },
  ].flatMap(({ names, field }) =>
    names.map((meter) => ({ meter, at: `${field}/${meter}`, restsOn: [field] })),
  );
  return [...patterns, ...named];
}
