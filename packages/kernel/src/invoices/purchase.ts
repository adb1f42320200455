/**
 * Owns the invoice of what was bought with a top-up (docs/decisions/0035): it is issued when the payment came, and is paid.
 *
 * P1 it books nothing: the top-up's own event has posted cash, tax and what is owed for it. P2 money that goes back of what was
 * bought is a credit note on it, never more than it came to in all. P3 it has no number until it is durable, as its payment
 * may still be refused.
 */
import { type Money, money, noMoney } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Lot } from "../pool/lot.ts";
import type { State } from "../state/state.ts";
import type { TopUp } from "../topups/top-up.ts";
import type { InvoiceNote, PurchaseInvoiced } from "./events.ts";
import { numbered } from "./gather.ts";

/** The invoice of a top-up, known before it is paid. */
export const purchaseIdOf = ({ id }: Pick<TopUp, "id">): string => `inv_${id.slice(4)}`;

/** The invoice of a top-up that is paid now. */
export function purchaseOf(
  { invoices }: State,
  topUp: TopUp,
  { tax, at }: { readonly tax: Money; readonly at: Instant },
): PurchaseInvoiced {
  const { pack, quantity, amount, credits } = topUp;
  const total = money(amount + tax);
  return {
    invoice: {
      status: "paid",
      id: purchaseIdOf(topUp),
      subscription: null,
      topUp: topUp.id,
      number: null,
      purchaseOrder: null,
      issuedAt: at,
      dueAt: at,
      subtotal: amount,
      tax,
      total,
      balanceApplied: noMoney,
      charged: total,
      paid: total,
      credited: noMoney,
    },
    lines: numbered(invoices, [
      {
        kind: "purchase",
        about: pack.name,
        from: at,
        to: at,
        quantity: BigInt(quantity),
        unitPrice: pack.price,
        credits,
        fraction: null,
        amount,
        account: "Receivable",
        key: null,
      },
    ]),
  };
}

/** The credit note of money that goes back for lots (P2); undefined where they were not bought with a top-up that has an invoice. */
export function noteOnPurchase(
  { invoices }: State,
  lot: Pick<Lot, "invoiced">,
  {
    creditNote,
    back,
    tax,
  }: { readonly creditNote: string; readonly back: bigint; readonly tax: bigint },
): InvoiceNote | undefined {
  const invoice = invoices.invoices.get(lot.invoiced?.invoice ?? "");
  if (invoice === undefined || invoice.status === "draft" || invoice.topUp === undefined)
    return undefined;
  const amount = money(back + tax);
  if (amount === 0n) return undefined;
  const credited = money(invoice.credited + amount);
  return { creditNote, invoice: { ...invoice, credited }, amount, tax: money(tax) };
}
