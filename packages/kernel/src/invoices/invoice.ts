import type { Money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Line } from "./line.ts";

/** What is gathered for a customer and not yet issued. */
export interface DraftInvoice {
  readonly status: "draft";
  readonly id: string;
  readonly subscription: string;
  readonly draftedAt: Instant;
  /** From then on it can be issued. */
  readonly finalizesAt: Instant;
  /** Asked for before its period was over: another one follows. Left out of all else. */
  readonly isInterim?: true;
  readonly lines: readonly Line[];
}

/** What was issued; its lines stand in the event that issued it, and never change. */
export interface IssuedInvoice {
  /** `paid`: nothing is due any more. */
  readonly status: "finalized" | "paid" | "void" | "uncollectible";
  readonly id: string;
  /** null: of a purchase. */
  readonly subscription: string | null;
  /** What was bought, where it is the invoice of a purchase. Left out of all else. */
  readonly topUp?: string;
  /** Sequential by issuer. null: of a purchase; whoever keeps the numbers gives it one, by its id. */
  readonly number: string | null;
  /** As its draft says. */
  readonly isInterim?: true;
  /** The customer's own word for the order. */
  readonly purchaseOrder: string | null;
  readonly issuedAt: Instant;
  readonly dueAt: Instant;
  readonly subtotal: Money;
  readonly tax: Money;
  /** subtotal + tax. */
  readonly total: Money;
  /** What the customer's balance paid of it, at its issue and since; below zero where the invoice added to it. */
  readonly balanceApplied: Money;
  /** total - balanceApplied: to pay in money. */
  readonly charged: Money;
  readonly paid: Money;
  /** Taken back by credit notes. */
  readonly credited: Money;
}

/** An invoice in any state. */
export type Invoice = DraftInvoice | IssuedInvoice;

/** The tax in so much of an invoice, by the series R2. */
export const taxOf = ({ tax, total }: IssuedInvoice, amount: bigint): bigint =>
  total === 0n ? 0n : (2n * tax * amount + total) / (2n * total);

/** Left to pay. */
export const dueOn = ({ charged, paid, credited, status }: IssuedInvoice): bigint =>
  status === "void" || status === "uncollectible" ? 0n : charged - paid - credited;
