/** Owns the facts of invoices and credit notes. */
import type { Money } from "../amount.ts";
import type { Fact } from "../fact.ts";
import type { Booking } from "./booking.ts";
import type { DraftInvoice, IssuedInvoice } from "./invoice.ts";
import type { Line } from "./line.ts";

/**
 * What is pending is on a draft before a period ends whose invoice would take it: since somebody asked (`isInterim`), or by itself, since
 * the subscription is over.
 */
export interface InvoiceDrafted extends Fact<"invoice.drafted"> {
  readonly invoice: DraftInvoice;
}

/** An invoice was issued; its lines never change. */
export interface InvoiceFinalized extends Fact<"invoice.finalized"> {
  readonly invoice: IssuedInvoice;
  /** Its tax in basis points of the subtotal. Left out in events that are older than this: they took none of a sum below zero. */
  readonly taxBps?: number;
  readonly lines: readonly Line[];
  readonly booked: readonly Booking[];
}

/** Money was received for an invoice. */
export interface InvoicePaid extends Fact<"invoice.paid"> {
  readonly invoice: IssuedInvoice;
  /** The payment's id, which counts once for ever. */
  readonly payment: string;
  readonly amount: Money;
  /** Of it, what was beyond what was due: it is the customer's balance. Left out where nothing was. */
  readonly excess?: Money;
  /** What the payment provider kept of it. */
  readonly fee: Money;
  readonly reference: string | null;
  readonly booked: readonly Booking[];
}

/** An invoice was taken back, or its rest given up. */
export interface InvoiceClosed<Kind extends string> extends Fact<Kind> {
  readonly invoice: IssuedInvoice;
  readonly reason: string | null;
  readonly booked: readonly Booking[];
}

/** It was issued by mistake: what stood on it waits for the next one again. */
export interface InvoiceVoided extends InvoiceClosed<"invoice.voided"> {
  /** Left out in events that are older than this. */
  readonly waiting?: {
    readonly lines: readonly Line[];
    /** What of it had been credited; a line of its own. */
    readonly credited?: Line;
  };
}

/** What is due of it is given up. */
export type InvoiceUncollectible = InvoiceClosed<"invoice.uncollectible">;
/** A part of an invoice was taken back. */
export interface CreditNoteIssued extends Fact<"credit_note.issued"> {
  readonly creditNote: string;
  /** null: whoever keeps the numbers gives it one, by the note's id. */
  readonly number: string | null;
  readonly invoice: IssuedInvoice;
  /** With tax. */
  readonly amount: Money;
  readonly tax: Money;
  readonly reason: string | null;
  readonly booked: readonly Booking[];
}

/** What was bought is on an invoice, which is paid: part of the fact of its payment. */
export interface PurchaseInvoiced {
  readonly invoice: IssuedInvoice;
  readonly lines: readonly Line[];
}

/** A credit note that comes of money that goes back, with its tax; it books nothing beside that. */
export interface InvoiceNote {
  readonly creditNote: string;
  /** As this leaves it. */
  readonly invoice: IssuedInvoice;
  /** With tax. */
  readonly amount: Money;
  readonly tax: Money;
}

/** What of money that goes back was never paid. */
export interface Unpaid {
  /** What it lessens: what is owed, or what was given up of it. */
  readonly account: "Receivable" | "BadDebt";
  /** It does not leave the till. */
  readonly amount: Money;
  /** A credit note on the invoice that it is owed on; `amount` is with tax. */
  readonly note?: InvoiceNote;
  /** A line, where that one is not issued: on it while it is a draft, else on the next. */
  readonly line?: Line | undefined;
  readonly draft?: string;
}
