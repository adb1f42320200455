/**
 * Owns what the checker knows of tax and of what the vendor owes a customer, by events alone.
 *
 * Checked: tax of an invoice is the nearest minor unit to its share of the lines, below zero as above (P6); an invoice below zero is
 * given to the customer whole, one above is paid as far as what is free goes, and what waits on lines of others is not free (P7).
 *
 * Mutable: one a timeline.
 */
import { type Event, type Line, postings } from "@cistern/kernel";
import { demand } from "./accounts.ts";

/** See the file head. */
export class CustomerBalance {
  #owed = 0n;
  /** By line: what it gives back, until an invoice that has it is issued. */
  readonly #waiting = new Map<string, bigint>();

  /** What may be set against an invoice. */
  get free(): bigint {
    let free = this.#owed;
    for (const amount of this.#waiting.values()) free += amount;
    return free;
  }

  /** Takes an event that the rest of the books has taken. */
  take(event: Event): void {
    if (event.kind === "invoice.finalized") this.#issue(event);
    else this.#wait(event);
    for (const { account, amount } of postings(event))
      if (account === "CustomerBalance") this.#owed -= amount;
    demand(this.#owed >= 0n, () => `${event.kind} leaves the balance at ${this.#owed}`);
  }

  #wait(event: Event): void {
    const fresh = "lines" in event ? event.lines : [];
    const clawed = "clawedBack" in event ? (event.clawedBack?.lines ?? []) : [];
    const again = event.kind === "invoice.voided" ? (event.waiting?.lines ?? []) : [];
    for (const line of [...fresh, ...clawed, ...again])
      if (isOfBalance(line)) this.#waiting.set(line.id, line.amount);
  }

  #issue({ invoice, lines, taxBps = 0 }: Extract<Event, { readonly kind: "invoice.finalized" }>) {
    const { id, subtotal, tax, total, balanceApplied, charged } = invoice;
    // Within half a unit, and away from zero where it is exactly half.
    const twice = 20_000n * tax - 2n * subtotal * BigInt(taxBps);
    const isAway = twice !== 0n && twice > 0n === subtotal > 0n;
    const isNear = twice < 10_000n && twice > -10_000n;
    const isHalf = (twice === 10_000n || twice === -10_000n) && isAway;
    demand(isNear || isHalf, () => `${id} takes ${tax} of ${subtotal} at ${taxBps}`);
    const { free } = this;
    const most = total < free ? total : free;
    demand(balanceApplied === most, () => `the balance pays ${balanceApplied} of ${id}: ${most}`);
    demand(charged === total - balanceApplied, () => `${id} charges ${charged} of ${total}`);
    for (const line of lines.filter(isOfBalance)) {
      demand(this.#waiting.delete(line.id), () => `${line.id} of ${id} gave nothing back`);
    }
  }
}

const isOfBalance = ({ account }: Line): boolean => account === "CustomerBalance";
