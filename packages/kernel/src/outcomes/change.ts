/** Owns what events of outcomes say: the fact that is new, and all that follows from it. */
import type { Money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Accrual } from "../invoices/line.ts";
import type { TrueUp } from "../billed/committed-term.ts";
import type { BillableOutcome, Booked, Case, CaseFact, CountedPeriod } from "./case.ts";

/** Who used a piece of evidence first, by when it happened. */
export interface EvidenceUse {
  readonly outcome: string;
  readonly case: string;
  /** What orders uses: the instant first. */
  readonly at: Instant;
  readonly content: string;
}

/** A fact that is new, and what it changes beside its own case. */
export interface Addition {
  readonly case: Pick<Case, "id" | "about">;
  readonly fact: CaseFact;
  /** Evidence that is used first by this, whatever used it before. */
  readonly use: { readonly evidence: string; readonly by: EvidenceUse } | null;
  /** The claim that had used it, and came first until now. */
  readonly displaced: { readonly case: string; readonly outcome: string } | null;
}

/** Money of an outcome, put on a line or taken off. */
export interface OutcomeMove {
  readonly kind: "billed" | "reversed";
  readonly count: string;
  /** The period of the count. */
  readonly start: Instant;
  /** Units, in basis points; below zero where they are taken back. */
  readonly share: bigint;
  readonly amount: Money;
  readonly line: string;
  /** What this takes back. */
  readonly of: Booked | null;
}

/** An outcome as this leaves it. */
export interface OutcomeChange {
  readonly outcome: BillableOutcome;
  readonly moves: readonly OutcomeMove[];
}

/** What follows from the facts of cases. */
export interface Recount extends CountedToward {
  readonly changes: readonly OutcomeChange[];
  /** When each case changes by itself from now on. */
  readonly next: readonly { readonly case: string; readonly at: Instant | null }[];
  readonly accruals: readonly Accrual[];
}

/** What of outcomes counts toward minimums (`counting.ts`). */
export interface CountedToward {
  /** What counts more now, or (below zero) less. Left out where nothing was billed or taken back, and in older events. */
  readonly countedOutcomes?: readonly CountedOutcomes[];
  /** What that changes of terms whose period is closed. */
  readonly trueUps?: readonly TrueUp[];
}

/** Outcomes that count toward the minimum of a period. */
export interface CountedOutcomes extends CountedPeriod {
  readonly amount: Money;
  /** The count of their price, and units of it in basis points. */
  readonly count: string;
  readonly share: bigint;
}
