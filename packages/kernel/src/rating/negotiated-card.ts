/**
 * Owns prices of usage that were negotiated with one customer over a rate card, whichever version of it is in force.
 *
 * N1 a negotiated row wins over all rows of the card; all other prices are those of the card, times the multiplier. N2 no meter comes with a
 * negotiation: what the card does not know stays unknown. N3 a price says that it is negotiated, and by which terms; what a call costs the
 * vendor stays what the card says.
 */
import type { NegotiatedRates, RateCard } from "./rate-card.ts";

/** By terms, then by card: so that a call costs no more than one by the list. */
const known = new WeakMap<NegotiatedRates, WeakMap<RateCard, RateCard>>();

/** The card as this customer has it. */
export function negotiatedCard(
  list: RateCard,
  terms: { readonly id: string; readonly rates?: NegotiatedRates } | undefined,
): RateCard {
  const rates = terms?.rates;
  if (terms === undefined || rates === undefined) return list;
  const cards = known.get(rates) ?? new WeakMap<RateCard, RateCard>();
  known.set(rates, cards);
  const before = cards.get(list);
  if (before !== undefined) return before;
  const { rows = [], multiplier } = rates;
  const own = rows.length === 0 ? undefined : { id: list.id, rows };
  const card = { ...list, negotiated: { id: terms.id, list, multiplier, own } };
  cards.set(list, card);
  return card;
}
