/**
 * Owns what of money that goes back was never paid: it lessens what is owed, and leaves no till.
 *
 * U1 of a grant that somebody else invoiced all is unpaid, since no payment of it is ever booked. U2 of a plan's credits what goes
 * back comes off what is due of the invoice that they came on, tax in proportion, as a credit note; only beyond that is it paid
 * back. U3 while that invoice is a draft it is a line of it; where there is none yet, or it is void, of the next one.
 */
import { type Money, money } from "../amount.ts";
import type { Unpaid } from "./events.ts";
import type { Instant } from "../instant.ts";
import type { Lot } from "../pool/lot.ts";
import { half } from "../rounding.ts";
import type { State } from "../state/state.ts";
import { numbered } from "./gather.ts";
import { type IssuedInvoice, taxOf } from "./invoice.ts";

/** Money that goes back for a lot. */
export interface GoingBack {
  /** Without tax. */
  readonly back: Money;
  /** Tax of the lot. */
  readonly tax: Money;
  /** The id of a credit note, should there be one. */
  readonly creditNote: string;
  readonly at: Instant;
}

/** What of it was never paid; undefined where all of it was. */
export function unpaidOf(
  { invoices }: State,
  { invoiced }: Lot,
  { back, tax, creditNote, at }: GoingBack,
): Unpaid | undefined {
  if (invoiced === undefined) return undefined;
  if (invoiced.invoice === null) return { account: "Receivable", amount: money(back + tax) };
  const invoice = invoices.invoices.get(invoiced.invoice);
  if (invoice === undefined || invoice.status === "draft" || invoice.status === "void") {
    const line = {
      kind: "other",
      about: "credits given back",
      from: at,
      to: at,
      quantity: -1n,
      unitPrice: null,
      fraction: null,
      amount: money(-back),
      account: "Receivable",
      key: null,
    } as const;
    return {
      account: "Receivable",
      amount: back,
      line: numbered(invoices, [line])[0],
      ...(invoice?.status === "draft" ? { draft: invoice.id } : {}),
    };
  }
  const open = invoice.charged - invoice.paid - invoice.credited;
  if (open <= 0n) return undefined;
  const gross = grossOf(invoice, back, open);
  const noteTax = taxIn(invoice, gross);
  const credited = money(invoice.credited + gross);
  const isPaid = gross === open && invoice.status === "finalized";
  return {
    account: invoice.status === "uncollectible" ? "BadDebt" : "Receivable",
    amount: money(gross - noteTax),
    note: {
      creditNote,
      invoice: { ...invoice, credited, status: isPaid ? "paid" : invoice.status },
      amount: money(gross),
      tax: money(noteTax),
    },
  };
}

/** Tax in the next so much of an invoice that is credited. */
const taxIn = (invoice: IssuedInvoice, gross: bigint): bigint =>
  taxOf(invoice, invoice.credited + gross) - taxOf(invoice, invoice.credited);

/** What has to be credited with tax, for so much without it; no more than is open. */
function grossOf(invoice: IssuedInvoice, back: Money, open: bigint): bigint {
  const net = (gross: bigint): bigint => gross - taxIn(invoice, gross);
  if (net(open) <= back) return open;
  let gross = half(back * invoice.total, invoice.subtotal > 0n ? invoice.subtotal : 1n);
  if (gross > open) gross = open;
  while (net(gross) > back) gross -= 1n;
  while (net(gross) < back) gross += 1n;
  return gross;
}
