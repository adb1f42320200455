/** Owns what events do to lines and invoices. */
import { assert } from "../bug.ts";
import { money } from "../amount.ts";
import type { Booking } from "../events.ts";
import type { DraftInvoice } from "./invoice.ts";
import type { Accrual, Line } from "./line.ts";
import { type InvoiceSlice, accountKey, accountOf } from "./slice.ts";

/** Adds what usage accrued to its lines. */
export function accrue(slice: InvoiceSlice, accruals: readonly Accrual[]): void {
  for (const { line: id, quantity, amount, ...line } of accruals) {
    const before = slice.pending.get(id);
    if (before === undefined) {
      const account = accountOf(slice);
      slice.accounts.set(accountKey, { ...account, lines: account.lines + 1 });
      slice.pending.set(id, { ...line, id, fraction: null, account: "Unbilled", quantity, amount });
      continue;
    }
    const sum = money(before.amount + amount);
    slice.pending.set(id, { ...before, quantity: before.quantity + quantity, amount: sum });
  }
}

/** Charges lines: they wait for an invoice, or are on the one that this event drafted. */
export function invoice(
  slice: InvoiceSlice,
  {
    lines,
    booked,
    invoice: drafted,
  }: {
    readonly lines: readonly Line[];
    readonly booked: readonly Booking[];
    readonly invoice: DraftInvoice | null;
  },
): void {
  const account = accountOf(slice);
  // Credit to the customer's account is credit on the vendor's side too: below zero.
  const owed = booked
    .filter(({ account: name }) => name === "CustomerBalance")
    .reduce((sum, { amount }) => sum - amount, 0n);
  if (lines.length > 0 || drafted !== null || owed !== 0n)
    slice.accounts.set(accountKey, {
      balance: money(account.balance + owed),
      lines: account.lines + lines.length,
      invoices: account.invoices + (drafted === null ? 0 : 1),
    });
  if (drafted === null) {
    for (const line of lines) slice.pending.set(line.id, line);
    return;
  }
  assert(
    drafted.lines.length >= lines.length,
    "an invoice that is drafted takes all that is pending",
  );
  for (const { id } of drafted.lines) slice.pending.set(id, undefined);
  slice.invoices.set(drafted.id, drafted);
}
