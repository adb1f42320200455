/** Owns how an amount asked or reported becomes credits: the rungs `unknown_meter` and `unknown_model`. */
import type { FreeOfHold } from "../allowances/settle.ts";
import type { FreeUnits } from "../allowances/terms.ts";
import { type Credits, beyond, noCredits } from "../amount.ts";
import type { Amount, Level, SettledUsage } from "./reported.ts";
import type { Hold } from "../holds/hold.ts";
import type { Rejection } from "../rejections.ts";
import { type PricedCall, type RateCard, findPrice, hasMeter } from "./rate-card.ts";
import { chargeRule } from "./outcome.ts";
import type { SettledPrice } from "./settled-price.ts";
import { type Price, bucketsOf, isLevelPrice, rate, ratePart } from "./tariff.ts";

/** Credits, and the price that made them when there was one. */
export type Rated =
  | { readonly kind: "rated"; readonly credits: Credits; readonly price: Price | null }
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** Rates what is asked for: credits as they are, usage by the card without what an allowance takes; a level for so many milliseconds. */
export function rated(
  card: RateCard,
  call: Omit<PricedCall, "meter"> & {
    readonly meter: string | null;
    readonly amount: Amount | Level;
  },
  { levelMs = 0, free }: { readonly levelMs?: number; readonly free?: FreeUnits | undefined } = {},
): Rated {
  const { meter, model, attributes, amount } = call;
  if (meter !== null && !hasMeter(card, meter)) return refused({ code: "unknown_meter", meter });
  if (amount.kind === "credits") return { kind: "rated", credits: amount.credits, price: null };
  if (meter === null)
    return refused({
      code: "invalid_request",
      field: "meter",
      reason: "Usage is rated by its meter: name one.",
    });
  const found = findPrice(card, { meter, model, attributes });
  if (found.kind === "unknown_meter") return refused({ code: "unknown_meter", meter });
  if (found.kind === "unknown_model") return refused({ code: "unknown_model", meter, model });
  const isLevel = amount.kind === "level";
  if (isLevelPrice(found.price) !== isLevel)
    return refused({ code: "invalid_request", field: "from", reason: kindOfMeter(meter, isLevel) });
  const credits = rate(found.price, amount.usage, isLevel ? levelMs : undefined, free);
  if (credits === undefined) {
    const buckets = bucketsOf(found.price);
    return refused({
      code: "invalid_request",
      field: "usage",
      reason: `The price of ${meter} has buckets ${buckets.join(", ")}, and the usage has others or too much.`,
      buckets,
    });
  }
  return { kind: "rated", credits, price: found.price };
}

const kindOfMeter = (meter: string, isLevel: boolean): string =>
  isLevel
    ? `${meter} counts what is used, which takes no time: leave from and to out.`
    : `${meter} measures a level over time: report it by a debit that says from when to when it was so.`;

/** What a settlement costs by its price, and whether its usage has no price, so that the rest of the hold is charged (RULES 19). */
export function settledCost(
  hold: Hold,
  { price, rules }: Pick<SettledPrice, "price" | "rules">,
  { amount, outcome }: SettledUsage,
  free?: FreeOfHold,
): { readonly credits: Credits; readonly isUnrated: boolean } {
  const known = (credits: Credits) => ({ credits, isUnrated: false });
  if (amount.kind === "credits") return known(amount.credits);
  const { usage } = hold;
  const rest = beyond(hold.authorized, hold.charged);
  const rule = chargeRule(rules, outcome, amount.kind === "usage");
  if (rule === "nothing") return known(noCredits);
  if (rule === "estimate" || amount.kind === "unmeasured") return known(rest);
  const credits = price === null ? undefined : ratePart(price, usage, amount.usage, free);
  return credits === undefined ? { credits: rest, isUnrated: true } : known(credits);
}

const refused = (rejection: Rejection): Rated => ({ kind: "refused", rejection });
