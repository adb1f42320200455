import type { CustomerBalanceAmounts } from "./customer-balance.ts";
import type { Money } from "./money.ts";
import type { PageQuery } from "./page.ts";
import type { Position } from "./position.ts";
import type { InvoiceLine } from "./subscription.ts";

/** What an invoice is now. A draft is gathered and not issued yet; `uncollectible`: what is due of it was given up. */
export type InvoiceStatus = "draft" | "finalized" | "paid" | "void" | "uncollectible";

/** A party to an invoice. */
export interface InvoiceParty {
  /** The legal name. */
  readonly name: string;
  /** As it is printed, with line breaks. */
  readonly address?: string;
  readonly taxId?: string;
}

/** Who sends invoices. */
export interface Issuer extends InvoiceParty {
  /** What numbers of invoices begin with. */
  readonly invoicePrefix: string;
  readonly creditNotePrefix: string;
}

/** Who sends invoices, as it is set. */
export interface IssuerRequest extends InvoiceParty {
  /** Default `INV-`. */
  readonly invoicePrefix?: string;
  /** Default `CN-`. */
  readonly creditNotePrefix?: string;
}

/** A tax rate with its name. */
export interface TaxRate {
  /** 1900 is 19 %. */
  readonly basisPoints: number;
  readonly name: string;
}

/** What a workspace's next invoices are made with. */
export interface BillingProfile {
  readonly customer?: InvoiceParty;
  /** Left out: none. */
  readonly tax?: TaxRate;
  /** Days to pay. */
  readonly termsDays: number;
  /** The customer's own word for the order. */
  readonly purchaseOrder?: string;
}

/** What a workspace's next invoices are to be made with; what is left out is unset. */
export interface BillingProfileRequest {
  readonly customer?: InvoiceParty;
  readonly tax?: TaxRate;
  /** Default 30. */
  readonly termsDays?: number;
  readonly purchaseOrder?: string;
}

/** A line that explains itself. */
export interface ExplainedLine extends InvoiceLine {
  /** For people. */
  readonly description: string;
  /** How the amount comes about: `1 x 250.00 x 20 d of 30 d`. */
  readonly arithmetic: string;
  /** What one unit costs, in the currency's own units and exact: `0.0123`. Left out where that is not one price. */
  readonly unitPriceDecimal?: string;
}

/** Credits that were drawn from the pool, which are paid for already: they show with an amount of 0. */
export interface CreditsDrawn {
  /** Left out for usage that named none. */
  readonly meter?: string;
  readonly calls: number;
  readonly credits: string;
  /** What they cost, by the very lots that gave them. */
  readonly worth: Money;
}

/** Money received for an invoice. */
export interface InvoicePayment {
  readonly id: string;
  readonly at: string;
  readonly amount: Money;
  /** What the payment provider kept. */
  readonly fee: Money;
  /** Of the amount, what was beyond what was due: it is not in `paid`. */
  readonly excess?: Money;
  readonly reference?: string;
}

/** A part of an invoice that was taken back. */
export interface CreditNote {
  readonly id: string;
  readonly number: string;
  readonly at: string;
  /** Tax included. */
  readonly amount: Money;
  readonly tax: Money;
  readonly reason?: string;
}

/** A credit note as a paper of its own: what of which invoice is taken back, and why. */
export interface CreditNotePaper {
  readonly id: string;
  readonly number: string;
  readonly issuedAt: string;
  /** The invoice that it refers to. */
  readonly invoice: { readonly id: string; readonly number: string; readonly issuedAt: string };
  readonly purchaseOrder?: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly issuer: InvoiceParty;
  readonly customer?: InvoiceParty;
  readonly taxRate?: TaxRate;
  readonly reason?: string;
  /** Without tax. */
  readonly lines: readonly { readonly description: string; readonly amount: Money }[];
  readonly subtotal: Money;
  readonly tax: Money;
  /** What is taken back, tax included. */
  readonly total: Money;
}

/** An invoice of a list. */
export interface InvoiceSummary {
  readonly id: string;
  readonly status: InvoiceStatus;
  /** Of issued ones. */
  readonly number?: string;
  /** Left out of the invoice of a purchase. */
  readonly subscription?: string;
  /** Of a purchase: what was bought. It was paid as it was issued. */
  readonly topUp?: string;
  /** Asked for before its period was over, so that another one follows. Left out of all else. */
  readonly interim?: true;
  readonly purchaseOrder?: string;
  readonly draftedAt: string;
  /** Of drafts: when it is issued by itself. */
  readonly finalizesAt?: string;
  readonly issuedAt?: string;
  readonly dueAt?: string;
  readonly subtotal: Money;
  /** Of drafts, like what follows: left out. */
  readonly tax?: Money;
  readonly total?: Money;
  readonly due?: Money;
}

/** What an invoice comes to. */
export interface InvoiceAmounts {
  readonly subtotal: Money;
  readonly tax: Money;
  readonly total: Money;
  /** What the customer's balance pays of it, at its issue and since; below zero where the invoice adds to it. */
  readonly balanceApplied: Money;
  /** total - balanceApplied. */
  readonly charged: Money;
  readonly paid: Money;
  readonly credited: Money;
  readonly due: Money;
}

/** What keeps a draft from being issued (`tax_unknown`), or what it would be issued without. */
export interface InvoiceWarning {
  readonly code: "tax_unknown" | "issuer_missing" | "customer_missing";
  readonly message: string;
}

/** An invoice in whole. A draft shows what it would come to if it were issued now. */
export interface Invoice extends InvoiceAmounts {
  readonly id: string;
  readonly status: InvoiceStatus;
  readonly number?: string;
  /** Left out of the invoice of a purchase. */
  readonly subscription?: string;
  /** Of a purchase: what was bought. It was paid as it was issued. */
  readonly topUp?: string;
  /** Asked for before its period was over, so that another one follows. Left out of all else. */
  readonly interim?: true;
  readonly purchaseOrder?: string;
  readonly currency: string;
  /** IANA name: where its days are counted. */
  readonly timeZone: string;
  readonly draftedAt: string;
  readonly finalizesAt?: string;
  readonly issuedAt?: string;
  readonly dueAt?: string;
  readonly termsDays: number;
  readonly issuer: InvoiceParty;
  readonly customer?: InvoiceParty;
  readonly taxRate?: TaxRate;
  /** Of a draft: what stands in its way, or what it would lack. Left out where nothing is. */
  readonly warnings?: readonly InvoiceWarning[];
  readonly lines: readonly ExplainedLine[];
  /** By lots, for usage of its period: what was owed or billed drew none. Usage told after the issue is on the next one. */
  readonly creditsDrawn: readonly CreditsDrawn[];
  /** Credits that refunds gave back in the same time. */
  readonly creditsReturned: string;
  /** What these had cost. */
  readonly creditsReturnedWorth: Money;
  readonly payments: readonly InvoicePayment[];
  readonly creditNotes: readonly CreditNote[];
  /** What the customer's balance paid since the issue: in `balanceApplied` already. Left out where it paid nothing. */
  readonly balancePayments?: readonly BalancePayment[];
  /** Why it was voided or given up. */
  readonly reason?: string;
}

/** What a call made of an issued invoice, and what it did. */
export interface InvoiceChange extends InvoiceAmounts {
  readonly id: string;
  readonly status: InvoiceStatus;
  readonly number: string;
  readonly subscription: string;
  /** Asked for before its period was over, so that another one follows. Left out of all else. */
  readonly interim?: true;
  readonly purchaseOrder?: string;
  readonly issuedAt: string;
  readonly dueAt: string;
  /** Where it was issued. */
  readonly lines?: readonly InvoiceLine[];
  readonly payment?: {
    readonly id: string;
    readonly amount: Money;
    readonly fee: Money;
    /** Of the amount, what went to the customer's balance. */
    readonly excess?: Money;
    readonly reference?: string;
  };
  readonly creditNote?: {
    readonly id: string;
    /** In the feed left out where it is given later. */
    readonly number?: string;
    readonly amount: Money;
    readonly tax: Money;
    readonly reason?: string;
  };
  /** Where the customer's balance paid of it. */
  readonly balancePayment?: { readonly amount: Money };
  /** Why it was voided or given up. */
  readonly reason?: string;
  readonly at: Position;
}

/** What the customer's balance paid of an invoice that was issued already. */
export interface BalancePayment {
  readonly at: string;
  readonly amount: Money;
}

/** What is charged and on no invoice yet. */
export interface UpcomingInvoice {
  readonly currency: string;
  readonly lines: readonly ExplainedLine[];
  readonly subtotal: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly balanceApplied: Money;
  readonly charged: Money;
  /** What the vendor owes the customer before it: `balanceApplied` is taken of this. */
  readonly customerBalance: CustomerBalanceAmounts;
  readonly taxRate?: TaxRate;
  /** What would stand in the way of an invoice of it, or what that would lack. Left out where nothing is. */
  readonly warnings?: readonly InvoiceWarning[];
  /** The end of the period, when it is drafted; left out where no subscription lives. */
  readonly draftsAt?: string;
}

/** A page of invoices. */
export interface InvoicePage {
  readonly data: readonly InvoiceSummary[];
  readonly nextCursor?: string;
}

/** Which invoices. */
export interface InvoiceQuery extends PageQuery {
  readonly status?: InvoiceStatus;
}

/** How an invoice is written; left out: by `Accept`, else JSON. */
export interface InvoiceFormatQuery {
  readonly format?: "json" | "csv" | "pdf";
}

/** Which state of an invoice, and how it is written. */
export interface InvoiceReadQuery extends InvoiceFormatQuery {
  /** As it was when it was issued, before payments and credit notes. Left out: as it is now. */
  readonly as?: "issued";
}

/** Money that was received for an invoice. */
export interface PayRequest {
  /** The payment's id, such as the bank's: it is booked once for ever. */
  readonly payment: string;
  /** Left out: all that is due. */
  readonly amount?: Money;
  /** Of the amount, what the payment provider kept. */
  readonly fee?: Money;
  readonly reference?: string;
  /** Whether what is beyond what is due goes to the customer's balance; else such a payment is refused. */
  readonly excessToBalance?: boolean;
}

/** Why an invoice is taken back, or given up. */
export interface CloseInvoiceRequest {
  readonly reason?: string;
}

/** What is taken back of an invoice. */
export interface CreditRequest {
  /** Tax included. */
  readonly amount: Money;
  readonly reason?: string;
}
