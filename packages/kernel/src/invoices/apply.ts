/** Owns what events of invoices do. */
import type { BalanceApplied, BalancePaidOut } from "./customer-balance-events.ts";
import type {
  CreditNoteIssued,
  InvoiceDrafted,
  InvoiceFinalized,
  InvoicePaid,
  InvoiceUncollectible,
  InvoiceVoided,
} from "./events.ts";
import { addToAccount, invoice, owedBy, settleInvoice, waitAgain } from "./evolve.ts";
import type { InvoiceSlice } from "./slice.ts";

type InvoiceEvent =
  | InvoiceDrafted
  | InvoiceFinalized
  | InvoicePaid
  | InvoiceVoided
  | InvoiceUncollectible
  | CreditNoteIssued
  | BalanceApplied
  | BalancePaidOut;

/** Carries out what became of an invoice, or of what is owed to the customer. */
export function applyToInvoices(slice: InvoiceSlice, event: InvoiceEvent): void {
  switch (event.kind) {
    case "invoice.drafted":
      return invoice(slice, { ...event, lines: [], booked: [], transfers: [] });
    case "invoice.voided":
      if (event.waiting !== undefined) waitAgain(slice, event.waiting);
      return settleInvoice(slice, event);
    case "invoice.finalized":
      slice.issuedLines.set(event.invoice.id, {
        invoice: event.invoice.id,
        lines: event.lines,
      });
      return settleInvoice(slice, event);
    case "invoice.uncollectible":
    case "credit_note.issued":
    case "balance.applied":
      return settleInvoice(slice, event);
    case "balance.paid_out":
      return addToAccount(slice, { owed: owedBy(event.booked), lines: 0 });
    case "invoice.paid":
      slice.payments.set(event.payment, {
        id: event.payment,
        invoice: event.invoice.id,
      });
      return settleInvoice(slice, event);
  }
}
