/**
 * Owns by which price a hold settles: the one that it fixed at its opening, or, where the call went to another model, that model's on the
 * same version of the rate card. Settling never fails on rating: without such a row, or without that version, the hold's own price holds.
 */
import { type RateCards, rateCardOf } from "../decision.ts";
import type { Hold } from "../holds/hold.ts";
import { findPrice } from "./rate-card.ts";
import type { State } from "../state/state.ts";
import { negotiatedCard } from "./negotiated-card.ts";
import { type Price, negotiationOf } from "./tariff.ts";

/** The price of a settle. */
export interface SettledPrice {
  readonly model: string | null;
  readonly price: Price | null;
  /** The call went to another model, for which there is no price: the hold's own stands in. */
  readonly isSubstitute: boolean;
}

/** `model`: the one that answered, where the caller says it. */
export function settledPrice(
  state: State,
  hold: Hold,
  model: string | null | undefined,
  cards: RateCards,
): SettledPrice {
  const own = { model: hold.model, price: hold.price, isSubstitute: false };
  if (model == null || model === hold.model) return own;
  if (hold.price === null || hold.meter === null) return { ...own, model };
  const list = rateCardOf(cards, hold.price.card);
  const by = negotiationOf(hold.price);
  const card = list && (by === undefined ? list : negotiatedCard(list, ratesOf(state, by)));
  const { meter, attributes } = hold;
  const found = card === undefined ? undefined : findPrice(card, { meter, model, attributes });
  return found?.kind === "price"
    ? { model, price: found.price, isSubstitute: false }
    : { model, price: hold.price, isSubstitute: true };
}

/** What was negotiated when the hold was opened, as long as it is known; without it the list stands in. */
const ratesOf = ({ outcomes }: State, negotiation: string) =>
  outcomes.byTime.rows.find(({ rates }) => rates?.id === negotiation)?.rates;
