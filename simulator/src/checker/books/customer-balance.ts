/**
 * Owns what the checker knows of tax and of what the vendor owes a customer, by events alone.
 *
 * Checked: tax of an invoice is the nearest minor unit to its share of the lines, below zero as above (P6); an invoice below zero is
 * given to the customer whole, one above is paid as far as what is free goes, and what waits on lines of others is not free (P7); what
 * is free while invoices are open pays the one that was issued first, before time goes on, and no more than that is paid out (P8).
 *
 * Mutable: one a timeline.
 */
import { type Event, type IssuedInvoice, type Line, postings } from "@cistern/kernel";
import { demand } from "./accounts.ts";

/** See the file head. */
export class CustomerBalance {
  #owed = 0n;
  /** By line: what it gives back, until an invoice that has it is issued. */
  readonly #waiting = new Map<string, bigint>();
  readonly #issued = new Map<string, IssuedInvoice>();
  #at = 0;

  /** What may be set against an invoice. */
  get free(): bigint {
    let free = this.#owed;
    for (const amount of this.#waiting.values()) free += amount;
    return free;
  }

  /** Takes an event that the rest of the books has taken. */
  take(event: Event): void {
    if (event.at > this.#at + 1 && event.kind !== "balance.applied")
      demand(
        this.#first === undefined || this.free === 0n,
        () => `${event.kind} before it is paid`,
      );
    if (event.kind === "invoice.finalized") this.#issue(event);
    else this.#wait(event);
    if (event.kind === "balance.applied") this.#apply(event);
    if (event.kind === "balance.paid_out")
      demand(event.amount <= this.free, () => `${event.amount} go out of ${this.free}`);
    if (event.kind === "invoice.paid" && event.excess !== undefined)
      demand(
        leftOf(event.invoice) <= 0n,
        () => `${event.excess} goes to the balance, and more is due`,
      );
    this.#note(event);
    this.#at = event.at;
    for (const { account, amount } of postings(event))
      if (account === "CustomerBalance") this.#owed -= amount;
    demand(this.#owed >= 0n, () => `${event.kind} leaves the balance at ${this.#owed}`);
  }

  /** Of what was issued first and is open. */
  get #first(): IssuedInvoice | undefined {
    let first: IssuedInvoice | undefined;
    for (const one of this.#issued.values())
      if (isOpen(one) && (first === undefined || one.issuedAt < first.issuedAt)) first = one;
    return first;
  }

  #apply({ invoice, amount }: Extract<Event, { readonly kind: "balance.applied" }>): void {
    const before = this.#issued.get(invoice.id);
    const isFirst = before !== undefined && before.issuedAt === this.#first?.issuedAt;
    demand(isFirst, () => `${invoice.id} is paid before ${this.#first?.id}`);
    const due = leftOf(before);
    demand(amount <= due && amount <= this.free, () => `${amount} of ${due} by ${this.free}`);
    demand(amount === due || amount === this.free, () => `${amount} pays less than it can`);
    demand(leftOf(invoice) === due - amount, () => `${invoice.id} is due ${leftOf(invoice)}`);
  }

  #note(event: Event): void {
    const note = event.kind === "credits.repaid" ? event.unpaid?.note?.invoice : undefined;
    const own = "invoice" in event ? event.invoice : undefined;
    for (const one of [note, own])
      if (one !== undefined && one !== null && one.status !== "draft")
        this.#issued.set(one.id, one);
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

const leftOf = ({ charged, paid, credited }: IssuedInvoice): bigint => charged - paid - credited;
const isOpen = (one: IssuedInvoice): boolean => one.status === "finalized" && leftOf(one) > 0n;
const isOfBalance = ({ account }: Line): boolean => account === "CustomerBalance";
