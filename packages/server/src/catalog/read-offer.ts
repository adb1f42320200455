/** Owns what a plan says of the usage that it is for: what it opens, and by which prices that goes. */
import { type Plan, type PlanEntitlements, fits } from "@cistern/kernel";
import { type Meter, type Tell, standardRateCard } from "./catalog.ts";
import type { PlanForm } from "./plan-form.ts";

/** Where a plan stands. */
export interface OfferSurroundings {
  readonly path: string;
  readonly tell: Tell;
  readonly meters: ReadonlyMap<string, Meter>;
  /** Names of the rate cards of the catalog. */
  readonly rateCards: ReadonlySet<string>;
}

/** What is the default is left out, so that plans which do not say it keep their versions. */
export function readOffer(
  form: PlanForm,
  around: OfferSurroundings,
): Pick<Plan, "rateCard" | "entitles"> {
  const rateCard = rateCardOf(form, around);
  const entitles = entitlementsOf(form, around);
  return {
    ...(rateCard === undefined ? {} : { rateCard }),
    ...(entitles === undefined ? {} : { entitles }),
  };
}

function entitlementsOf(
  { features = [], meters, models }: PlanForm,
  { path, tell, meters: known }: OfferSurroundings,
): PlanEntitlements | undefined {
  for (const [index, pattern] of (meters ?? []).entries())
    if (![...known.keys()].some((meter) => fits(pattern, meter)))
      tell({
        path: `${path}/meters/${index}`,
        restsOn: [`${path}/meters/${index}`, "/meters"],
        message: `is ${pattern}, which is no meter of this catalog; it has ${[...known.keys()].join(", ")}`,
      });
  if (features.length === 0 && meters === undefined && models === undefined) return undefined;
  return { features, meters: meters ?? null, models: models ?? null };
}

/** The rate card that a plan goes by. */
export const cardNameOf = (
  { rateCard }: Pick<PlanForm, "rateCard">,
  rateCards: ReadonlySet<string>,
): string => nameAmong(typeof rateCard === "string" ? rateCard : rateCard?.name, rateCards);

function nameAmong(named: string | undefined, rateCards: ReadonlySet<string>): string {
  const [only] = rateCards;
  const isDefault = named === undefined && !rateCards.has(standardRateCard);
  return (isDefault ? only : named) ?? standardRateCard;
}

function rateCardOf(
  { rateCard: said }: PlanForm,
  { path, tell, rateCards }: OfferSurroundings,
): Plan["rateCard"] {
  if (said === undefined) return undefined;
  const { name: named, pin: isPinned = false } = typeof said === "string" ? { name: said } : said;
  const name = nameAmong(named, rateCards);
  const at = `${path}/rateCard${typeof said === "string" ? "" : "/name"}`;
  if (!rateCards.has(name))
    tell({
      path: at,
      restsOn: [at, "/rateCards"],
      message: `is ${name}, which is no rate card of this catalog; it has ${[...rateCards].join(", ")}`,
    });
  return !isPinned && name === standardRateCard ? undefined : { name, isPinned };
}
