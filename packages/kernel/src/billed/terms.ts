/** Owns what a plan says of usage that no lot pays. */
import type { Credits, Money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Accrual } from "../invoices/line.ts";
import type { UnitPrice } from "../pricing/unit-price.ts";
import type { TrueUp } from "./committed-term.ts";

/** One line of an invoice that usage adds to: the price of credits, of one meter or of all that no other line names. */
export interface BilledLine {
  /** `usage`: what the plan sells. `overage`: what goes beyond what it includes. */
  readonly kind: "usage" | "overage";
  readonly meter: string | null;
  /** Of micro-credits; minor units. */
  readonly price: UnitPrice;
  /** It is not the price of the list. */
  readonly isNegotiated?: true;
}

/** What a plan says of usage past the pool; the workspace's own setting wins (RULES 6). */
export type PlanOverage =
  | { readonly kind: "deny" }
  | { readonly kind: "debt"; readonly limit: Credits }
  | {
      readonly kind: "bill";
      readonly lines: readonly BilledLine[];
      /** Holds are refused past so much of a period; usage that happened is billed all the same. null: no such bound. */
      readonly spendCap: Money | null;
    };

/** The line for a meter: its own, or that of all others. */
export const lineOf = (
  lines: readonly BilledLine[],
  meter: string | null,
): BilledLine | undefined =>
  (meter === null ? undefined : lines.find((line) => line.meter === meter)) ??
  lines.find((line) => line.meter === null);

/** What an event says of usage that it billed, or (below zero) gave back. */
export interface BilledUsage {
  /** Micro-credits; below zero of a refund. */
  readonly credits: bigint;
  readonly line: BilledLine;
  readonly accrual: Accrual;
  /** What it changes of a commitment, where its period was over; left out of all else. */
  readonly trueUp?: TrueUp;
}

/** The line that a hold would be billed on, fixed when it is authorized. */
export interface PinnedLine {
  /** Of what was billed by line and period. */
  readonly key: string;
  readonly line: BilledLine;
  /** Where its first stretch begins. */
  readonly from: Instant;
  /** The end of its period. */
  readonly to: Instant;
}
