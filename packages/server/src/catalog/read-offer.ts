/** Owns what a plan says of the usage that it is for: by which prices it goes. */
import type { Plan } from "@cistern/kernel";
import { type CatalogProblem, standardRateCard } from "./catalog.ts";
import type { PlanForm } from "./plan-form.ts";

/** Where a plan stands. */
export interface OfferSurroundings {
  readonly path: string;
  readonly tell: (problem: CatalogProblem) => void;
  /** Names of the rate cards of the catalog. */
  readonly rateCards: ReadonlySet<string>;
}

/** What is the default is left out, so that plans which do not say it keep their versions. */
export function readOffer(form: PlanForm, around: OfferSurroundings): Pick<Plan, "rateCard"> {
  const rateCard = rateCardOf(form, around);
  return rateCard === undefined ? {} : { rateCard };
}

function rateCardOf(
  { rateCard: said }: PlanForm,
  { path, tell, rateCards }: OfferSurroundings,
): Plan["rateCard"] {
  if (said === undefined) return undefined;
  const { name: named, pin: isPinned = false } = typeof said === "string" ? { name: said } : said;
  const [only] = rateCards;
  const isDefault = named === undefined && !rateCards.has(standardRateCard);
  const name = (isDefault ? only : named) ?? standardRateCard;
  if (!rateCards.has(name))
    tell({
      path: `${path}/rateCard${typeof said === "string" ? "" : "/name"}`,
      message: `is ${name}, which is no rate card of this catalog; it has ${[...rateCards].join(", ")}`,
    });
  return !isPinned && name === standardRateCard ? undefined : { name, isPinned };
}
