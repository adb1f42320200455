/**
 * Owns which part of what the vendor owes a customer may be used, and for what.
 *
 * C1 what a change gives back is owed from then on, without tax, and waits on its line: it is the line's invoice that gives the tax
 * back with it, by the rate of its issue. Until then it is set against nothing else, so that whatever is used is with its tax. C2 the
 * rest is free: it pays invoices as they are issued. C3 what becomes free while invoices are open pays the oldest of them first, one
 * millisecond after the last event, as last invoices are drafted (`last-invoice.ts`, L3). What was given up is open no more.
 */
import { type Money, money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { type State, lastAt } from "../state/state.ts";
import type { BalanceApplied } from "./customer-balance-events.ts";
import { type IssuedInvoice, dueOn } from "./invoice.ts";
import { posted } from "./issue.ts";
import { type Line, creditOf } from "./line.ts";
import { type InvoiceSlice, accountOf } from "./slice.ts";

/** What stands between a vendor and a customer beside invoices: `free` and `waiting` are all that is owed. */
export interface CustomerBalance {
  readonly owed: Money;
  /** May be set against any invoice, or paid out. */
  readonly free: Money;
  /** On lines that no issued invoice has yet, without tax. */
  readonly waiting: Money;
}

/** As it stands. */
export function customerBalance({ invoices }: State): CustomerBalance {
  const free = freeBalance(invoices);
  const { balance } = accountOf(invoices);
  return { owed: balance, free, waiting: money(balance - free) };
}

/** What an invoice of these lines may use: what is free, and what they give back themselves. */
export function usableBy(slice: InvoiceSlice, lines: readonly Line[]): Money {
  const usable = accountOf(slice).balance - slice.waiting.credit + creditOf(lines);
  return money(usable > 0n ? usable : 0n);
}

/** What may be set against any invoice. */
const freeBalance = (slice: InvoiceSlice): Money => usableBy(slice, []);

/** When what is free pays an open invoice; undefined where there is not both. */
export function balanceDueAt(state: State): number | undefined {
  const { invoices } = state;
  // Asked before every call: most owe nothing.
  if (invoices.open.size === 0 || accountOf(invoices).balance === 0n) return undefined;
  if (freeBalance(invoices) === 0n) return undefined;
  return lastAt(state) + 1;
}

/** Pays as much of the oldest open invoice as there is. */
export function applyBalance({ invoices }: State, at: Instant): BalanceApplied | undefined {
  const [oldest] = [...invoices.open.values()].toSorted(
    (a, b) => a.issuedAt - b.issuedAt || (a.id < b.id ? -1 : 1),
  );
  if (oldest === undefined) return undefined;
  const due = dueOn(oldest);
  const free = freeBalance(invoices);
  const amount = free < due ? free : money(due);
  return {
    kind: "balance.applied",
    at,
    invoice: paidByBalance(oldest, amount),
    amount,
    booked: posted({ Receivable: -amount, CustomerBalance: amount }),
  };
}

function paidByBalance(invoice: IssuedInvoice, amount: Money): IssuedInvoice {
  const charged = money(invoice.charged - amount);
  return {
    ...invoice,
    balanceApplied: money(invoice.balanceApplied + amount),
    charged,
    status: invoice.paid + invoice.credited >= charged ? "paid" : invoice.status,
  };
}
