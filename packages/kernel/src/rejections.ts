/** Owns why a command can be refused. The order of the first group is the order in which a hold is checked (RULES 2). */
import type { Credits, Money } from "./amount.ts";
import type { Instant } from "./instant.ts";
import type { RateLimitRule, Scope } from "./limits/limit.ts";
import type { Lot } from "./pool/lot.ts";
import type { RunBound } from "./runs/run.ts";
import type { PolicyText, WeeklyHours } from "./policies/policy.ts";
import type { TopUp } from "./topups/top-up.ts";

/** Numbers that a refusal for credits shows. `retryAt` is null where nothing known frees it. */
interface Shortage {
  readonly scope: Scope;
  readonly requested: Credits;
  readonly available: Credits;
  readonly missing: Credits;
  readonly retryAt: Instant | null;
}

/**
 * Numbers that a refusal for fairness shows (FAIRNESS 1.8). `available` is the largest amount that would pass now, restricted lots
 * that apply included, and `missing` what is asked beyond it; `scope` is the node that binds.
 */
interface ShareShortage extends Shortage {
  readonly member: string;
  /** As `available`. */
  readonly maxNow: Credits;
  /** Available in the pool that is shared. */
  readonly poolLeft: Credits;
  /** Of that, reserved for others, and for how many. */
  readonly reservedForOthers: Credits;
  readonly others: number;
  /** Own reserve and the pots on the way to the workspace. */
  readonly openToYou: Credits;
  /** Fair share of the period, and what was used of it, open holds included. */
  readonly share: Credits;
  readonly used: Credits;
  /** Credits above the share that may be had in all now. */
  readonly limit: Credits;
  /** Left in the pots on the way to the workspace. */
  readonly potLeft: Credits;
  /** When all is shared anew: then, at the latest, it is another question. `retryAt` is the earliest, if nobody else spends. */
  readonly renewsAt: Instant;
}

/** Numbers that a refusal for the pool itself shows. */
interface PoolShortage extends Shortage {
  /** Of a shared pool: the largest amount that would pass now for this member, which may be less than what is available. */
  readonly maxNow?: Credits;
}

/** Numbers of units that an allowance lacks. */
interface UnitShortage {
  readonly plan: string;
  readonly meter: string;
  readonly bucket: string;
  readonly requested: bigint;
  readonly available: bigint;
  readonly held: bigint;
}

/** A plan that may not have more seats, so that none can be bought. */
export interface SeatsAtMost {
  readonly plan: string;
  /** It does not run yet: it is planned for the next period. */
  readonly isPlanned: boolean;
}

/** A refusal: a returned value with its facts, never thrown; it changes nothing (K10). */
export type Rejection =
  | { readonly code: "unknown_workspace" }
  | { readonly code: "workspace_suspended" }
  | { readonly code: "member_inactive"; readonly member: string }
  | {
      readonly code: "unknown_member";
      readonly member: string;
      /** Why an id that was never seen may not come in as a guest. */
      readonly reason: "known_members_only" | "too_many_guests" | "not_registered";
    }
  | { readonly code: "seat_required"; readonly member: string; readonly plan: string }
  | {
      readonly code: "feature_not_in_plan";
      readonly plan: string;
      readonly kind: "meter" | "model";
      /** The meter, or the model. */
      readonly feature: string;
    }
  | {
      /** The text of a policy is still to be accepted, by who answers for the call. */
      readonly code: "policy_not_accepted";
      readonly policy: string;
      readonly text: PolicyText;
      readonly member: string;
      /** The version that it accepted last; null: none. */
      readonly last: string | null;
    }
  | {
      readonly code: "not_allowed";
      readonly policy: string;
      readonly scope: Scope;
      readonly forbids:
        | {
            readonly kind: "meter" | "model";
            /** null: the call names none. */
            readonly name: string | null;
            readonly allowed: readonly string[];
          }
        | {
            readonly kind: "hours";
            readonly timeZone: string;
            readonly allowed: readonly WeeklyHours[];
          };
      /** Of hours: when they allow it, and those of all other policies too. */
      readonly retryAt: Instant | null;
    }
  | { readonly code: "unknown_run"; readonly run: string }
  /** The run is another member's, and the one that asks does not act for it. */
  | { readonly code: "run_of_another"; readonly run: string; readonly member: string }
  | { readonly code: "run_ended"; readonly run: string; readonly status: "closed" | "expired" }
  | { readonly code: "run_paused"; readonly run: string; readonly bound: RunBound }
  | { readonly code: "run_deadline_passed"; readonly run: string; readonly deadline: Instant }
  | { readonly code: "unknown_meter"; readonly meter: string }
  | { readonly code: "unknown_model"; readonly meter: string; readonly model: string | null }
  | {
      readonly code: "rate_limited";
      readonly scope: Scope;
      readonly rule: RateLimitRule;
      readonly requested: bigint;
      readonly remaining: bigint;
      readonly retryAt: Instant | null;
    }
  | (UnitShortage & {
      readonly code: "allowance_held";
      /** When the first of the calls in flight runs out. */
      readonly retryAt: Instant | null;
    })
  | (UnitShortage & {
      readonly code: "allowance_exhausted";
      readonly included: bigint;
      readonly used: bigint;
      /** The end of the span; null where none follows it. */
      readonly resetsAt: Instant | null;
    })
  | {
      readonly code: "run_limit_reached";
      readonly run: string;
      readonly bound: "limit" | "maxSteps" | "maxToolCalls";
      /** Of `limit` micro-credits; of the others calls. */
      readonly requested: bigint;
      readonly available: bigint;
      readonly used: bigint;
      readonly most: bigint;
    }
  | {
      readonly code: "runaway_loop";
      readonly run: string;
      readonly action: string;
      /** How often it was approved. */
      readonly times: number;
    }
  | (Shortage & {
      readonly code: "limit_reached";
      readonly cap: Credits;
      readonly used: Credits;
      /** It is a ceiling on what is taken past the pool, and the numbers are of that. Left out of all else. */
      readonly isOverage?: true;
    })
  | (ShareShortage & { readonly code: "never_this_period" })
  | (ShareShortage & { readonly code: "reserved_for_others" })
  | (ShareShortage & { readonly code: "borrow_limit" })
  | (PoolShortage & { readonly code: "credits_held" })
  | (PoolShortage & { readonly code: "pool_exhausted" })
  | {
      readonly code: "spend_cap_reached";
      readonly workspace: string;
      readonly currency: string;
      readonly cap: Money;
      /** Of this period so far. */
      readonly billed: Money;
      /** What this call, and those in flight, would add at most. */
      readonly asked: Money;
      readonly resetsAt: Instant | null;
    }
  /** The pool is shared by no policy, so nothing is reserved. */
  | { readonly code: "fairness_off" }
  | {
      readonly code: "gift_exceeds_reserve";
      readonly member: string;
      readonly reserved: Credits;
    }
  | { readonly code: "workspace_exists"; readonly workspace: string }
  | { readonly code: "run_exists"; readonly run: string }
  | { readonly code: "too_many_runs"; readonly open: number }
  | { readonly code: "unknown_group"; readonly group: string }
  | { readonly code: "unknown_limit"; readonly limit: string }
  | { readonly code: "unknown_alert_rule"; readonly rule: string }
  /** None that waits for a review. */
  | { readonly code: "unknown_alert"; readonly alert: string }
  | { readonly code: "unknown_policy"; readonly policy: string }
  | {
      readonly code: "policy_text_differs";
      readonly policy: string;
      readonly version: string;
      /** The version that stands; null: the policy has no text. */
      readonly stands: string | null;
    }
  /** Limits that are called so come with plans. */
  | { readonly code: "limit_of_plan"; readonly limit: string }
  | { readonly code: "unknown_request"; readonly request: string }
  | {
      readonly code: "request_open";
      /** The one that waits. */
      readonly request: string;
      readonly member: string;
      readonly limit: string | null;
    }
  | {
      readonly code: "request_over";
      readonly request: string;
      readonly status: "approved" | "declined" | "expired";
    }
  /** The limit is gone, counts anew, or applies to the member no longer. */
  | { readonly code: "request_outdated"; readonly request: string; readonly limit: string }
  | {
      readonly code: "not_an_owner";
      readonly member: string;
      readonly owners: readonly string[];
    }
  | { readonly code: "not_an_approver"; readonly request: string; readonly by: string }
  | { readonly code: "unknown_grant"; readonly grant: string }
  | { readonly code: "unknown_hold"; readonly hold: string }
  | { readonly code: "hold_already_settled"; readonly hold: string }
  | { readonly code: "hold_released"; readonly hold: string }
  | { readonly code: "hold_expired"; readonly hold: string; readonly expiredAt: Instant }
  | { readonly code: "refund_exceeds_charge"; readonly of: string; readonly left: Credits }
  | { readonly code: "revoke_exceeds_grant"; readonly grant: string; readonly left: Credits }
  | { readonly code: "no_subscription" }
  | {
      readonly code: "seats_exhausted";
      /** That may be assigned: paid for, and in the next period too. */
      readonly paid: number;
      readonly assigned: number;
      /** Left out: more can be bought. */
      readonly atMost?: SeatsAtMost;
    }
  | { readonly code: "seats_assigned"; readonly asked: number; readonly assigned: number }
  | { readonly code: "seat_not_assigned"; readonly member: string }
  | { readonly code: "unknown_invoice"; readonly invoice: string }
  | {
      readonly code: "invoice_status";
      readonly invoice: string;
      readonly status: "draft" | "finalized" | "paid" | "void" | "uncollectible";
    }
  | {
      readonly code: "payment_known";
      readonly payment: string;
      /** What it was booked for: this, or `topUp`. */
      readonly invoice: string | null;
      readonly topUp?: string;
    }
  | { readonly code: "unknown_top_up"; readonly topUp: string }
  | {
      readonly code: "top_up_status";
      readonly topUp: string;
      readonly status: TopUp["status"];
      readonly payment: string | null;
    }
  | { readonly code: "pack_not_in_plan"; readonly pack: string; readonly plan: string }
  /** Nothing waits for an invoice, or only what comes to nothing. */
  | { readonly code: "nothing_to_invoice" }
  | { readonly code: "payment_exceeds_due"; readonly invoice: string; readonly due: Money }
  | {
      readonly code: "payout_exceeds_balance";
      readonly asked: Money;
      readonly free: Money;
      /** On lines whose invoice is not issued yet. */
      readonly waiting: Money;
    }
  | { readonly code: "credit_exceeds_invoice"; readonly invoice: string; readonly left: Money }
  | { readonly code: "outcome_not_in_plan"; readonly type: string; readonly plan: string }
  | { readonly code: "unknown_outcome"; readonly outcome: string }
  | { readonly code: "outcome_disputed"; readonly outcome: string }
  | { readonly code: "outcome_not_disputed"; readonly outcome: string }
  | { readonly code: "grant_over"; readonly grant: string; readonly phase: Lot["phase"] }
  | { readonly code: "repayment_exceeds_payment"; readonly grant: string; readonly left: Money }
  | {
      /** It is dated into a month whose books are closed. */
      readonly code: "period_closed";
      /** The last closed month. */
      readonly month: string;
      readonly openFrom: Instant;
      readonly asked: Instant;
    }
  | { readonly code: "currency_mismatch"; readonly given: string; readonly expected: string }
  | {
      readonly code: "invalid_request";
      readonly field: string;
      readonly reason: string;
      /** What else is wrong. Left out: nothing is known. */
      readonly more?: readonly { readonly field: string; readonly reason: string }[];
      /** The buckets that have a price, where the usage has others. */
      readonly buckets?: readonly string[];
    };

/** Every code that the kernel can refuse with. */
export type RejectionCode = Rejection["code"];
