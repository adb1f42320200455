/**
 * Owns by which price a hold settles: the one that it fixed at its opening, or, where the call went to another model, that of the row for
 * it on the same version of the rate card, a fallback row included. Settling never fails on rating: without such a row, or without that
 * version, there is no price, and what the hold has left is charged (RULES 19).
 */
import { type RateCards, rateCardOf } from "../decision.ts";
import type { Hold } from "../holds/hold.ts";
import { findPrice } from "./rate-card.ts";
import type { State } from "../state/state.ts";
import { negotiatedCard } from "./negotiated-card.ts";
import type { OutcomeRules } from "./outcome.ts";
import { type Price, negotiationOf, outcomesOf } from "./tariff.ts";

/** The price of a settle. */
export interface SettledPrice {
  readonly model: string | null;
  /** null: there is none. */
  readonly price: Price | null;
  /** The meter's rules of how a call ended: they hold whichever model answered. */
  readonly rules: OutcomeRules | undefined;
}

/** `model`: the one that answered, where the caller says it. */
export function settledPrice(
  state: State,
  hold: Hold,
  model: string | null | undefined,
  cards: RateCards,
): SettledPrice {
  const rules = hold.price === null ? undefined : outcomesOf(hold.price);
  if (model == null || model === hold.model) return { model: hold.model, price: hold.price, rules };
  return { model, price: priceOfAnother(state, hold, model, cards), rules };
}

function priceOfAnother(state: State, hold: Hold, model: string, cards: RateCards): Price | null {
  const { price, meter, attributes } = hold;
  if (price === null || meter === null) return null;
  const list = rateCardOf(cards, price.card);
  if (list === undefined) return null;
  const by = negotiationOf(price);
  const card = by === undefined ? list : negotiatedCard(list, ratesOf(state, by));
  const found = findPrice(card, { meter, model, attributes });
  return found.kind === "price" ? found.price : null;
}

/** What was negotiated when the hold was opened, as long as it is known; without it the list stands in. */
const ratesOf = ({ outcomes }: State, negotiation: string) =>
  outcomes.byTime.rows.find(({ rates }) => rates?.id === negotiation)?.rates;
