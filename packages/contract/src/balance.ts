import type { AppliesTo, GrantSource } from "./grant.ts";
import type { MemberShare } from "./fairness.ts";
import type { LimitWindow } from "./limit.ts";
import type { Money } from "./money.ts";
import type { PolicyStanding } from "./policy.ts";
import type { Position } from "./position.ts";
import type { BindingScope } from "./problem.ts";

/** A lot in a balance; the lots stand in burn order. */
export interface BalanceLot {
  readonly id: string;
  readonly source: GrantSource;
  readonly priority: number;
  readonly granted: string;
  readonly available: string;
  readonly held: string;
  readonly consumed: string;
  readonly expired: string;
  readonly revoked: string;
  readonly moved: string;
  readonly effectiveAt: string;
  readonly expiresAt?: string;
  readonly appliesTo?: AppliesTo;
}

/** The pool at an instant. Credits of restricted grants stand apart from those that serve every usage. */
export interface Balance {
  readonly available: string;
  readonly held: string;
  readonly consumed: string;
  readonly debt: string;
  readonly restricted?: { readonly available: string; readonly held: string };
  readonly lots: readonly BalanceLot[];
  /** Lots that are not listed, where there are more than one answer lists. */
  readonly lotsLeftOut?: number;
  readonly asOf: string;
  readonly at: Position;
}

/** At which instant of the past; left out, now. */
export interface BalanceQuery {
  readonly at?: string;
}

/** Within which run; left out: within none. */
export interface AllowanceQuery {
  readonly run?: string;
}

/** A limit on a member's path with where it stands. A cap has `used` and `cap`; a rate has what is left of its burst. */
export interface AllowanceLimit {
  readonly id: string;
  readonly scope: BindingScope;
  /** `overage`: it is a ceiling on what is taken past the pool, and `used` and `cap` are of that. Left out of all else. */
  readonly counts?: "overage";
  readonly used?: string;
  /** With what was approved for this window, or for good. `null`: no limit. */
  readonly cap?: string | null;
  /** What an approval for once still lends on top of `cap`; left out: nothing. */
  readonly lent?: string;
  readonly window?: LimitWindow;
  readonly rate?: { readonly unit: "credits" | "requests"; readonly remaining: string };
  /** When the window ends; left out where none is open or it ends never. */
  readonly resetsAt?: string;
}

/** Where usage that no lot pays stands against the spend cap of the period. */
export interface BillableOverage {
  /** Left out: no bound. */
  readonly spendCap?: Money;
  readonly billed: Money;
  /** What calls in flight may add, each on the line that it was opened on. */
  readonly inFlight: Money;
  /** What of the cap is left; 0 where usage went past it. Left out: no bound. */
  readonly left?: Money;
  /** Credits that a call of no meter may take beyond the pool; left out: no bound. */
  readonly credits?: string;
}

/** What a member may still spend now, and what binds it. */
export interface Allowance {
  readonly remaining: string;
  readonly binding: {
    readonly scope: BindingScope;
    /** `fairness`: the pool has more, but not for this member now; `share` says why. `run`: the run that was asked about, or one around it. */
    readonly reason:
      | "pool"
      | "fairness"
      | "spend_cap"
      | "cap"
      | "overage"
      | "rate"
      | "run"
      | "status"
      | "policy";
    /** The policy of acceptable use that allows no call now, and when its hours do. */
    readonly policy?: string;
    readonly retryAt?: string;
  };
  readonly limits: readonly AllowanceLimit[];
  /** Policies of acceptable use that bind this member, from near to far. Left out: none. */
  readonly policies?: readonly PolicyStanding[];
  /** Where the member stands in the sharing of the pool; left out where it is not shared. */
  readonly share?: MemberShare;
  /** What may be billed past the pool, in this period; `remaining` counts its `credits`. Left out where nothing is billed. */
  readonly overage?: BillableOverage;
}
