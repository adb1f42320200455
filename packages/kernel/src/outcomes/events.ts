/** Owns the facts of outcomes and their cases. */
import type { Money } from "../amount.ts";
import type { Fact } from "../fact.ts";
import type { Instant } from "../instant.ts";
import type { BillableOutcome, Case, Claim } from "./case.ts";
import type { Addition, OutcomeMove, Recount } from "./change.ts";

/** One fact of a case, and all that follows from it. */
export interface OutcomeFact<Kind extends string> extends Fact<Kind>, Addition, Recount {
  /** What it is said of, as this leaves it; null for a signal, which is of a case. */
  readonly of: { readonly claim: Claim; readonly outcome: BillableOutcome } | null;
  /** When what waits is estimated, where this is the first to wait for it. */
  readonly estimatesAt: Instant | null;
}

/** What can be said of outcomes: that a result was reached, what somebody did in its case, and whether it holds. */
export type OutcomeSaid =
  | OutcomeFact<"outcome.claimed">
  | OutcomeFact<"outcome.signalled">
  | OutcomeFact<"outcome.reopened">
  | OutcomeFact<"outcome.confirmed">
  | OutcomeFact<"outcome.disputed">;
/** Claims have rested for long enough: at most 512 cases in one event. */
export interface OutcomesMatured extends Fact<"outcome.matured">, Recount {}
/** What is expected of claims that wait is revenue of the month that ended (FINANCE, E16b). */
export interface OutcomesEstimated extends Fact<"outcome.estimated"> {
  readonly amount: Money;
  /** When the amount is released: at once. null: there is none. */
  readonly releasesAt: Instant | null;
}

/** An estimate has had its month; what comes of the claims is posted as always. */
export interface EstimateReleased extends Fact<"outcome.estimate_released"> {
  readonly amount: Money;
  /** The next month's end, where anything waits. */
  readonly estimatesAt: Instant | null;
}

/** A notice: the fact before it took back what was billed of an outcome, which is on no line now. It moves nothing itself. */
export interface OutcomeReversed extends Fact<"outcome.reversed"> {
  readonly reversed: BillableOutcome;
  /** null for things. */
  readonly about: Case["about"];
  readonly move: OutcomeMove;
}

/** A notice: a person should look at these cases. */
export interface OutcomeReviewRaised extends Fact<"outcome.review_raised"> {
  /** One end customer has many topics at once, or one case has many conversations. */
  readonly reason: "many_topics" | "many_conversations";
  readonly case: string;
  readonly about: { readonly customer: string; readonly topic: string };
  readonly type: string;
  readonly count: number;
}
