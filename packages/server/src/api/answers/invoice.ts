/** Owns how invoices are told. Amounts are of the workspace's currency. */
import { type Money, printInstant } from "@cistern/contract";
import type { Event, IssuedInvoice, Position } from "@cistern/kernel";
import { lineBody, moneyBody } from "./subscription.ts";

type InvoiceEvent = Extract<
  Event,
  {
    readonly kind:
      | "invoice.finalized"
      | "invoice.paid"
      | "invoice.voided"
      | "invoice.uncollectible"
      | "credit_note.issued";
  }
>;

/** An event of an invoice as it is told: the invoice as it leaves it, and what happened. */
export function invoiceEventBody(
  event: InvoiceEvent,
  { position, currency }: { readonly position: Position; readonly currency: string },
): object {
  const money = (amount: bigint): Money => moneyBody(amount, currency);
  const invoice = issuedBody(event.invoice, currency, position);
  switch (event.kind) {
    case "invoice.finalized":
      return { ...invoice, lines: event.lines.map((line) => lineBody(line, currency)) };
    case "invoice.paid":
      return {
        ...invoice,
        payment: {
          id: event.payment,
          amount: money(event.amount),
          fee: money(event.fee),
          ...(event.reference === null ? {} : { reference: event.reference }),
        },
      };
    case "invoice.voided":
    case "invoice.uncollectible":
      return { ...invoice, ...(event.reason === null ? {} : { reason: event.reason }) };
    case "credit_note.issued":
      return {
        ...invoice,
        creditNote: {
          id: event.creditNote,
          number: event.number,
          amount: money(event.amount),
          tax: money(event.tax),
          ...(event.reason === null ? {} : { reason: event.reason }),
        },
      };
  }
}

/** An issued invoice, without its lines. */
function issuedBody(one: IssuedInvoice, currency: string, at: Position) {
  const money = (amount: bigint): Money => moneyBody(amount, currency);
  const due = one.charged - one.paid - one.credited;
  return {
    id: one.id,
    status: one.status,
    number: one.number,
    subscription: one.subscription,
    ...(one.purchaseOrder === null ? {} : { purchaseOrder: one.purchaseOrder }),
    issuedAt: printInstant(one.issuedAt),
    dueAt: printInstant(one.dueAt),
    subtotal: money(one.subtotal),
    tax: money(one.tax),
    total: money(one.total),
    balanceApplied: money(one.balanceApplied),
    charged: money(one.charged),
    paid: money(one.paid),
    credited: money(one.credited),
    due: money(due > 0n && one.status === "finalized" ? due : 0n),
    at,
  };
}
