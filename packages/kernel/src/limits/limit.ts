import type { Credits } from "../amount.ts";
import type { CalendarUnit, Instant } from "../instant.ts";

/** Where a limit sits. `eachMember` is the default of every member, known or not, each counted apart. */
export type LimitScope =
  | { readonly kind: "workspace" }
  | { readonly kind: "group"; readonly id: string }
  | { readonly kind: "member"; readonly id: string }
  | { readonly kind: "eachMember" };

/** How long a cap counts: a calendar unit, the last `rollingMs`, or a period that the first use opens. */
export type Window =
  | { readonly kind: "calendar"; readonly unit: CalendarUnit }
  | { readonly kind: "rolling"; readonly durationMs: number }
  | { readonly kind: "onFirstUse"; readonly durationMs: number };

/** What a limit allows. `credits: null` is "no limit", which is not 0: it lifts the default of every member. */
export type LimitRule =
  | { readonly kind: "cap"; readonly credits: Credits | null; readonly window: Window }
  | PercentRule
  | OverageRule
  | RateLimitRule;

/** A cap of so much of the pool, in hundredths of a percent; `pool-share.ts` says of what. */
export interface PercentRule {
  readonly kind: "cap";
  readonly percentBps: number;
  readonly window: Extract<Window, { readonly kind: "calendar" }>;
}

/** A ceiling on what is taken past the pool, owed or billed; null lifts the default of every member. */
export interface OverageRule {
  readonly kind: "overage";
  readonly credits: Credits | null;
  readonly window: Extract<Window, { readonly kind: "calendar" }>;
}

/** A rate: so many units come back in a time. */
export interface RateLimitRule {
  readonly kind: "rate";
  readonly unit: "requests" | "credits";
  /** Units (requests, or micro-credits) that come back per `perMs`. */
  readonly quantity: bigint;
  readonly perMs: number;
  /** The most units at once. */
  readonly burst: bigint;
}

/** A rule on one node of the tree. */
export interface Limit {
  readonly id: string;
  readonly scope: LimitScope;
  readonly rule: LimitRule;
}

/**
 * A limit as the state keeps it. `epoch` is the place in the journal that it counts from: what another rule counted under the
 * same id is never corrected in the windows of this one.
 */
export interface StandingLimit extends Limit {
  readonly epoch: string;
}

/** Which node a limit was checked at: an `eachMember` limit names the member it was counted for, who inherits it. */
export type Scope =
  | { readonly kind: "workspace"; readonly id: string; readonly limit?: string }
  | { readonly kind: "group"; readonly id: string; readonly limit?: string }
  | {
      readonly kind: "member";
      readonly id: string;
      readonly limit?: string;
      readonly inherited?: true;
    };

/** Use in one window of one limit at one node. */
export interface Counter {
  /** Its own key in the table. */
  readonly key: string;
  readonly limit: string;
  /** Start of the window; of a rolling one, the first bucket that counts. */
  readonly start: Instant;
  /** End of the window; of a rolling one, when its newest bucket stops counting. */
  readonly end: Instant;
  readonly used: Credits;
  /** Of a rolling window only: use by start of bucket, oldest first. */
  readonly buckets: readonly { readonly start: Instant; readonly used: Credits }[];
}

/** A change of use, as an event states it. `start` names the window, or the bucket of a rolling one. */
export interface Count {
  readonly counter: string;
  readonly limit: string;
  readonly start: Instant;
  readonly end: Instant;
  /** Positive when used, negative when given back: micro-credits. */
  readonly credits: bigint;
  /** Of an approval: what raises for once lend it beyond the cap. Left out where none do. */
  readonly lent?: readonly { readonly request: string; readonly credits: Credits }[];
  /** Of a cap in percent, where it is the first in its window: what of the pool was used before. Left out of all else. */
  readonly basis?: Credits;
}

/** From where the pool of one window of one cap in percent is counted. */
export interface Basis {
  readonly limit: string;
  readonly end: Instant;
  /** Of the pool, before the window was first counted in. */
  readonly consumed: Credits;
}

/** The state of one rate at one node (GCRA): the theoretical arrival time, in milliseconds x `quantity`. */
export interface RateState {
  readonly limit: string;
  readonly arrival: bigint;
}

/** A charge on a rate, as an event states it. */
export interface RateCharge {
  readonly rate: string;
  readonly limit: string;
  readonly arrival: bigint;
  /** Units still free after it, and the rule that they are free under: for the answer's RateLimit headers. */
  readonly remaining: bigint;
  readonly rule: RateLimitRule;
}
