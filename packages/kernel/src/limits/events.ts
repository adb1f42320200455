/** Owns the facts of limits. */
import type { Credits } from "../amount.ts";
import type { Fact } from "../fact.ts";
import type { Instant } from "../instant.ts";
import type { Limit, Scope } from "./limit.ts";

/** A limit as it stands now. `restarts`: its windows or rates count from nothing, since the rule is another one. */
export interface LimitUpdated extends Fact<"limit.updated"> {
  readonly limit: Limit;
  readonly restarts: boolean;
}

/** A limit is no more. */
export interface LimitRemoved extends Fact<"limit.removed"> {
  readonly limit: Limit;
}

/** Many limits changed at once. */
export interface LimitsUpdated extends Fact<"limits.updated"> {
  readonly limits: readonly Pick<LimitUpdated, "limit" | "restarts">[];
  readonly removed: readonly Limit[];
}

/** A notice: the command before it in the journal brought this limit to its cap. */
export interface LimitReached extends Fact<"limit.reached"> {
  readonly scope: Scope;
  readonly used: Credits;
  readonly cap: Credits;
  readonly resetsAt: Instant;
}
