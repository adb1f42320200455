import type { Money } from "../amount.ts";

/** Accounts that events of subscriptions and invoices move money between, beside those of lots. */
export type BookingAccount =
  | "Cash"
  | "PaymentFees"
  | "Receivable"
  | "Unbilled"
  | "Deferred:Access"
  | "Deferred:Shortfall"
  | "CustomerBalance"
  | "Tax"
  | "Refunds"
  | "BadDebt"
  | "Shortfall"
  | "Subscription";
/** Money of an event that no lot says of itself. Signs as in FINANCE, section 3: debit positive. */
export interface Booking {
  readonly account: BookingAccount;
  readonly amount: Money;
}
