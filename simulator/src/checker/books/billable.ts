/** Where usage beyond the pool is billed, as the checker knows it. */
import type { BilledLine, PlanOverage } from "@cistern/kernel";

/** A time on one version of a plan within one period. */
export interface Stretch {
  readonly number: number;
  readonly subscription: string;
  readonly version: string;
  readonly from: number;
  readonly start: number;
  /** Of the period, or when the subscription ended before it. */
  readonly end: number;
  until: number;
  readonly isTrial: boolean;
  readonly overage: PlanOverage;
}

/** Where usage is billed. */
export interface Billable {
  readonly line: BilledLine;
  readonly stretch: Stretch;
}
