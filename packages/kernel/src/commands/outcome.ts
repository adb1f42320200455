/**
 * Owns what can be said about cases, and of outcomes that were claimed (FINANCE, E16). Whatever is said is a fact of a case, taken also
 * when it comes late; what it means is worked out from all facts (`outcomes/verdicts.ts`).
 */
import { type Decision, reject } from "../decision.ts";
import { type Instant, instant } from "../instant.ts";
import { hasPeriodToCome } from "../invoices/gather.ts";
import {
  type Case,
  type Claim,
  type Confirmation,
  type Dispute,
  type Reopening,
  type Signal,
  caseIdOf,
  claimOf,
  isDisputed,
} from "../outcomes/case.ts";
import type { State } from "../state/state.ts";
import { add, alone, timely } from "./outcome-said.ts";

/** Says what somebody did in a case. */
export interface SignalCase {
  readonly kind: "signalCase";
  readonly signal: Signal["kind"];
  readonly customer: string;
  readonly topic: string;
  readonly conversation: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
}

/** Says that an outcome is none after all. */
export interface ReopenOutcome {
  readonly kind: "reopenOutcome";
  readonly outcome: string;
  /** null: now. */
  readonly occurredAt: Instant | null;
}

/** Says that an outcome is one. */
export interface ConfirmOutcome {
  readonly kind: "confirmOutcome";
  readonly outcome: string;
  readonly attestor: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
}

/** Raises a dispute (`resolution: null`), or resolves the one that waits. */
export interface DisputeOutcome {
  readonly kind: "disputeOutcome";
  readonly outcome: string;
  readonly reason: string | null;
  readonly resolution: "upheld" | "rejected" | null;
}

/** Says what somebody did in a case, whether anything was claimed in it yet or not. */
export function signalCase(state: State, command: SignalCase, at: Instant): Decision {
  const { customer, topic, conversation, signal } = command;
  const id = caseIdOf(customer, topic);
  // A case goes on when its subscription is over: its outcomes may still mature, or be taken back.
  if (!hasPeriodToCome(state.subscriptions) && state.outcomes.cases.get(id) === undefined)
    return reject({ code: "no_subscription" });
  const when = timely(command.occurredAt, at);
  if (when.kind === "refused") return reject(when.rejection);
  const fact: Signal = { kind: signal, at: when.at, conversation };
  const about = { customer, topic };
  return add(state, "outcome.signalled", {
    at,
    ...alone(fact, { id, about }),
  });
}

/** Says that an outcome is none after all, or that its case goes on. */
export function reopenOutcome(state: State, command: ReopenOutcome, at: Instant): Decision {
  const { outcome } = command;
  const known = knownOutcome(state, outcome);
  if (known === undefined) return reject({ code: "unknown_outcome", outcome });
  const when = timely(command.occurredAt, at);
  if (when.kind === "refused") return reject(when.rejection);
  const fact: Reopening = { kind: "reopening", outcome, at: notBefore(known.claim, when.at) };
  return add(state, "outcome.reopened", { at, ...alone(fact, known.case) });
}

/** Says that an outcome is one: it does not wait any longer. */
export function confirmOutcome(state: State, command: ConfirmOutcome, at: Instant): Decision {
  const { outcome, attestor } = command;
  const known = knownOutcome(state, outcome);
  if (known === undefined) return reject({ code: "unknown_outcome", outcome });
  const when = timely(command.occurredAt, at);
  if (when.kind === "refused") return reject(when.rejection);
  const fact: Confirmation = {
    kind: "confirmation",
    outcome,
    at: notBefore(known.claim, when.at),
    attestor,
  };
  return add(state, "outcome.confirmed", { at, ...alone(fact, known.case) });
}

/** Raises a dispute, or resolves the one that waits. */
export function disputeOutcome(state: State, command: DisputeOutcome, at: Instant): Decision {
  const { outcome, reason, resolution } = command;
  const known = knownOutcome(state, outcome);
  if (known === undefined) return reject({ code: "unknown_outcome", outcome });
  const waits = isDisputed(known.case, outcome);
  if (resolution === null && waits) return reject({ code: "outcome_disputed", outcome });
  if (resolution !== null && !waits) return reject({ code: "outcome_not_disputed", outcome });
  const waiting = known.case.facts.find(
    (one): one is Dispute =>
      one.kind === "dispute" && one.outcome === outcome && one.resolution === null,
  );
  const raised: Dispute = waiting ?? {
    kind: "dispute",
    outcome,
    at,
    reason,
    resolution,
    ...(isInvoiced(state, outcome) ? {} : { takesOff: true }),
  };
  const fact: Dispute = { ...raised, reason: reason ?? raised.reason, resolution };
  return add(state, "outcome.disputed", { at, ...alone(fact, known.case) });
}

/** What is said of an outcome happened after it was claimed. */
const notBefore = (claim: Claim, at: Instant): Instant => instant(Math.max(claim.at, at));

/** Whether an outcome stands on an issued invoice, which never changes. */
function isInvoiced({ outcomes, invoices }: State, id: string): boolean {
  const line = outcomes.outcomes.get(id)?.booked?.line;
  if (line === undefined || invoices.pending.get(line) !== undefined) return false;
  const drafts = [...invoices.drafts.values()];
  return !drafts.some(({ lines }) => lines.some((one) => one.id === line));
}

function knownOutcome(
  { outcomes }: State,
  id: string,
): { readonly case: Case; readonly claim: Claim } | undefined {
  const row = outcomes.outcomes.get(id);
  const known = row === undefined ? undefined : outcomes.cases.get(row.case);
  const claim = known === undefined ? undefined : claimOf(known, id);
  return known === undefined || claim === undefined ? undefined : { case: known, claim };
}
