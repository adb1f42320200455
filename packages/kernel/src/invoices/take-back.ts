/**
 * Owns what becomes of an invoice that is void: all that its issue booked is booked back, and what stood on it waits again.
 *
 * V4 charges are as they were before it was issued: fees owed and on no invoice, usage earned and not billed (Unbilled), what the
 * customer's balance paid the customer's. Revenue stays where it was recognised: what was delivered was delivered, whatever became
 * of the paper. V5 what was credited of it stays credited, by a line.
 */
import { money } from "../amount.ts";
import type { Booking } from "./booking.ts";
import type { InvoiceVoided } from "./events.ts";
import type { Instant } from "../instant.ts";
import { numbered } from "./gather.ts";
import { type IssuedInvoice, dueOn, taxOf } from "./invoice.ts";
import { posted } from "./issue.ts";
import type { Line } from "./line.ts";
import type { InvoiceSlice } from "./slice.ts";

/** Lines that wait again, and what is booked. */
export function takenBack(
  slice: InvoiceSlice,
  invoice: IssuedInvoice,
  issued: readonly Line[],
  at: Instant,
): {
  readonly waiting: NonNullable<InvoiceVoided["waiting"]>;
  readonly booked: readonly Booking[];
} {
  const sum = (account: Line["account"]): bigint =>
    issued.reduce((total, line) => (line.account === account ? total + line.amount : total), 0n);
  const unbilled = sum("Unbilled");
  const applied = invoice.balanceApplied - sum("CustomerBalance");
  const creditedTax = taxOf(invoice, invoice.credited);
  const credited = invoice.credited - creditedTax;
  // What is heard late of the same usage has a line of its own already, or makes one.
  const lines = issued.map((line) => ({ ...line, key: null }));
  const [creditLine] = credited === 0n ? [] : numbered(slice, [creditOf(invoice, credited, at)]);
  return {
    waiting: { lines, ...(creditLine === undefined ? {} : { credited: creditLine }) },
    booked: posted({
      Receivable: sum("Receivable") - credited - dueOn(invoice),
      Unbilled: unbilled,
      Tax: invoice.tax - creditedTax,
      CustomerBalance: -applied,
    }),
  };
}

const creditOf = (
  { id, number }: IssuedInvoice,
  credited: bigint,
  at: Instant,
): Omit<Line, "id"> => ({
  kind: "other",
  about: `credit note on ${number ?? id}`,
  from: at,
  to: at,
  quantity: -1n,
  unitPrice: null,
  fraction: null,
  amount: money(-credited),
  account: "Receivable",
  key: null,
});
