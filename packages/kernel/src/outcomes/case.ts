/**
 * Owns what is known of cases. A case's outcomes follow from its facts alone, so facts are kept and never rewritten; all but one:
 * a dispute is resolved.
 */
import type { Money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Channel } from "./terms.ts";

/** What proves an outcome, and who says so. */
export interface Evidence {
  /** Of the transcript, document or recording: never its content. */
  readonly hash: string;
  readonly attestor: string | null;
}

/** Somebody says that a result was reached. */
export interface Claim {
  readonly kind: "claim";
  readonly outcome: string;
  readonly type: string;
  readonly at: Instant;
  /** null for things. */
  readonly conversation: string | null;
  readonly channel: Channel | null;
  /** Units, at least 1; of a conversation always 1. */
  readonly quantity: bigint;
  readonly part: string | null;
  /** Of each unit, in basis points. */
  readonly shareBps: number;
  readonly evidence: Evidence | null;
  readonly isTest: boolean;
  readonly isSubstantive: boolean;
  /** It happened in a trial, which bills nothing (RULES 18). */
  readonly isTrial: boolean;
  /** The outcome whose evidence this claim repeats. */
  readonly duplicateOf: string | null;
}

/** What somebody did in a case. */
export interface Signal {
  /** The end customer wrote, a person took over, or the end customer was not content. */
  readonly kind: "contact" | "handover" | "negative_feedback";
  readonly at: Instant;
  readonly conversation: string | null;
}

/** Said of one outcome, by its id. */
export interface Reopening {
  readonly kind: "reopening";
  readonly outcome: string;
  readonly at: Instant;
}

/** See `Reopening`. */
export interface Confirmation {
  readonly kind: "confirmation";
  readonly outcome: string;
  readonly at: Instant;
  readonly attestor: string | null;
}

/** Holds its outcome back until it is resolved. `upheld`: it is never billed. */
export interface Dispute {
  readonly kind: "dispute";
  readonly outcome: string;
  readonly at: Instant;
  readonly reason: string | null;
  readonly resolution: "upheld" | "rejected" | null;
  /** It was on no issued invoice when this was raised: what was billed of it comes off its line until this is resolved. Left out: it stays there. */
  readonly takesOff?: true;
}

/** One thing that is known. */
export type CaseFact = Claim | Signal | Reopening | Confirmation | Dispute;

/** All that is known about one end customer and topic; of a thing, about it alone. */
export interface Case {
  readonly id: string;
  /** null for things. */
  readonly about: { readonly customer: string; readonly topic: string } | null;
  readonly facts: readonly CaseFact[];
  /** When its outcomes change by themselves. */
  readonly nextAt: Instant | null;
  /** When something was last said about it. */
  readonly touchedAt: Instant;
}

/** What became of a claim. `superseded`: its case has another one that counts. */
export type OutcomeStatus =
  | "claimed"
  | "billed"
  | "disputed"
  | "reversed"
  | "superseded"
  | "not_billable";

/** Why an outcome is not billed, or not any more. */
export type OutcomeReason =
  | "not_substantive"
  | "human_took_over"
  | "negative_feedback"
  | "duplicate_evidence"
  | "test_traffic"
  | "trial"
  | "contacted_again"
  | "reopened"
  | "dispute_upheld";

/** What an outcome is on a line with. */
export interface Booked {
  /** The count of its price that it stands in. */
  readonly count: string;
  /** Units, in basis points. */
  readonly share: bigint;
  readonly amount: Money;
  readonly line: string;
  readonly at: Instant;
  /** The period whose minimum it counts toward. Left out: none. */
  readonly counted?: CountedPeriod;
}

/** A period of a subscription, by its end. */
export interface CountedPeriod {
  readonly subscription: string;
  readonly end: Instant;
}

/** A claim as it stands. */
export interface BillableOutcome {
  readonly id: string;
  readonly case: string;
  readonly type: string;
  readonly status: OutcomeStatus;
  readonly reason: OutcomeReason | null;
  /** Since when it is due, by the facts. */
  readonly billedAt: Instant | null;
  readonly booked: Booked | null;
}

/** What a case is known by. Ids have no spaces. */
export const caseIdOf = (customer: string, topic: string): string => `${customer} ${topic}`;

/** Whether a dispute of this outcome waits. */
export const isDisputed = ({ facts }: Case, outcome: string): boolean =>
  facts.some(
    (fact) => fact.kind === "dispute" && fact.outcome === outcome && fact.resolution === null,
  );

/** The claim of an outcome. */
export const claimOf = ({ facts }: Case, outcome: string): Claim | undefined =>
  facts.find((fact): fact is Claim => fact.kind === "claim" && fact.outcome === outcome);
