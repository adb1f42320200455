/**
 * Owns the auditor's own account of what invoices come to and of what the vendor owes the customer.
 *
 * V13 an invoice comes to the sum of its lines and one rounding of the tax of that sum, half away from zero on either side. V14 the
 * balance pays as much of it as it can; what lines of another invoice give back is not used for it; a total below zero is the
 * customer's. V15 the books say the same, and the customer never owes by the balance.
 */
import { type Event, type IssuedInvoice, type Line, type State, postings } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

type Finalized = Extract<Event, { readonly kind: "invoice.finalized" }>;

/** Invoices and the balance of one workspace. Mutable. */
export class InvoiceFold {
  #balance = 0n;
  /** On lines that no issued invoice has. */
  #waiting = 0n;

  fold(event: Event): void {
    if (event.kind === "invoice.finalized") this.#issue(event);
    else if (event.kind === "invoice.voided") this.#takeBack(event);
    else this.#waiting += givenBack(linesOf(event));
    this.#balance -= postedTo("CustomerBalance", event);
    expect(
      this.#balance >= 0n,
      "V15 the customer owes nothing by the balance",
      () => `${this.#balance} after ${event.kind}`,
    );
  }

  /** The kernel's state says the same. */
  compare({ invoices }: State): void {
    const { balance = 0n } = invoices.accounts.get("account") ?? {};
    expectEqual(balance, this.#balance, "K6 what the vendor owes the customer");
    expectEqual(invoices.waiting.credit, this.#waiting, "K6 what waits for an invoice of that");
  }

  #issue(event: Finalized): void {
    const { invoice, lines, taxBps } = event;
    const { id, subtotal, tax, total, balanceApplied, charged } = invoice;
    const sum = lines.reduce((all, { amount }) => all + amount, 0n);
    expectEqual(subtotal, sum, `V13 the lines of ${id}`);
    expectEqual(total, subtotal + tax, `V13 ${id} with its tax`);
    expectEqual(charged, total - balanceApplied, `V14 what is charged by ${id}`);
    expectEqual(-postedTo("Tax", event), tax, `V15 the tax of ${id}`);
    const own = givenBack(lines);
    // Older events say no rate: they took no tax of a sum below zero, and used what waited.
    if (taxBps !== undefined) {
      expectEqual(tax, taxOn(sum, taxBps), `V13 the tax of ${id}`);
      const left = this.#balance - (this.#waiting - own);
      const asked = total + own;
      const used = asked < 0n ? asked : least(asked, left > 0n ? left : 0n);
      expectEqual(balanceApplied, used - own, `V14 what the balance pays of ${id}`);
    }
    this.#checkBooked(event, invoice, own);
    this.#waiting -= own;
  }

  #takeBack(event: Extract<Event, { readonly kind: "invoice.voided" }>): void {
    if (event.waiting === undefined) return;
    const own = givenBack(event.waiting.lines);
    this.#checkBooked(event, event.invoice, own);
    this.#waiting += own;
  }

  /** What lines give back was owed before, without tax. */
  #checkBooked(event: Event, { id, balanceApplied }: IssuedInvoice, own: bigint): void {
    const sign = event.kind === "invoice.voided" ? -1n : 1n;
    const due = sign * (balanceApplied + own);
    expectEqual(postedTo("CustomerBalance", event), due, `V15 what ${id} takes of the balance`);
  }
}

/** Lines that begin with an event. */
function linesOf(event: Event): readonly Line[] {
  const own = "lines" in event ? event.lines : [];
  const clawed = "clawedBack" in event ? (event.clawedBack?.lines ?? []) : [];
  return [...own, ...clawed];
}

const givenBack = (lines: readonly Line[]): bigint =>
  lines
    .filter(({ account }) => account === "CustomerBalance")
    .reduce((sum, { amount }) => sum - amount, 0n);

const postedTo = (account: string, event: Event): bigint =>
  postings(event)
    .filter((one) => one.account === account && one.commodity === "MONEY")
    .reduce((sum, { amount }) => sum + amount, 0n);

function taxOn(sum: bigint, bps: number): bigint {
  const tax = sum * BigInt(bps);
  return (tax < 0n ? tax - 5_000n : tax + 5_000n) / 10_000n;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
