/** Owns what of an invoice is told for a paper of its own: as it was issued, and its credit notes. */
import type { CreditNotePaper, Invoice } from "@cistern/contract";
import { moneyBody } from "./subscription.ts";

/**
 * An invoice as it was issued: what happened since is left out, also what the customer's balance paid of it. A draft is what it is, and
 * what was bought was paid when it was issued.
 */
export function asIssued(invoice: Invoice): Invoice {
  if (invoice.status === "draft") return invoice;
  if (invoice.topUp !== undefined) return purchaseAsIssued(invoice);
  const { reason: _closed, balancePayments = [], currency, ...rest } = invoice;
  const since = balancePayments.reduce((sum, { amount }) => sum + BigInt(amount.amount), 0n);
  const charged = moneyBody(BigInt(invoice.charged.amount) + since, currency);
  const none = moneyBody(0n, currency);
  return {
    ...rest,
    currency,
    status: charged.amount === "0" ? "paid" : "finalized",
    balanceApplied: moneyBody(BigInt(invoice.balanceApplied.amount) - since, currency),
    charged,
    paid: none,
    credited: none,
    due: charged,
    payments: [],
    creditNotes: [],
  };
}

function purchaseAsIssued(invoice: Invoice): Invoice {
  const none = moneyBody(0n, invoice.currency);
  return { ...invoice, status: "paid", credited: none, creditNotes: [], due: none };
}

/** A credit note of an invoice as a paper of its own; undefined where it is none of it. */
export function creditNoteBody(invoice: Invoice, creditNote: string): CreditNotePaper | undefined {
  const note = invoice.creditNotes.find(({ id }) => id === creditNote);
  const { number, issuedAt } = invoice;
  if (note === undefined || number === undefined || issuedAt === undefined) return undefined;
  const { currency, timeZone, issuer, customer, taxRate, purchaseOrder } = invoice;
  const net = BigInt(note.amount.amount) - BigInt(note.tax.amount);
  const pack = invoice.lines.find(({ kind }) => kind === "purchase")?.about;
  const description = `Credit for invoice ${number}${pack === undefined ? "" : `, pack ${pack}`}`;
  return {
    id: note.id,
    number: note.number,
    issuedAt: note.at,
    invoice: { id: invoice.id, number, issuedAt },
    ...(purchaseOrder === undefined ? {} : { purchaseOrder }),
    currency,
    timeZone,
    issuer,
    ...(customer === undefined ? {} : { customer }),
    ...(taxRate === undefined ? {} : { taxRate }),
    ...(note.reason === undefined ? {} : { reason: note.reason }),
    lines: [{ description, amount: moneyBody(net, currency) }],
    subtotal: moneyBody(net, currency),
    tax: note.tax,
    total: note.amount,
  };
}
