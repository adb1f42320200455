import type { Money } from "../amount.ts";
import type { Instant } from "../instant.ts";

/** What a line is for. */
export type LineKind = "base_fee" | "seats" | "unused_time" | "remaining_time" | "usage" | "other";

/** A part of a period, as it was counted: seconds, or days. */
export interface Fraction {
  readonly part: bigint;
  readonly whole: bigint;
}

/** One line of an invoice: rounded once (R1), whatever is added to it. */
export interface Line {
  /** Ascending in its workspace. */
  readonly id: string;
  readonly kind: LineKind;
  /** What it is about: a plan, a meter. */
  readonly about: string;
  /** The service, half-open. */
  readonly from: Instant;
  readonly to: Instant;
  readonly quantity: bigint;
  /** Price of one for a whole period. */
  readonly unitPrice: Money;
  /** Of a period; null for the whole. */
  readonly fraction: Fraction | null;
  readonly amount: Money;
  /** Where it stands until it is invoiced: owed by the customer, owed for usage not yet invoiced, or to the customer's credit. */
  readonly account: "Receivable" | "Unbilled" | "CustomerBalance";
}
