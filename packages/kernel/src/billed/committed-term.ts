/** Owns what is kept of a commitment whose periods are over. */
import type { Money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Accrual } from "../invoices/line.ts";
import type { Minimum, TermStanding } from "../pricing/commitment.ts";

/** A period that is over, in money. */
export interface CommittedPeriod {
  readonly start: Instant;
  readonly end: Instant;
  readonly usage: Money;
  /** Charged on top of it, all corrections included. */
  readonly shortfall: Money;
  /** Of its usage, what shortfalls of earlier periods covered, and is not charged again; left out where nothing is. */
  readonly drawn?: Money;
}

/** What was due of a term that was left before it was over, at an instant in a period or after it. */
export interface TermLeft {
  /** Of the period that ran then, or ran last. */
  readonly start: Instant;
  readonly end: Instant;
  readonly at: Instant;
  /** Of the period that was cut short; null where none was. */
  readonly usage: Money | null;
  /** Charged for all that was left, all corrections included. */
  readonly shortfall: Money;
}

/** A term of a commitment, as far as its periods are over. */
export interface CommittedTerm {
  readonly id: string;
  readonly subscription: string;
  /** Name of the plan. */
  readonly about: string;
  readonly minimum: Minimum;
  /** ISO 4217. */
  readonly currency: string;
  /** Where it stood before the first of `periods`. */
  readonly from: TermStanding;
  readonly periods: readonly CommittedPeriod[];
  /** Left out while it runs, where it ran to its end, and where nothing was due of its rest. */
  readonly left?: TermLeft;
}

/** When the last of it was over. */
export const overAt = ({ periods, left }: CommittedTerm): number =>
  left?.end ?? periods.at(-1)?.end ?? 0;

/** What late usage, or a change of outcomes, changes of a term. */
export interface TrueUp {
  /** The term as this leaves it. */
  readonly term: CommittedTerm;
  /** What it changes of shortfalls, each on its line. */
  readonly accruals: readonly Accrual[];
  /** What it changes of shortfalls that were charged and that later usage may still use up: a liability. Left out where nothing is. */
  readonly kept?: Money;
  /** Where the term stands with it; null where it is over. */
  readonly standing: TermStanding | null;
}
