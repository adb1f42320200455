// Owns: the reports of a month. Rows are flat, since they may be asked for as CSV too; amounts are exact decimals in the
// currency's own digits, as finance people read them, and not minor units.

/** Which month, of whom. */
export interface ReportQuery {
  /** `YYYY-MM`. */
  readonly month: string;
  /** One workspace; all when left out. */
  readonly workspace?: string;
  /** `csv` for a table. `Accept: text/csv` says the same. */
  readonly format?: "json" | "csv";
}

/** The query of the breakage report. */
export interface BreakageQuery extends ReportQuery {
  /** What was expected to go unused of lots that carry no estimate of their own, in hundredths of a percent; 0 when left out. */
  readonly expectedBps?: number;
}

/** What every report of a month says. */
export interface ReportOfMonth {
  readonly month: string;
  /** `provisional` while a workspace that it is about has not closed the month: what it says may change. */
  readonly status: "closed" | "provisional";
}

/** What stood on each account, what was debited and credited, what stands there then. Debit above zero. */
export interface TrialBalanceRow {
  /** Its name in the chart of accounts; `total` in the last rows, which sum up each commodity. */
  readonly account: string;
  /** `CREDIT`, or a currency. */
  readonly commodity: string;
  readonly opening: string;
  readonly debit: string;
  readonly credit: string;
  readonly closing: string;
}

/** The report. */
export interface TrialBalanceReport extends ReportOfMonth {
  readonly data: readonly TrialBalanceRow[];
}

/** Deferred revenue of each customer: opening + billed - recognised - refunded + moved = closing. */
export interface RollForwardRow {
  readonly workspace: string;
  readonly currency: string;
  readonly opening: string;
  readonly billed: string;
  readonly recognised: string;
  readonly refunded: string;
  /** From compensation, or to unclaimed property. */
  readonly moved: string;
  readonly closing: string;
}

/** The report. */
export interface RollForwardReport extends ReportOfMonth {
  readonly data: readonly RollForwardRow[];
}

/** Revenue by kind; what takes it back is below zero. */
export interface RevenueRow {
  readonly kind: string;
  readonly currency: string;
  readonly amount: string;
}

/** The report. */
export interface RevenueReport extends ReportOfMonth {
  readonly data: readonly RevenueRow[];
}

/** What each customer owes that no invoice has yet. */
export interface UnbilledRow {
  readonly workspace: string;
  readonly currency: string;
  readonly opening: string;
  readonly accrued: string;
  readonly billed: string;
  readonly closing: string;
}

/** The report. */
export interface UnbilledReport extends ReportOfMonth {
  readonly data: readonly UnbilledRow[];
}

/** A lot that has credits, or money not recognised, at the end of the month. */
export interface CreditsOutstandingRow {
  readonly workspace: string;
  readonly grant: string;
  /** The day of its first posting. */
  readonly since: string;
  /** Days from then to the end of the month. */
  readonly ageDays: number;
  readonly credits: string;
  /** Empty where the lot has no cost. */
  readonly currency: string;
  readonly deferred: string;
}

/** The report. */
export interface CreditsOutstandingReport extends ReportOfMonth {
  readonly data: readonly CreditsOutstandingRow[];
}

/** What was estimated to go unused of the money of lots, against what did; each lot by its own estimate (`breakageBps`) where it has one. */
export interface BreakageRow {
  readonly currency: string;
  /** The month, or all until its end. */
  readonly span: "month" | "to_date";
  /** Money of lots that was recognised, as usage or as breakage. */
  readonly recognised: string;
  readonly breakage: string;
  readonly estimated: string;
  readonly difference: string;
}

/** The report. */
export interface BreakageReport extends ReportOfMonth {
  readonly data: readonly BreakageRow[];
}

/** Of which days, by what. */
export interface CostAllocationQuery {
  /** First day, `YYYY-MM-DD`, in the workspace's zone. */
  readonly from: string;
  /** Last day, included. */
  readonly to: string;
  readonly by: "member" | "group" | "project" | "meter" | "key";
  /** `csv` for a table. `Accept: text/csv` says the same. */
  readonly format?: "json" | "csv";
}

/** What one of them used and cost, with its share of what went unused. */
export interface CostAllocationRow {
  /** Empty for uses that have none, and for what nobody used. */
  readonly of: string;
  readonly currency: string;
  readonly credits: string;
  /** Money of the very lots that paid. */
  readonly lots: string;
  /** Money on the bill: usage past the pool. */
  readonly billed: string;
  /** Its share of the credits that expired, or were revoked and not paid back. */
  readonly unusedCredits: string;
  readonly unused: string;
  /** lots + billed + unused. */
  readonly total: string;
}

/** The allocation. */
export interface CostAllocation {
  readonly from: string;
  readonly to: string;
  readonly by: "member" | "group" | "project" | "meter" | "key";
  readonly data: readonly CostAllocationRow[];
}

/** The query of the margin report: a month, or a span of days. */
export interface MarginQuery {
  /** `YYYY-MM`. */
  readonly month?: string;
  /** First day, `YYYY-MM-DD`; with `to`, instead of `month`. */
  readonly from?: string;
  /** Last day, included. */
  readonly to?: string;
  /** One workspace; all when left out. */
  readonly workspace?: string;
  /** `csv` for a table. `Accept: text/csv` says the same. */
  readonly format?: "json" | "csv";
}

/** What of a plan revenue and cost are of; `uncharged` are calls that nobody paid for. */
export type MarginComponent =
  | "base_fee"
  | "seat_fees"
  | "reserved_capacity"
  | "credits"
  | "packs"
  | "usage"
  | "overage"
  | "outcomes"
  | "commitments"
  | "breakage"
  | "given_back"
  | "uncharged";

/** The margin of a component of one customer's plan, of the customer, or of all. */
export interface MarginRow {
  /** Empty in the total of all. */
  readonly workspace: string;
  /** Empty in totals, and without a subscription. */
  readonly plan: string;
  readonly component: MarginComponent | "total";
  readonly currency: string;
  readonly revenue: string;
  /** What calls cost the vendor, as the books have it. */
  readonly vendorCost: string;
  /** Of fees, and of totals; empty where no plan says it. */
  readonly platformCost: string;
  /** Revenue less costs. */
  readonly margin: string;
  /** Of the revenue, with one decimal; empty where there is none. */
  readonly marginPercent: string;
}

/** The report. */
export interface MarginReport {
  readonly from: string;
  readonly to: string;
  readonly data: readonly MarginRow[];
}
