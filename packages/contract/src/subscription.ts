import type { Money } from "./money.ts";
import type { NegotiatedPrices } from "./negotiated-prices.ts";
import type { Position } from "./position.ts";

/** Terms to have: a plan, seats, or both. */
export interface SubscriptionRequest {
  /** The name of a plan of the catalog, instead of what runs and of what is planned; left out: both stay. */
  readonly plan?: string;
  /** Left out: as they are, and as they are planned; of a new plan as many as it has at least. */
  readonly seats?: number;
  /** Default: at once what costs as much or more, and the rest at the end of the period. */
  readonly change?: "now" | "period_end";
  /** The end of the period that runs, for a change that waits for it and for no other; any other instant is refused, the past above all. */
  readonly effectiveAt?: string;
  /** Pin the plan's newest version, where the workspace is on an older one of the same name. Without `plan` what is planned stays. */
  readonly repin?: boolean;
  /** Prices of this customer over the plan's version, or several that follow each other; null goes back to the list. Left out: what was negotiated stays with its plan. */
  readonly negotiated?: NegotiatedPrices | readonly NegotiatedPrices[] | null;
}

/** When a subscription ends: with its period (the default), or now, with the rest of the period given back. */
export interface CancelRequest {
  readonly when?: "now" | "period_end";
}

/** A number of seats. */
export interface SeatsRequest {
  readonly seats: number;
  readonly change?: "now" | "period_end";
}

/** A line of an invoice: rounded once. */
export interface InvoiceLine {
  readonly id: string;
  readonly kind:
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
  /** The plan, meter or outcome that it is for. */
  readonly about: string;
  readonly from: string;
  readonly to: string;
  readonly quantity: string;
  /** What the quantity counts: `credits`, `seats`, `months`, `outcomes`; of an allowance the meter's own, such as `calls`, or `stored_gib hours`. */
  readonly unit: string;
  /** The price is not that of the list: it was negotiated with this customer. */
  readonly negotiated?: true;
  /** Of one, for a whole period; left out where it is not one number. */
  readonly unitPrice?: Money;
  /** What is prepaid: what it is worth by the list. */
  readonly list?: Money;
  /** Of a period: `{ part: "1728000000", whole: "2592000000" }` in milliseconds, or in days. */
  readonly fraction?: { readonly part: string; readonly whole: string };
  /** Below zero where something is given back. */
  readonly amount: Money;
}

/** A period, half-open. */
export interface BillingPeriod {
  readonly start: string;
  readonly end: string;
}

/** Units of a meter's bucket that cost no credits; of a level: times hours. */
export interface IncludedUnits {
  readonly meter: string;
  readonly bucket: string;
  readonly included: string;
}

/** The plan that a workspace is on. */
export interface Subscription {
  readonly id: string;
  readonly plan: string;
  /** The version that was pinned; a later catalog does not change it. */
  readonly planVersion: string;
  /** What of it was negotiated, and holds in this period. */
  readonly negotiated?: NegotiatedPrices;
  /** What was negotiated for later, in its order. */
  readonly negotiatedLater?: readonly NegotiatedPrices[];
  readonly status: "trialing" | "active" | "paused" | "ended";
  readonly seats: number;
  readonly startedAt: string;
  readonly period: BillingPeriod;
  /** What the end of the period brings. */
  readonly atEnd: "renew" | "pause" | "end";
  /** What the next period begins with, where that is something else. */
  readonly next?: { readonly plan: string; readonly planVersion: string; readonly seats: number };
  /** The plan that follows this one, when so many whole periods of this one have begun after the running one. */
  readonly followedBy?: {
    readonly plan: string;
    readonly planVersion: string;
    readonly after: number;
  };
  /** Credits that a whole period includes. */
  readonly includedCredits: string;
  /** The term of what is prepaid that runs: 1 is the first; so many periods of it follow the one that runs. `credits` were bought for it. */
  readonly prepaid?: {
    readonly term: number;
    readonly periodsLeft: number;
    readonly credits: string;
  };
  /** Of shortfalls that were charged in the term, what usage above the minimum of later periods may still use up; left out where nothing is. */
  readonly shortfallKept?: Money;
  /** Units that this span includes as it stands, seats and prorated changes counted in. */
  readonly allowances?: readonly IncludedUnits[];
  readonly at: Position;
}

/** What a change comes to: the same in a preview as in the act. */
export interface SubscriptionChange {
  readonly subscription: Subscription;
  /** Charged, or given back, by this. */
  readonly lines: readonly InvoiceLine[];
  /** The sum of the lines. */
  readonly amount: Money;
  /** Credits granted by this. */
  readonly credits: string;
  /** Unused credits of the plan that are taken back, now. Left out where there are none. */
  readonly creditsTaken?: string;
  /** The plan begins with a trial that this workspace has had before, so a paid period has begun. */
  readonly trialUsed?: true;
  /** Credits that calls in flight hold and that are taken when they return; `upTo` is credited if all do. Left out where there are none. */
  readonly heldCredits?: { readonly credits: string; readonly upTo: Money };
}
