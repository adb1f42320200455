/** Owns which lots begin with an event, and what of them outlasts the period in which the pool is shared (RULES 29). Mutable. */
import type { Event, Lot, Transfer } from "@cistern/kernel";
import type { LotFold } from "./lot-fold.ts";

type Moving = Extract<Event, { readonly transfers: readonly Transfer[] }>;

/** See the file head. */
export class ShareLots {
  readonly #lots = new Map<string, Lot>();
  readonly #pool: Pick<LotFold, "part" | "phase">;

  /** `pool`: the fold of lots, which has taken an event before this one does. */
  constructor(pool: Pick<LotFold, "part" | "phase">) {
    this.#pool = pool;
  }

  /** Takes an event; gives the lots that it makes. */
  note(event: Event): readonly Lot[] {
    const made = lotsMade(event);
    for (const lot of made) this.#lots.set(lot.id, lot);
    if ("prolonged" in event)
      for (const { lot: id, expiresAt } of event.prolonged ?? []) {
        const lot = this.#lots.get(id);
        if (lot !== undefined) this.#lots.set(id, { ...lot, expiresAt });
      }
    return made;
  }

  /** What is left, with the debts that it paid, of shared lots that begin with the event and end with the period or later. */
  lasting(event: Moving, end: number): bigint {
    let total = 0n;
    for (const id of lotsBegun(event)) {
      const { expiresAt = null, appliesTo = null } = this.#lots.get(id) ?? {};
      const isOver = expiresAt !== null && expiresAt < end;
      if (isOver || appliesTo !== null || this.#pool.phase(id) !== "live") continue;
      total += this.#pool.part(id, "available");
      for (const { lot, debt, credits } of event.transfers)
        if (lot === id && debt !== undefined) total += credits;
    }
    return total;
  }
}

/** Lots that an event makes. */
function lotsMade(event: Event): readonly Lot[] {
  const sold =
    event.kind === "credits.granted" || event.kind === "top_up.succeeded"
      ? [event.lot, ...(event.bonus === undefined ? [] : [event.bonus])]
      : [];
  const made = "made" in event ? (event.made ?? []) : [];
  if (event.kind === "usage.refunded" || event.kind === "credits.rolled_over")
    return [...event.lots, ...made];
  return "booked" in event && "lots" in event ? [...event.lots, ...made] : [...sold, ...made];
}

/** Lots of which credits become available with an event, but for what returns and what rolls on. */
function lotsBegun(event: Moving): readonly string[] {
  if (event.kind === "credits.effective") return event.lots;
  const isOther = event.kind === "usage.refunded" || event.kind === "credits.rolled_over";
  if (isOther) return [];
  const made = "made" in event ? (event.made ?? []) : [];
  return lotsMade(event).flatMap((lot) => (made.includes(lot) ? [] : [lot.id]));
}
