/**
 * Owns what a draft comes to when it is issued (FINANCE, E14; issue of invoices): sums, tax, and the customer's balance.
 *
 * V1 the subtotal is the sum of the lines, in whatever order; tax is one rounding of it, below zero as above: what is given back
 * gives its tax back. V2 what the vendor owed the customer is taken off what is due, and changes no tax; a sum below zero is owed
 * to the customer, tax included. V3 lines of usage move from Unbilled to Receivable; what was charged in advance stands there already.
 */
import { type Money, least, money, noMoney } from "../amount.ts";
import type { Booking } from "./booking.ts";
import type { Instant } from "../instant.ts";
import { half } from "../rounding.ts";
import type { DraftInvoice, IssuedInvoice } from "./invoice.ts";
import { type Line, creditOf } from "./line.ts";

/** What is given with the issue. */
export interface IssueTerms {
  readonly number: string;
  /** In basis points; 0 for none. */
  readonly taxBps: number;
  readonly issuedAt: Instant;
  readonly dueAt: Instant;
  readonly purchaseOrder: string | null;
}

/** The invoice, and what it posts. `balance`: what it may use of what the vendor owes the customer, its own credits among it. */
export function issue(
  { id, subscription, isInterim, lines }: DraftInvoice,
  balance: Money,
  { number, taxBps, issuedAt, dueAt, purchaseOrder }: IssueTerms,
): { readonly invoice: IssuedInvoice; readonly booked: readonly Booking[] } {
  const subtotal = sumBy(lines, () => true);
  const tax = half(subtotal * BigInt(taxBps), 10_000n);
  const unbilled = sumBy(lines, ({ account }) => account === "Unbilled");
  // Credits of this draft are in its sum already; of the balance they are no second time.
  const credited = creditOf(lines);
  const owed = subtotal + tax + credited;
  const applied = owed > 0n ? least(owed, balance) : owed < 0n ? owed : 0n;
  const charged = money(owed - applied);
  return {
    invoice: {
      status: charged === 0n ? "paid" : "finalized",
      id,
      subscription,
      ...(isInterim === true ? { isInterim } : {}),
      number,
      purchaseOrder,
      issuedAt,
      dueAt,
      subtotal: money(subtotal),
      tax: money(tax),
      total: money(subtotal + tax),
      balanceApplied: money(applied - credited),
      charged,
      paid: noMoney,
      credited: noMoney,
    },
    booked: posted({
      Receivable: unbilled + tax - applied,
      Unbilled: -unbilled,
      Tax: -tax,
      CustomerBalance: applied,
    }),
  };
}

/** Bookings by account, without those of nothing. */
export const posted = (
  amounts: Readonly<Partial<Record<Booking["account"], bigint>>>,
): readonly Booking[] =>
  accounts.flatMap((account) => {
    const amount = amounts[account] ?? 0n;
    return amount === 0n ? [] : [{ account, amount: money(amount) }];
  });

const accounts: readonly Booking["account"][] = [
  "Cash",
  "PaymentFees",
  "Receivable",
  "Unbilled",
  "Deferred:Access",
  "Deferred:Shortfall",
  "CustomerBalance",
  "Tax",
  "Refunds",
  "BadDebt",
  "Shortfall",
  "Subscription",
];

const sumBy = (lines: readonly Line[], isCounted: (line: Line) => boolean): bigint =>
  lines.reduce((sum, line) => (isCounted(line) ? sum + line.amount : sum), 0n);
