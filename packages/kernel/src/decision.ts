import type { Event } from "./events.ts";
import type { Calendar, Instant } from "./instant.ts";
import type { RateCard } from "./rating/rate-card.ts";
import type { Rejection } from "./rejections.ts";

/** Prices, as they are handed in. */
export interface RateCards {
  /** The one in force for workspaces whose plan names none. */
  readonly rateCard: RateCard;
  /** The one of a name that is in force. Left out: there is none but `rateCard`. */
  readonly rateCardNamed?: (name: string) => RateCard | undefined;
  /** The one that was in force at an instant: of a name, or (null) for plans that name none. Left out: those in force now were then too. */
  readonly rateCardThen?: (name: string | null, at: Instant) => RateCard | undefined;
  /** Any version that was ever in force, by its id. Left out: there is none but the one in force. */
  readonly rateCardOf?: (id: string) => RateCard | undefined;
}

/** What a decision needs besides the state: zones and prices, both handed in. */
export interface Surroundings extends RateCards {
  readonly calendar: Calendar;
}

/** A version of the prices. */
export const rateCardOf = (cards: RateCards, id: string): RateCard | undefined =>
  cards.rateCard.id === id ? cards.rateCard : cards.rateCardOf?.(id);

/** One fact, with notices that stand before it or follow from it and change nothing; or the reason why there is none. */
export type Decision =
  | {
      readonly kind: "accepted";
      /** To be told before the event. */
      readonly ahead: readonly Event[];
      readonly event: Event;
      readonly notices: readonly Event[];
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** An accepted command. */
export const accept = (
  event: Event,
  notices: readonly Event[] = none,
  ahead: readonly Event[] = none,
): Decision => ({ kind: "accepted", ahead, event, notices });

const none: readonly Event[] = [];

/** A refused command. */
export const reject = (rejection: Rejection): Decision => ({ kind: "rejected", rejection });
