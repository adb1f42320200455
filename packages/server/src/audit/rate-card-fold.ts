/**
 * Owns the audit of `rate_card.changed`: it names the version that priced usage or was told of last, and what follows it at its instant is
 * priced by the one that it tells of. Journals that are older than the notice have none; so a change without one is no fault, and neither is
 * a version that charges the same as the one that was told of.
 */
import type { Event } from "@cistern/kernel";
import { expect } from "./fault.ts";

/** Which version priced usage, or was told of, last. Mutable. */
export class RateCardFold {
  #last: string | undefined;
  #told: { readonly card: string; readonly at: number } | undefined;
  #hasSubscribed = false;

  fold(event: Event): void {
    if (event.kind === "subscription.started") this.#hasSubscribed = true;
    const told = this.#told;
    this.#told = undefined;
    if (event.kind === "rate_card.changed") {
      const { card, previous, at } = event;
      // Before any call a subscription goes by the version of when it began.
      const follows = this.#last === undefined ? this.#hasSubscribed : previous === this.#last;
      const isTrue = follows && card !== previous && told?.at !== at;
      expect(isTrue, "RULES 19: a changed rate card follows the one before it", () => previous);
      this.#told = { card, at };
      this.#last = card;
      return;
    }
    const card = cardOf(event);
    expect(
      card === undefined || told === undefined || told.at !== event.at || told.card === card,
      "RULES 19: what follows a changed rate card is priced by it",
      () => `${event.kind} by ${card ?? "none"}, after ${told?.card}`,
    );
    this.#last = card ?? this.#last;
  }
}

/** The version in force that an event is priced by. Late usage that goes by an older one says nothing of the one of now. */
function cardOf(event: Event): string | undefined {
  if (event.kind === "hold.opened") return event.price?.card;
  const isOfNow = event.kind === "usage.debited" && event.isPricedThen !== true;
  return isOfNow ? event.price?.card : undefined;
}
