/** Owns how an amount asked or reported becomes credits: the rungs `unknown_meter` and `unknown_model`. */
import type { Credits } from "../amount.ts";
import type { Amount } from "../commands/command.ts";
import type { Hold } from "../holds/hold.ts";
import type { Rejection } from "../rejections.ts";
import { type RateCard, findPrice, hasMeter } from "./rate-card.ts";
import { type Price, bucketsOf, rate, ratePart } from "./tariff.ts";

/** Credits, and the price that made them when there was one. */
export type Rated =
  | { readonly kind: "rated"; readonly credits: Credits; readonly price: Price | null }
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** Rates what is asked for: credits as they are, usage by the card. */
export function rated(
  card: RateCard,
  call: {
    readonly meter: string | null;
    readonly model: string | null;
    readonly attributes: Readonly<Record<string, string>> | null;
    readonly amount: Amount;
  },
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
  const credits = rate(found.price, amount.usage);
  if (credits === undefined)
    return refused({
      code: "invalid_request",
      field: "usage",
      reason: `The price of ${meter} has buckets ${bucketsOf(found.price).join(", ")}, and the usage has others or too much.`,
    });
  return { kind: "rated", credits, price: found.price };
}

/** Credits of a settlement by the price that its hold fixed; null when it cannot be rated (RULES 19). */
export function settledCredits({ price, usage }: Hold, amount: Amount): Credits | null {
  if (amount.kind === "credits") return amount.credits;
  if (price === null) return null;
  return ratePart(price, usage, amount.usage) ?? null;
}

const refused = (rejection: Rejection): Rated => ({ kind: "refused", rejection });
