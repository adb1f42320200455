import type { Money } from "./money.ts";
import type { Position } from "./position.ts";

/** What the vendor owes a customer, beside credits: it pays invoices before money does. */
export interface CustomerBalanceAmounts {
  /** `free` and `waiting`. */
  readonly owed: Money;
  /** Pays open invoices, oldest first, and later ones as they are issued; or is paid out. */
  readonly free: Money;
  /** Given back on lines whose invoice is not issued yet: without tax until then, and used for that invoice first. */
  readonly waiting: Money;
}

/** The customer's balance as it stands. */
export interface CustomerBalance extends CustomerBalanceAmounts {
  readonly asOf: string;
  readonly at: Position;
}

/** Money that goes to the customer. */
export interface PayoutRequest {
  /** Left out: all that is free. */
  readonly amount?: Money;
  /** Such as the bank transfer's. */
  readonly reference?: string;
  /** Default now. */
  readonly occurredAt?: string;
}

/** What was paid out of a customer's balance. */
export interface Payout {
  readonly id: string;
  readonly amount: Money;
  readonly reference?: string;
  readonly occurredAt: string;
  /** What is free still. */
  readonly free: Money;
  readonly at: Position;
}
