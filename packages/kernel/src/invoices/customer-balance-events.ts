import type { Money } from "../amount.ts";
import type { Fact } from "../fact.ts";
import type { Instant } from "../instant.ts";
import type { Booking } from "./booking.ts";
import type { IssuedInvoice } from "./invoice.ts";

/** What the vendor owes the customer paid of an invoice that was open already; by itself. */
export interface BalanceApplied extends Fact<"balance.applied"> {
  /** As this leaves it. */
  readonly invoice: IssuedInvoice;
  readonly amount: Money;
  readonly booked: readonly Booking[];
}

/** What the vendor owed the customer was paid out. */
export interface BalancePaidOut extends Fact<"balance.paid_out"> {
  readonly payout: string;
  readonly amount: Money;
  readonly occurredAt: Instant;
  readonly reference: string | null;
  /** What may be used still. */
  readonly free: Money;
  readonly booked: readonly Booking[];
}
