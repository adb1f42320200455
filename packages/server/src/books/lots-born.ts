import type { Event, Lot } from "@cistern/kernel";

/** The lots that an event makes: sold, granted with a period, rolled on, or made for credits whose own lot is over. */
export function lotsBornIn(event: Event): readonly Lot[] {
  const born: Lot[] = [];
  for (const lot of [
    "lot" in event ? event.lot : null,
    "bonus" in event ? event.bonus : null,
    ...("lots" in event ? event.lots : []),
    ...("made" in event ? (event.made ?? []) : []),
  ])
    if (typeof lot === "object" && lot !== null && "source" in lot) born.push(lot);
  return born;
}
