import type { Credits, Money } from "../amount.ts";
import type { Cadence, Instant } from "../instant.ts";
import type { PricedStep } from "../pricing/price-steps.ts";
import type { UnitPrice } from "../pricing/unit-price.ts";

/** What a line is for. */
export type LineKind =
  | "base_fee"
  | "seats"
  | "reserved_capacity"
  | "unused_time"
  | "remaining_time"
  | "used_credits"
  | "usage"
  | "overage"
  | "shortfall"
  | "shortfall_used"
  | "prepayment"
  | "allowance"
  | "past_allowance"
  | "outcome"
  | "outcome_reversed"
  | "purchase"
  | "other";

/** A part of a period, as it was counted: seconds, or days. */
export interface Fraction {
  readonly part: bigint;
  readonly whole: bigint;
}

/** What a line counts that is of an allowance. */
export interface LineUnit {
  readonly bucket: string;
  readonly isLevel?: true;
}

/** What an amount comes of, beside quantity and prices: kept so that the line explains itself. Each is left out where nothing is to be said. */
export interface LineGrounds {
  /** Of outcomes, how many (in basis points of one) stand at which price. */
  readonly steps?: readonly PricedStep[];
  /** Of usage and outcomes that go on from what an earlier invoice has: so many micro-credits (basis points of one outcome) came before. */
  readonly since?: bigint;
  /** Of credits that are gone: what the plan's lots cost, and how many credits they had. */
  readonly basis?: { readonly cost: Money; readonly credits: Credits };
  /** Of a shortfall: what was to be reached by then, and what was. Of one that is used up: of what earlier periods were charged, too. */
  readonly committed?: {
    readonly minimum: Money;
    readonly reached: Money;
    readonly carried?: Money;
  };
  /** Of a purchase: credits that came with it, bonus included. */
  readonly credits?: Credits;
  /** Of a part of a period: the fee that it is a part of. */
  readonly fee?: "base_fee" | "seats" | "reserved_capacity";
  /** Of a fee: how long the period is that it is for. */
  readonly per?: Cadence;
}

/** One line of an invoice: rounded once (R1), whatever is added to it. */
export interface Line extends LineGrounds {
  /** Ascending in its workspace. */
  readonly id: string;
  readonly kind: LineKind;
  /** What it is about: a plan, a meter. */
  readonly about: string;
  /** The service, half-open. */
  readonly from: Instant;
  readonly to: Instant;
  readonly quantity: bigint;
  /** Price of one for a whole period; null where it is not one number (tiers). */
  readonly unitPrice: Money | null;
  /** Of usage, in steps or by the package: what its quantity (micro-credits) costs in all. Left out where `unitPrice` says it. */
  readonly price?: UnitPrice;
  /** What is prepaid: what it is worth by the list. Left out of all else. */
  readonly list?: Money;
  /** Its price was negotiated with this customer. Left out: it is that of the list. */
  readonly isNegotiated?: true;
  /** Of an allowance: what its quantity counts; of a level by the millisecond. Left out of all else. */
  readonly unit?: LineUnit;
  /** Of a period; null for the whole. */
  readonly fraction: Fraction | null;
  readonly amount: Money;
  /** Where it stands until it is invoiced: owed by the customer, owed for usage not yet invoiced, or to the customer's credit. */
  readonly account: "Receivable" | "Unbilled" | "CustomerBalance";
  /** What usage of the same period adds to this line; null: nothing does. */
  readonly key: string | null;
}

/** Whether a line is of what a commitment adds to usage, or takes off it: one amount, that is corrected as a whole. */
export const isOfCommitment = (kind: LineKind): boolean =>
  kind === "shortfall" || kind === "shortfall_used";

/** What a line gives back to the customer's balance, without tax. */
export const creditOn = (line: Line | undefined): bigint =>
  line?.account === "CustomerBalance" ? -line.amount : 0n;

/** What lines give back to it. */
export const creditOf = (lines: readonly Line[]): bigint =>
  lines.reduce((sum, line) => sum + creditOn(line), 0n);

/** What usage adds to the line of its key in the period: one line, however many events. Amounts are differences (RULES 17). */
export interface Accrual extends LineGrounds {
  /** The line's id: of the pending line with this key, or a new one. */
  readonly line: string;
  readonly key: string;
  /** The draft that the line stands on: its period is over and it is not issued yet. Left out where the line waits for one. */
  readonly invoice?: string;
  readonly kind: LineKind;
  readonly about: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly unitPrice: Money | null;
  readonly price?: UnitPrice;
  readonly unit?: LineUnit;
  readonly isNegotiated?: true;
  readonly quantity: bigint;
  readonly amount: Money;
}
