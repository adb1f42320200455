/**
 * Owns the notice that usage is priced by another version of the rate card than before (RULES 19, docs/decisions/0032): of each version one,
 * ahead of the first call that it prices, and to a subscription when it takes effect, whether or not there is a call.
 */
import { type RateCards, rateCardOf } from "../decision.ts";
import type { RateCardChanged } from "./events.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { listInForce } from "./card-in-force.ts";
import { chargeSame } from "./same-charges.ts";
import type { Price } from "./tariff.ts";

/**
 * Ahead of the first hold or debit that another version prices. A workspace without a subscription that is idle while prices change learns
 * of it when it calls, and of the last change alone; its very first price is no change, and neither is one of what calls cost the vendor.
 */
export function cardChanged(
  { current }: State,
  price: Price | null,
  at: Instant,
  cards: RateCards,
): readonly RateCardChanged[] {
  const previous = current.row?.rateCard ?? null;
  if (price === null || previous === null) return none;
  const notice = noticeOf({ previous, card: price.card }, at, cards);
  return notice === undefined ? none : [notice];
}

/**
 * Told to a workspace with a subscription as soon as calls of its plan go by another version than the last one that was told or priced a call:
 * before anything, it was told of the one that was in force when it began. Ask once all that is due up to `at` has happened.
 */
export function cardMovedOn(
  { current, subscriptions }: State,
  at: Instant,
  cards: RateCards,
): RateCardChanged | undefined {
  const { row: live } = subscriptions.live;
  if (live === undefined) return undefined;
  const { id: card } = listInForce(live.plan, cards);
  const previous =
    current.row?.rateCard ?? listInForce(live.plan, cardsAt(cards, live.startedAt)).id;
  return noticeOf({ previous, card }, at, cards);
}

function noticeOf(
  { previous, card }: { readonly previous: string; readonly card: string },
  at: Instant,
  cards: RateCards,
): RateCardChanged | undefined {
  if (previous === card) return undefined;
  const [before, after] = [rateCardOf(cards, previous), rateCardOf(cards, card)];
  if (before !== undefined && after !== undefined && chargeSame(before, after)) return undefined;
  return { kind: "rate_card.changed", at, card, previous };
}

/** Those in force at an instant of the past. */
function cardsAt(cards: RateCards, at: Instant): RateCards {
  const { rateCardThen } = cards;
  if (rateCardThen === undefined) return cards;
  return {
    rateCard: rateCardThen(null, at) ?? cards.rateCard,
    rateCardNamed: (name) => rateCardThen(name, at),
    rateCardOf: (id) => rateCardOf(cards, id),
  };
}

const none: readonly RateCardChanged[] = [];
