import type { PoolBalance } from "./hold.ts";
import type { Money } from "./money.ts";
import type { Position } from "./position.ts";

/** Money to pay back for a grant: for unused credits, or goodwill. Left out, for all that are available. */
export interface RepaymentRequest {
  readonly credits?: string;
  /** For what was used: no credits are taken back. */
  readonly goodwill?: Money;
  /** Default now. */
  readonly occurredAt?: string;
  readonly reason?: string;
}

/** Money that was paid back. */
export interface Repayment {
  readonly id: string;
  readonly grant: string;
  /** Taken back for it. */
  readonly credits: string;
  /** Paid back, without tax. */
  readonly money: Money;
  /** The tax that went back with it. */
  readonly tax?: Money;
  readonly goodwill?: boolean;
  /** Of money and tax, what had never been paid: less is owed, and no cash leaves. Left out where all was paid. */
  readonly unpaid?: Money;
  /** The credit note by which it came off an issued invoice, or that of the purchase whose money went back. */
  readonly creditNote?: string;
  readonly occurredAt: string;
  readonly reason?: string;
  readonly balance: PoolBalance;
  readonly at: Position;
}

/** A bank took back what was paid for a grant. */
export interface ChargebackRequest {
  /** What the bank charges for the dispute; default nothing. */
  readonly fee?: Money;
  /** Default now. */
  readonly occurredAt?: string;
  readonly reason?: string;
}

/** What was taken back. */
export interface Chargeback {
  readonly id: string;
  readonly grant: string;
  /** The grant, its bonus, and grants that their credits moved on to. */
  readonly grants: readonly string[];
  /** Taken back, without tax and fee. */
  readonly money: Money;
  readonly tax?: Money;
  readonly fee?: Money;
  /** The credit note on the invoice of the purchase. Left out where there is none. */
  readonly creditNote?: string;
  readonly occurredAt: string;
  readonly reason?: string;
  readonly balance: PoolBalance;
  readonly at: Position;
}

/** An estimate of what is never used; null for none. */
export interface BreakageRequest {
  readonly breakageBps: number | null;
}
