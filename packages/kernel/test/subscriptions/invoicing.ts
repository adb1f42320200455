/** Commands of invoices in short, with the defaults that most lives want. */
import assert from "node:assert/strict";
import {
  type Command,
  type FinalizeInvoice,
  type IssuedInvoice,
  type PayInvoice,
  money,
} from "@cistern/kernel";
import type { Life } from "./life.ts";

export const finalize = (invoice: string, given: Partial<FinalizeInvoice> = {}): Command => ({
  kind: "finalizeInvoice",
  invoice,
  number: `R-${invoice}`,
  taxBps: 0,
  termsDays: 14,
  purchaseOrder: null,
  ...given,
});

/** Books money for an invoice; null: all that is due. */
export const pay = (
  invoice: string,
  payment: string,
  amount: bigint | null = null,
  given: Partial<PayInvoice> = {},
): Command => ({
  kind: "payInvoice",
  invoice,
  payment,
  amount: amount === null ? null : money(amount),
  currency: null,
  fee: money(0n),
  reference: null,
  ...given,
});

export const close = (invoice: string, status: "void" | "uncollectible" = "void"): Command => ({
  kind: "voidInvoice",
  invoice,
  status,
  reason: null,
});

export const credit = (invoice: string, amount: bigint): Command => ({
  kind: "creditInvoice",
  creditNote: "crn_1",
  number: "C-1",
  invoice,
  amount: money(amount),
  currency: null,
  reason: null,
});

/** An invoice of a life, which is no draft any more. */
export function issued(life: Life, id: string): IssuedInvoice {
  const found = life.journal.state.invoices.invoices.get(id);
  assert(found !== undefined && found.status !== "draft");
  return found;
}
