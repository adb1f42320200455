import type { Money } from "./money.ts";
import type { Position } from "./position.ts";

/** How a conversation is held. */
export type OutcomeChannel = "chat" | "ticket";

/** One end customer's topic: conversations about it that follow each other are one case. */
export interface OutcomeCase {
  readonly customer: string;
  readonly topic: string;
}

/** What proves an outcome, and who says so. */
export interface OutcomeEvidence {
  /** Of the transcript, document or recording: never its content. */
  readonly hash: string;
  readonly attestor?: string;
}

/** Says that a result was reached. */
export interface OutcomeRequest {
  /** A type of the plan, such as `resolution` or `document`. */
  readonly type: string;
  /** The end customer; with `topic` and `conversation` for results of conversations, left out for things. */
  readonly customer?: string;
  readonly topic?: string;
  readonly conversation?: string;
  /** Default `chat`. */
  readonly channel?: OutcomeChannel;
  /** Of things; default 1. */
  readonly quantity?: number;
  /** A part of the outcome that the plan pays for at a fraction. */
  readonly part?: string;
  readonly evidence?: OutcomeEvidence;
  /** Whether there was a substantive answer; default true. */
  readonly substantive?: boolean;
  /** Test traffic; default false. */
  readonly test?: boolean;
  /** Default now. */
  readonly occurredAt?: string;
}

/** What became of an outcome. `superseded`: its case has another one that counts. */
export type BillableOutcomeStatus =
  | "claimed"
  | "billed"
  | "disputed"
  | "reversed"
  | "superseded"
  | "not_billable";

/** Why an outcome is not billed, or not any more. */
export type BillableOutcomeReason =
  | "not_substantive"
  | "human_took_over"
  | "negative_feedback"
  | "duplicate_evidence"
  | "test_traffic"
  | "trial"
  | "contacted_again"
  | "reopened"
  | "dispute_upheld";

/** Money of an outcome, put on a line of the next invoice or taken back. */
export interface OutcomeMove {
  readonly kind: "billed" | "reversed";
  /** Below zero where it is taken back. */
  readonly amount: Money;
  readonly line: string;
  /** The line that this takes back from. */
  readonly reverses?: string;
}

/** An outcome that a call changed: its own, or another of the case. */
export interface OutcomeChange {
  readonly id: string;
  readonly type: string;
  readonly status: BillableOutcomeStatus;
  readonly reason?: BillableOutcomeReason;
  readonly billedAt?: string;
  readonly moves: readonly OutcomeMove[];
}

/** What was said against an outcome. */
export interface OutcomeDispute {
  readonly status: "waiting" | "upheld" | "rejected";
  readonly raisedAt: string;
  readonly reason?: string;
  /** While it waits, the outcome is on no invoice. False: it was invoiced before, and comes off the next one if this is upheld. */
  readonly holdsBack: boolean;
}

/** Who said that an outcome is one. */
export interface OutcomeConfirmation {
  readonly confirmedAt: string;
  readonly attestor?: string;
}

/** A billable outcome as it stands. */
export interface BillableOutcome {
  readonly id: string;
  readonly type: string;
  readonly status: BillableOutcomeStatus;
  readonly reason?: BillableOutcomeReason;
  readonly case?: OutcomeCase;
  readonly conversation?: string;
  readonly channel?: OutcomeChannel;
  readonly quantity: number;
  readonly part?: string;
  readonly evidence?: OutcomeEvidence;
  readonly test?: boolean;
  readonly occurredAt: string;
  /** The last that was raised. */
  readonly dispute?: OutcomeDispute;
  /** The last that it had. */
  readonly confirmation?: OutcomeConfirmation;
  /** Since when it is due. */
  readonly billedAt?: string;
  /** What it stands on its line with. */
  readonly amount?: Money;
  readonly line?: string;
  /** All that the call changed; left out where nothing was asked to change. */
  readonly changes?: readonly OutcomeChange[];
  readonly at: Position;
}

/** Outcomes by their id. */
export interface BillableOutcomePage {
  readonly data: readonly BillableOutcome[];
  readonly nextCursor?: string;
}

/** Says what somebody did in a case, whether anything was claimed in it yet or not. */
export interface SignalRequest {
  /** The end customer wrote, a person took over, or the end customer was not content. */
  readonly kind: "contact" | "handover" | "negative_feedback";
  readonly customer: string;
  readonly topic: string;
  /** Left out, it is of the case of this end customer and topic that has an outcome in hand, as long as its reopen window runs. */
  readonly conversation?: string;
  /** Default now. */
  readonly occurredAt?: string;
}

/** What a signal changed. */
export interface Signal {
  readonly kind: "contact" | "handover" | "negative_feedback";
  readonly case: OutcomeCase;
  readonly conversation?: string;
  readonly occurredAt: string;
  readonly changes: readonly OutcomeChange[];
  readonly at: Position;
}

/** Says that an outcome is none after all, or that its case goes on. */
export interface ReopenRequest {
  /** Default now. */
  readonly occurredAt?: string;
}

/** Says that an outcome is one. */
export interface ConfirmRequest {
  readonly attestor?: string;
  /** Default now. */
  readonly occurredAt?: string;
}

/** Raises a dispute, or (with a resolution) resolves the one that waits. */
export interface DisputeRequest {
  readonly reason?: string;
  readonly resolution?: "upheld" | "rejected";
}
