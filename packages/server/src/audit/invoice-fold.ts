/**
 * Owns the auditor's own account of what invoices come to and of what the vendor owes the customer.
 *
 * V13 an invoice comes to the sum of its lines and one rounding of the tax of that sum, half away from zero on either side. V14 the
 * balance pays as much of it as it can; what lines of another invoice give back is not used for it; a total below zero is the
 * customer's. V15 the books say the same, and the customer never owes by the balance. V16 what is free pays the oldest open invoice
 * before anything later happens. V17 no more is paid out than is free. V18 a payment pays what is due, and what is beyond that is
 * owed to the customer. V19 a line stands on one invoice: what an interim one has billed no later one bills again.
 */
import { type Event, type IssuedInvoice, type Line, type State, postings } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

type Finalized = Extract<Event, { readonly kind: "invoice.finalized" }>;

/** Invoices and the balance of one workspace. Mutable. */
export class InvoiceFold {
  #balance = 0n;
  /** On lines that no issued invoice has. */
  #waiting = 0n;
  /** By invoice: when it was issued, and what is due of it. */
  readonly #open = new Map<string, { readonly issuedAt: number; readonly due: bigint }>();
  /** By line: the invoice that it was issued on. */
  readonly #billed = new Map<string, string>();
  /** Older journals let a balance stand beside open invoices. */
  #isPaying = false;
  #at = 0;

  fold(event: Event): void {
    this.#checkLate(event);
    if (event.kind === "invoice.finalized") this.#issue(event);
    else if (event.kind === "invoice.voided") this.#takeBack(event);
    else this.#waiting += givenBack(linesOf(event));
    if (event.kind === "balance.applied") this.#apply(event);
    if (event.kind === "balance.paid_out") this.#payOut(event);
    if (event.kind === "invoice.paid") this.#receive(event);
    this.#note(event);
    this.#balance -= postedTo("CustomerBalance", event);
    expect(
      this.#balance >= 0n,
      "V15 the customer owes nothing by the balance",
      () => `${this.#balance} after ${event.kind}`,
    );
    this.#at = event.at;
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
      this.#isPaying = true;
    }
    this.#checkBooked(event, invoice, own);
    this.#bill(lines, id);
    this.#waiting -= own;
  }

  #takeBack(event: Extract<Event, { readonly kind: "invoice.voided" }>): void {
    if (event.waiting === undefined) return;
    const own = givenBack(event.waiting.lines);
    for (const line of event.waiting.lines) this.#billed.delete(line.id);
    this.#checkBooked(event, event.invoice, own);
    this.#waiting += own;
  }

  #bill(lines: readonly Line[], invoice: string): void {
    for (const { id } of lines) {
      const before = this.#billed.get(id);
      expect(
        before === undefined,
        "V19 a line stands on one invoice",
        () => `${id} on ${before ?? ""} and ${invoice}`,
      );
      this.#billed.set(id, invoice);
    }
  }

  get #free(): bigint {
    const free = this.#balance - this.#waiting;
    return free > 0n ? free : 0n;
  }

  /** What else was due one millisecond later may have come first. */
  #checkLate({ kind, at }: Event): void {
    const mayWait = !this.#isPaying || kind === "balance.applied" || at <= this.#at + 1;
    expect(
      mayWait || this.#open.size === 0 || this.#free === 0n,
      "V16 what is free pays what is open",
      () => `${kind} while ${this.#free} are free and ${[...this.#open.keys()].join()} open`,
    );
  }

  #apply(event: Extract<Event, { readonly kind: "balance.applied" }>): void {
    const { amount, invoice } = event;
    const [oldest] = [...this.#open].toSorted(
      ([a, one], [b, other]) => one.issuedAt - other.issuedAt || (a < b ? -1 : 1),
    );
    expect(
      oldest?.[0] === invoice.id,
      "V16 the oldest open invoice is paid first",
      () => `${invoice.id} before ${oldest?.[0] ?? "none"}`,
    );
    const { due } = oldest[1];
    expectEqual(amount, least(due, this.#free), `V16 what the balance pays of ${invoice.id}`);
    const { total, balanceApplied, charged } = invoice;
    expectEqual(charged, total - balanceApplied, `V14 what is charged by ${invoice.id}`);
    expectEqual(dueOf(invoice), due - amount, `V16 what is due of ${invoice.id} then`);
    expectEqual(postedTo("CustomerBalance", event), amount, `V15 what ${invoice.id} was paid`);
    this.#isPaying = true;
  }

  #payOut(event: Extract<Event, { readonly kind: "balance.paid_out" }>): void {
    const { payout, amount, free } = event;
    expect(
      amount > 0n && amount <= this.#free,
      "V17 no more is paid out than is free",
      () => `${amount} of ${this.#free}`,
    );
    expectEqual(free, this.#free - amount, `V17 what ${payout} leaves`);
    expectEqual(postedTo("CustomerBalance", event), amount, `V15 the books of ${payout}`);
    this.#isPaying = true;
  }

  #receive(event: Extract<Event, { readonly kind: "invoice.paid" }>): void {
    const { invoice, payment, amount, fee, excess = 0n } = event;
    const due = this.#open.get(invoice.id)?.due;
    if (due !== undefined)
      expectEqual(
        due - dueOf(invoice),
        amount - excess,
        `V18 what ${payment} pays of ${invoice.id}`,
      );
    expect(
      excess >= 0n && (excess === 0n || dueOf(invoice) <= 0n),
      "V18 what is beyond what is due is the customer's",
      () => `${excess} of ${amount}`,
    );
    expectEqual(postedTo("CustomerBalance", event), -excess, `V15 the books of ${payment}`);
    expectEqual(postedTo("Cash", event), amount - fee, `V15 what ${payment} brought`);
  }

  #note(event: Event): void {
    const noted =
      event.kind === "credits.repaid"
        ? event.unpaid?.note?.invoice
        : "invoice" in event
          ? event.invoice
          : undefined;
    if (noted === undefined || noted === null || noted.status === "draft") return;
    const due = dueOf(noted);
    if (noted.status !== "finalized" || due <= 0n) this.#open.delete(noted.id);
    else this.#open.set(noted.id, { issuedAt: noted.issuedAt, due });
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

const dueOf = ({ charged, paid, credited }: IssuedInvoice): bigint => charged - paid - credited;

const postedTo = (account: string, event: Event): bigint =>
  postings(event)
    .filter((one) => one.account === account && one.commodity === "MONEY")
    .reduce((sum, { amount }) => sum + amount, 0n);

function taxOn(sum: bigint, bps: number): bigint {
  const tax = sum * BigInt(bps);
  return (tax < 0n ? tax - 5_000n : tax + 5_000n) / 10_000n;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
