/** Owns how what happened to an invoice is told with it: its payments, its credit notes, and why it was closed. */
import {
  type BalancePayment,
  type CreditNote,
  type Invoice,
  type InvoicePayment,
  type Money,
  printInstant,
} from "@cistern/contract";
import type { InvoiceEntry } from "../../projections/index.ts";
import { moneyBody } from "./subscription.ts";

/** What happened, in its order; `noteNumbers`: those of credit notes that got theirs after they were issued. */
export function happenedBody(
  entries: readonly InvoiceEntry[],
  currency: string,
  noteNumbers: ReadonlyMap<string, string>,
): Pick<Invoice, "payments" | "creditNotes" | "balancePayments" | "reason"> {
  const money = (amount: bigint): Money => moneyBody(amount, currency);
  const payments: InvoicePayment[] = [];
  const creditNotes: CreditNote[] = [];
  const balancePayments: BalancePayment[] = [];
  let reason: string | null = null;
  for (const entry of entries) {
    const at = printInstant(entry.at);
    switch (entry.kind) {
      case "invoice.finalized":
        break;
      case "invoice.paid":
        payments.push({
          id: entry.payment,
          at,
          amount: money(entry.amount),
          fee: money(entry.fee),
          ...(entry.excess === undefined ? {} : { excess: money(entry.excess) }),
          ...(entry.reference === null ? {} : { reference: entry.reference }),
        });
        break;
      case "invoice.voided":
      case "invoice.uncollectible":
        ({ reason } = entry);
        break;
      case "credit_note.issued":
        creditNotes.push({
          id: entry.creditNote,
          number: entry.number ?? noteNumbers.get(entry.creditNote) ?? "",
          at,
          amount: money(entry.amount),
          tax: money(entry.tax),
          ...(entry.reason === null ? {} : { reason: entry.reason }),
        });
        break;
      case "balance.applied":
        balancePayments.push({ at, amount: money(entry.amount) });
        break;
    }
  }
  return {
    payments,
    creditNotes,
    ...(balancePayments.length === 0 ? {} : { balancePayments }),
    ...(reason === null ? {} : { reason }),
  };
}
