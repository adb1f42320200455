/** Owns what is kept of a subscription. Its boundaries are instants of the zone that the workspace had when it began. */
import type { IncludedUnits } from "../allowances/terms.ts";
import type { Credits, Money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Minimum, TermStanding } from "../pricing/commitment.ts";
import type { Plan } from "./plan.ts";

/** Access that was paid for in advance, and is revenue day by day. */
export interface AccessPart {
  readonly total: Money;
  readonly recognised: Money;
  readonly start: Instant;
  readonly end: Instant;
}

/** A period, half-open. `index` counts from the anchor. */
export interface Period {
  readonly index: number;
  readonly start: Instant;
  readonly end: Instant;
}

/** Grants of a period that is charged at once. */
export interface PeriodGrants {
  /** Money of those to come. */
  readonly left: Money;
  /** What those to come are worth, where they carry no money of their own; left out where they do. */
  readonly worth?: Money;
  readonly each: Credits;
  /** When the running one began. */
  readonly since: Instant;
  /** When the running one ends, and each that follows it. */
  readonly ends: readonly Instant[];
}

/** Where a term of what is prepaid stands. */
export interface DrawdownStanding {
  /** The term, counted from 0. */
  readonly term: number;
  /** Periods of it that have begun. */
  readonly begun: number;
  /** Bought for it. */
  readonly credits: Credits;
  /** Lots of these. */
  readonly lots: readonly string[];
  /** What was unused of it went on, or was left to expire. */
  readonly isRolled: boolean;
}

/** A plan that a workspace is on. */
export interface Subscription {
  readonly id: string;
  /** `paused`: its last period is over and no other begins until it is resumed. */
  readonly status: "trialing" | "active" | "paused" | "ended";
  readonly plan: Plan;
  /** IANA name. */
  readonly timeZone: string;
  readonly startedAt: Instant;
  /** Names of the plans that were tried in its trial; left out: it had none. */
  readonly tried?: readonly string[];
  /** From where periods are counted. */
  readonly anchor: Instant;
  readonly period: Period;
  /** Periods begun, trials and grants among them: what ids of its lots count by. */
  readonly begun: number;
  /** Seats that are paid for; 0 where the plan has none. */
  readonly seats: number;
  /** What happens at the end of the period. */
  readonly atEnd: "renew" | "pause" | "end";
  /** What else the next period begins with. */
  readonly next: { readonly plan: Plan; readonly seats: number } | null;
  /** Lots of included credits of this period. */
  readonly lots: readonly string[];
  /** Where the term of the commitment stands; null before its first period is closed, and without one. */
  readonly term: TermStanding | null;
  /** What the period that runs is held against, where a plan with another minimum began in it. Left out: the plan's. */
  readonly committed?: { readonly plan: string; readonly minimum: Minimum | null };
  /** Where what is prepaid stands; left out before its first term, and without one. */
  readonly drawdown?: DrawdownStanding;
  /** Credits of each grant, on the terms as they stand: one a period, unless the plan grants more often. */
  readonly included: Credits;
  /** Units of meters that this span includes: the period, or the grant that is running. Left out: none. */
  readonly allowances?: readonly IncludedUnits[];
  /** Where the plan grants more often than it charges; else null. */
  readonly grants: PeriodGrants | null;
  /** The unused credits of this period went on, or were left to expire. */
  readonly isRolled: boolean;
  readonly access: readonly AccessPart[];
  /** When revenue of access is due next: the end of a calendar month. null: there is none left. */
  readonly recognisesAt: Instant | null;
}
