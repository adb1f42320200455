/** Owns the notice that usage is priced by another version of the rate card than before (RULES 19). */
import { type RateCards, rateCardOf } from "../decision.ts";
import type { RateCardChanged } from "./events.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { chargeSame } from "./same-charges.ts";
import type { Price } from "./tariff.ts";

/**
 * Ahead of the first hold or debit that another version prices. A workspace that is idle while prices change learns of it when it wakes,
 * and of the last change alone; its very first price is no change, and neither is one of what calls cost the vendor.
 */
export function cardChanged(
  { current }: State,
  price: Price | null,
  at: Instant,
  cards: RateCards,
): readonly RateCardChanged[] {
  const previous = current.row?.rateCard ?? null;
  if (price === null || previous === null || previous === price.card) return none;
  const [before, after] = [rateCardOf(cards, previous), rateCardOf(cards, price.card)];
  if (before !== undefined && after !== undefined && chargeSame(before, after)) return none;
  return [{ kind: "rate_card.changed", at, card: price.card, previous }];
}

const none: readonly RateCardChanged[] = [];
