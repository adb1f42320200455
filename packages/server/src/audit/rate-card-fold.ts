/**
 * Owns the audit of `rate_card.changed`: it names the version that priced usage last, and the usage after it is priced by the one that it
 * announces. Journals that are older than the notice have none; so a change without one is no fault.
 */
import type { Event } from "@cistern/kernel";
import { expect } from "./fault.ts";

/** Which version priced usage last. Mutable. */
export class RateCardFold {
  #last: string | undefined;
  #announced: string | undefined;

  fold(event: Event): void {
    const announced = this.#announced;
    this.#announced = undefined;
    if (event.kind === "rate_card.changed") {
      const { card, previous } = event;
      const isTrue = previous === this.#last && card !== previous && announced === undefined;
      expect(isTrue, "RULES 19: a changed rate card follows the one before it", () => previous);
      this.#announced = card;
      return;
    }
    const card = cardOf(event);
    expect(
      announced === undefined || announced === card,
      "RULES 19: what follows a changed rate card is priced by it",
      () => `${event.kind} by ${card ?? "none"}, after ${announced}`,
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
