/**
 * Owns the invoices of what is bought, by events alone: each payment has one, which comes to what was paid (R1); what goes back of it,
 * by the vendor or a bank, is on credit notes of that invoice, to the unit and never more than was paid (R2).
 *
 * Mutable: one a timeline.
 */
import type { Event } from "@cistern/kernel";
import { demand } from "./accounts.ts";

interface Bought {
  readonly id: string;
  readonly total: bigint;
  credited: bigint;
}

/** See the file head. */
export class Purchases {
  readonly #bought = new Map<string, Bought>();
  readonly #lots = new Map<string, Bought>();

  take(event: Event): void {
    switch (event.kind) {
      case "top_up.succeeded":
        return this.#buy(event);
      case "credits.repaid":
        return this.#giveBack(event, [event]);
      case "credits.charged_back":
        return this.#giveBack(event, event.lots);
      default:
    }
  }

  /** R1. */
  #buy({
    topUp,
    lot,
    bonus,
    payment,
    purchase,
  }: Extract<Event, { readonly kind: "top_up.succeeded" }>): void {
    demand(purchase !== undefined, () => `${topUp.id} is paid and on no invoice`);
    const { id, total, paid, number } = purchase.invoice;
    const due = topUp.amount + payment.tax;
    demand(
      total === due && paid === due,
      () => `${id} comes to ${total}, of which ${paid} is paid`,
    );
    demand(number === null && !this.#bought.has(id), () => `${id} has two invoices, or a number`);
    const bought = { id, total, credited: 0n };
    this.#bought.set(id, bought);
    this.#lots.set(lot.id, bought);
    if (bonus !== undefined) this.#lots.set(bonus.id, bought);
  }

  /** R2. Credits that moved on are of other lots, which the note alone says. */
  #giveBack(
    { note }: Pick<Extract<Event, { readonly kind: "credits.repaid" }>, "note">,
    lots: readonly { readonly lot: string; readonly money: bigint; readonly tax: bigint }[],
  ): void {
    const back = lots.reduce((sum, { money, tax }) => sum + money + tax, 0n);
    const own = this.#lots.get(lots[0]?.lot ?? "");
    demand(
      note !== undefined || own === undefined || back === 0n,
      () => `${back} go back of ${own?.id} without a credit note`,
    );
    if (note === undefined) return;
    const bought = own ?? this.#bought.get(note.invoice.id);
    demand(bought?.id === note.invoice.id, () => `a credit note is on ${note.invoice.id}`);
    bought.credited += back;
    const isRight = note.amount === back && note.invoice.credited === bought.credited;
    demand(isRight, () => `${back} go back of ${bought.id}, ${note.amount} are credited`);
    demand(bought.credited <= bought.total, () => `${bought.credited} of ${bought.total} go back`);
  }
}
