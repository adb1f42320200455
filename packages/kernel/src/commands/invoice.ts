/**
 * Owns what happens to an invoice once it is drafted: it is issued, paid, credited, voided or given up. An issued invoice never
 * changes; what is wrong with it is put right by a credit note.
 */
import { type Money, money, noMoney } from "../amount.ts";
import { type Decision, accept, reject } from "../decision.ts";
import { type Instant, after } from "../instant.ts";
import { usableBy } from "../invoices/customer-balance.ts";
import { type IssuedInvoice, dueOn, taxOf } from "../invoices/invoice.ts";
import { issue, posted } from "../invoices/issue.ts";
import { takenBack } from "../invoices/take-back.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Issues a draft. */
export interface FinalizeInvoice {
  readonly kind: "finalizeInvoice";
  readonly invoice: string;
  /** Sequential by issuer; given out for this invoice alone. */
  readonly number: string;
  /** Basis points of the subtotal; 0 for none. */
  readonly taxBps: number;
  /** Days to pay. */
  readonly termsDays: number;
  readonly purchaseOrder: string | null;
}

/** Books money received for an invoice; null: all that is due. */
export interface PayInvoice {
  readonly kind: "payInvoice";
  readonly invoice: string;
  readonly payment: string;
  readonly amount: Money | null;
  readonly currency: string | null;
  readonly fee: Money;
  readonly reference: string | null;
  /** What is beyond what is due goes to the customer's balance. Left out: such a payment is refused. */
  readonly excessToBalance?: boolean;
}

/** Takes an unpaid invoice back, or gives up on what is due. */
export interface VoidInvoice {
  readonly kind: "voidInvoice";
  readonly invoice: string;
  readonly status: "void" | "uncollectible";
  readonly reason: string | null;
}

/** Takes a part of an issued invoice back, tax included. */
export interface CreditInvoice {
  readonly kind: "creditInvoice";
  readonly creditNote: string;
  /** null: it gets one when it is durable, since a credit that is refused must not use up a number. */
  readonly number: string | null;
  readonly invoice: string;
  readonly amount: Money;
  readonly currency: string | null;
  readonly reason: string | null;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Issues a draft under its number. */
export function finalizeInvoice(state: State, command: FinalizeInvoice, at: Instant): Decision {
  const draft = state.invoices.invoices.get(command.invoice);
  if (draft === undefined) return reject({ code: "unknown_invoice", invoice: command.invoice });
  if (draft.status !== "draft") return reject(wrongStatus(draft));
  const { invoice, booked } = issue(draft, usableBy(state.invoices, draft.lines), {
    number: command.number,
    taxBps: command.taxBps,
    issuedAt: at,
    dueAt: after(at, command.termsDays * dayMs),
    purchaseOrder: command.purchaseOrder,
  });
  const { taxBps } = command;
  return accept({ kind: "invoice.finalized", at, invoice, taxBps, lines: draft.lines, booked });
}

/** Books money that was received for an invoice. One payment id counts once for ever. */
export function payInvoice(state: State, command: PayInvoice, at: Instant): Decision {
  const found = issuedOf(state, command.invoice);
  if ("code" in found) return reject(found);
  const known = state.invoices.payments.get(command.payment);
  if (known !== undefined)
    return reject({ code: "payment_known", payment: command.payment, invoice: known.invoice });
  const topUp = state.topUps.payments.get(command.payment)?.topUp;
  if (topUp !== undefined)
    return reject({ code: "payment_known", payment: command.payment, invoice: null, topUp });
  const wrong = wrongMoney(state, command);
  if (wrong !== undefined) return reject(wrong);
  const { payment, fee, excessToBalance = false } = command;
  const isOpen = found.status === "finalized" || found.status === "uncollectible";
  const takesExcess = excessToBalance && found.status === "paid" && found.topUp === undefined;
  if (!isOpen && !takesExcess) return reject(wrongStatus(found));
  const due = isOpen ? money(found.charged - found.paid - found.credited) : noMoney;
  const amount = command.amount ?? due;
  if (amount <= 0n || (amount > due && !excessToBalance))
    return reject({ code: "payment_exceeds_due", invoice: found.id, due });
  if (fee > amount) return reject(feeAbove(amount));
  const wasGivenUp = found.status === "uncollectible";
  const off = amount < due ? amount : due;
  const excess = money(amount - off);
  const paid = money(found.paid + off);
  const invoice: IssuedInvoice = {
    ...found,
    paid,
    status: paid + found.credited === found.charged ? "paid" : found.status,
  };
  return accept({
    kind: "invoice.paid",
    at,
    invoice,
    payment,
    amount,
    fee,
    ...(excess === 0n ? {} : { excess }),
    reference: command.reference,
    booked: posted({
      Cash: amount - fee,
      PaymentFees: fee,
      // What was given up is no receivable any more: the loss was smaller.
      ...(wasGivenUp ? { BadDebt: -off } : { Receivable: -off }),
      CustomerBalance: -excess,
    }),
  });
}

/** A provider keeps a part of what came in. */
export const feeAbove = (most: bigint): Rejection => ({
  code: "invalid_request",
  field: "fee",
  reason: `A fee is a part of what was received: at most ${most} minor units.`,
});

/** Takes an invoice back before anything was paid, or gives up on what is due. */
export function voidInvoice(state: State, command: VoidInvoice, at: Instant): Decision {
  const found = issuedOf(state, command.invoice);
  if ("code" in found) return reject(found);
  const { status, reason } = command;
  const lines = state.invoices.issuedLines.get(found.id)?.lines;
  if (found.status !== "finalized") return reject(wrongStatus(found));
  if (status === "uncollectible") {
    // Tax of what is only given up is owed to the state until the state says otherwise.
    const due = dueOn(found);
    const booked = posted({ Receivable: -due, BadDebt: due });
    return accept({
      kind: "invoice.uncollectible",
      at,
      invoice: { ...found, status },
      reason,
      booked,
    });
  }
  if (found.paid > 0n || lines === undefined) return reject(wrongStatus(found));
  const { waiting, booked } = takenBack(state.invoices, found, lines, at);
  const invoice: IssuedInvoice = { ...found, status };
  return accept({ kind: "invoice.voided", at, invoice, reason, booked, waiting });
}

/** Takes an amount of an issued invoice back: off what is due, and beyond that to the customer's balance. */
export function creditInvoice(state: State, command: CreditInvoice, at: Instant): Decision {
  const found = issuedOf(state, command.invoice);
  if ("code" in found) return reject(found);
  const wrong = wrongMoney(state, { ...command, fee: command.amount });
  if (wrong !== undefined) return reject(wrong);
  if (found.topUp !== undefined) return reject(ofPurchase);
  if (found.status !== "finalized" && found.status !== "paid") return reject(wrongStatus(found));
  const left = found.total - found.credited;
  if (command.amount <= 0n || command.amount > left)
    return reject({
      code: "credit_exceeds_invoice",
      invoice: found.id,
      left: money(left > 0n ? left : 0n),
    });
  const credited = money(found.credited + command.amount);
  const due = dueOn(found);
  const off = command.amount < due ? command.amount : due > 0n ? due : 0n;
  const tax = taxOf(found, credited) - taxOf(found, found.credited);
  const isPaid = found.paid + credited >= found.charged;
  return accept({
    kind: "credit_note.issued",
    at,
    creditNote: command.creditNote,
    number: command.number,
    invoice: { ...found, credited, status: isPaid ? "paid" : found.status },
    amount: command.amount,
    tax: money(tax),
    reason: command.reason,
    booked: posted({
      Refunds: command.amount - tax,
      Tax: tax,
      Receivable: -off,
      CustomerBalance: -(command.amount - off),
    }),
  });
}

const ofPurchase = {
  code: "invalid_request",
  field: "invoice",
  reason:
    "It is of a purchase: repay the grant that was bought, and a credit note comes with the money.",
} as const;

function issuedOf(state: State, id: string): IssuedInvoice | Rejection {
  const found = state.invoices.invoices.get(id);
  if (found === undefined) return { code: "unknown_invoice", invoice: id };
  if (found.status === "draft") return wrongStatus(found);
  return found;
}

const wrongStatus = ({
  id,
  status,
}: {
  readonly id: string;
  readonly status: "draft" | IssuedInvoice["status"];
}): Rejection => ({ code: "invoice_status", invoice: id, status });

function wrongMoney(
  state: State,
  { currency, fee }: { readonly currency: string | null; readonly fee: bigint },
): Rejection | undefined {
  const expected = workspaceOf(state)?.currency ?? "";
  if (currency !== null && currency !== expected)
    return { code: "currency_mismatch", given: currency, expected };
  if (fee < 0n) return { code: "invalid_request", field: "fee", reason: "A fee is not negative." };
  return undefined;
}
