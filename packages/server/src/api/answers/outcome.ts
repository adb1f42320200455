/** Owns how billable outcomes, and what a call changed about them, are told. */
import {
  type BillableOutcome,
  type EventData,
  type OutcomeChange as ChangeBody,
  type OutcomeConfirmation,
  type OutcomeDispute,
  type OutcomeEvidence,
  type Signal,
  printInstant,
} from "@cistern/contract";
import type {
  BillableOutcome as KernelOutcome,
  CaseFact,
  Claim,
  Confirmation,
  Dispute,
  OutcomeChange,
  OutcomeReversed,
  OutcomeSaid,
  Position,
} from "@cistern/kernel";
import { moneyBody } from "./subscription.ts";

/** An outcome, with its claim. */
export interface ToldOutcome {
  readonly claim: Claim;
  readonly outcome: KernelOutcome;
  readonly about: { readonly customer: string; readonly topic: string } | null;
  /** What is known of its case, or as much of it as was told now. */
  readonly facts: readonly CaseFact[];
}

/** An outcome as it stands. */
export function outcomeBody(
  { claim, outcome, about, facts }: ToldOutcome,
  currency: string,
  at: Position,
): BillableOutcome {
  const { conversation, channel, part, evidence, isTest } = claim;
  const { id, type, status, reason, billedAt, booked } = outcome;
  return {
    id,
    type,
    status,
    ...(reason === null ? {} : { reason }),
    ...(about === null ? {} : { case: about }),
    ...(conversation === null ? {} : { conversation }),
    ...(channel === null ? {} : { channel }),
    quantity: Number(claim.quantity),
    ...(part === null ? {} : { part }),
    ...(evidence === null ? {} : { evidence: evidenceBody(evidence) }),
    ...(isTest ? { test: true } : {}),
    occurredAt: printInstant(claim.at),
    ...saidOf(facts, id),
    ...(billedAt === null ? {} : { billedAt: printInstant(billedAt) }),
    ...(booked === null ? {} : { amount: moneyBody(booked.amount, currency), line: booked.line }),
    at,
  };
}

/** Who was against it last, and who for it. */
function saidOf(
  facts: readonly CaseFact[],
  id: string,
): Pick<BillableOutcome, "dispute" | "confirmation"> {
  const dispute = facts.findLast(
    (one): one is Dispute => one.kind === "dispute" && one.outcome === id,
  );
  const confirmation = facts.findLast(
    (one): one is Confirmation => one.kind === "confirmation" && one.outcome === id,
  );
  return {
    ...(dispute === undefined ? {} : { dispute: disputeBody(dispute) }),
    ...(confirmation === undefined ? {} : { confirmation: confirmationBody(confirmation) }),
  };
}

const disputeBody = ({ at, reason, resolution, takesOff }: Dispute): OutcomeDispute => ({
  status: resolution ?? "waiting",
  raisedAt: printInstant(at),
  ...(reason === null ? {} : { reason }),
  holdsBack: takesOff === true,
});

const confirmationBody = ({ at, attestor }: Confirmation): OutcomeConfirmation => ({
  confirmedAt: printInstant(at),
  ...(attestor === null ? {} : { attestor }),
});

const evidenceBody = ({ hash, attestor }: NonNullable<Claim["evidence"]>): OutcomeEvidence => ({
  hash,
  ...(attestor === null ? {} : { attestor }),
});

/** What was said of an outcome, and all that it changed. */
export function saidBody(
  event: OutcomeSaid,
  currency: string,
  at: Position,
): BillableOutcome & { readonly changes: readonly ChangeBody[] } {
  if (event.of === null) throw new Error(`${event.kind} is said of no outcome.`);
  const { about } = event.case;
  return {
    ...outcomeBody({ ...event.of, about, facts: [event.fact] }, currency, at),
    changes: changesBody(event.changes, currency),
  };
}

/** What a signal changed. */
export function signalBody(
  { case: { about }, fact, changes }: OutcomeSaid,
  currency: string,
  at: Position,
): Signal {
  if (about === null || !isSignal(fact)) throw new Error(`A ${fact.kind} is no signal.`);
  const { kind, conversation } = fact;
  return {
    kind,
    case: about,
    ...(conversation === null ? {} : { conversation }),
    occurredAt: printInstant(fact.at),
    changes: changesBody(changes, currency),
    at,
  };
}

/** What was taken back. */
export function reversalBody(
  { reversed: { id, type, status, reason, billedAt }, about, move }: OutcomeReversed,
  currency: string,
): EventData["outcome.reversed"] {
  return {
    id,
    type,
    status,
    ...(reason === null ? {} : { reason }),
    ...(about === null ? {} : { case: about }),
    ...(billedAt === null ? {} : { billedAt: printInstant(billedAt) }),
    amount: moneyBody(-move.amount, currency),
    line: move.line,
    reverses: move.of?.line ?? move.line,
  };
}

type SignalFact = Extract<OutcomeSaid["fact"], { readonly kind: Signal["kind"] }>;

const isSignal = (fact: OutcomeSaid["fact"]): fact is SignalFact =>
  fact.kind === "contact" || fact.kind === "handover" || fact.kind === "negative_feedback";

/** Outcomes that changed. */
export const changesBody = (
  changes: readonly OutcomeChange[],
  currency: string,
): readonly ChangeBody[] =>
  changes.map(({ outcome: { id, type, status, reason, billedAt }, moves }) => ({
    id,
    type,
    status,
    ...(reason === null ? {} : { reason }),
    ...(billedAt === null ? {} : { billedAt: printInstant(billedAt) }),
    moves: moves.map(({ kind, amount, line, of }) => ({
      kind,
      amount: moneyBody(amount, currency),
      line,
      ...(of === null ? {} : { reverses: of.line }),
    })),
  }));
