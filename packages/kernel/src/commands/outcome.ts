/**
 * Owns what can be said about outcomes (FINANCE, E16). Whatever is said is a fact of a case, taken also when it comes late; what it
 * means is worked out from all facts (`outcomes/verdicts.ts`).
 */
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import { type Instant, instant } from "../instant.ts";
import { hasPeriodToCome } from "../invoices/gather.ts";
import {
  type Case,
  type CaseFact,
  type Claim,
  type Confirmation,
  type Dispute,
  type Evidence,
  type Reopening,
  type Signal,
  caseIdOf,
  claimOf,
  isDisputed,
} from "../outcomes/case.ts";
import type { Addition, EvidenceUse, Recount } from "../outcomes/change.ts";
import { claimContent } from "../outcomes/episodes.ts";
import type { OutcomeSaid } from "../outcomes/events.ts";
import { changedCases } from "../outcomes/evolve.ts";
import { type OutcomePeriod, termsIn } from "../outcomes/period.ts";
import { recount } from "../outcomes/recount.ts";
import { reviewsOf } from "../outcomes/reviews.ts";
import { earliestAt, periodAt } from "../outcomes/slice.ts";
import type { Channel, OutcomeTerms } from "../outcomes/terms.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Says that a result was reached. */
export interface ClaimOutcome {
  readonly kind: "claimOutcome";
  readonly outcome: string;
  readonly type: string;
  /** The end customer; null, like topic, conversation and channel, for things. */
  readonly customer: string | null;
  readonly topic: string | null;
  readonly conversation: string | null;
  readonly channel: Channel | null;
  readonly quantity: bigint;
  /** null: the whole. */
  readonly part: string | null;
  readonly evidence: Evidence | null;
  readonly isTest: boolean;
  readonly isSubstantive: boolean;
  /** null: now. */
  readonly occurredAt: Instant | null;
}
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

/** A caller's clock may run ahead of ours by this; what it dates later than now happened now. */
const clockSkewMaxMs = 5 * 60 * 1_000;

/** Facts that are kept of one case. */
const factsMax = 500;

/** Units of one claim. */
const quantityMax = 1_000_000_000n;

/** Says that a result was reached. */
export function claimOutcome(
  state: State,
  command: ClaimOutcome,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const live = liveTerms(state, command.type);
  if (live.kind === "refused") return reject(live.rejection);
  const when = timely(command.occurredAt, at);
  if (when.kind === "refused") return reject(when.rejection);
  const { outcome, type, conversation, channel, quantity, part, evidence } = command;
  const period = periodAt(state.outcomes, type, when.at) ?? live.period;
  const terms = termsIn(period, type) ?? live.terms;
  const wrong = wrongClaim(terms, command);
  if (wrong !== undefined) return reject(wrong);
  const isConversation = terms.kind === "conversation";
  const said: Claim = {
    kind: "claim",
    outcome,
    type,
    at: when.at,
    conversation: isConversation ? conversation : null,
    channel: isConversation ? (channel ?? "chat") : null,
    quantity,
    part,
    shareBps: terms.parts.find(({ name }) => name === part)?.shareBps ?? 10_000,
    evidence,
    isTest: command.isTest,
    isSubstantive: command.isSubstantive,
    isTrial: period.isTrial,
    duplicateOf: null,
  };
  const about =
    command.customer !== null && command.topic !== null && isConversation
      ? { customer: command.customer, topic: command.topic }
      : null;
  const id = about === null ? outcome : caseIdOf(about.customer, about.topic);
  const isFirst = terms.expectedBps !== null && state.outcomes.estimate.row === undefined;
  const timeZone = workspaceOf(state)?.timeZone ?? "UTC";
  const estimatesAt = isFirst ? calendar.window("month", at, timeZone).end : null;
  const addition = usedBy(state, said, { id, about });
  return add(state, "outcome.claimed", { at, estimatesAt, ...addition });
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
  const raised: Dispute = waiting ?? { kind: "dispute", outcome, at, reason, resolution };
  const fact: Dispute = { ...raised, reason: reason ?? raised.reason, resolution };
  return add(state, "outcome.disputed", { at, ...alone(fact, known.case) });
}

/** One fact, and all that follows from it. */
function add(
  state: State,
  kind: OutcomeSaid["kind"],
  {
    at,
    estimatesAt = null,
    ...addition
  }: Addition & { readonly at: Instant; readonly estimatesAt?: Instant | null },
): Decision {
  const cases = changedCases(state.outcomes, addition, at);
  const own = cases.find(({ id }) => id === addition.case.id);
  if (own === undefined || own.facts.length > factsMax)
    return reject({
      code: "invalid_request",
      field: "topic",
      reason: `At most ${factsMax} things are kept of one customer and topic. Use another topic.`,
    });
  const follows = recount(state, cases, at);
  const of = leftOf(state, own, { fact: addition.fact, ...follows });
  const said: OutcomeSaid = { kind, at, ...addition, of, estimatesAt, ...follows };
  return accept(said, reviewsOf(state, { after: own, fact: addition.fact, at }));
}

/** The outcome that a fact is said of, with its claim. */
function leftOf(
  { outcomes }: State,
  own: Case,
  { fact, changes }: Pick<Recount, "changes"> & { readonly fact: CaseFact },
): OutcomeSaid["of"] {
  if (!("outcome" in fact)) return null;
  const changed = changes.find(({ outcome }) => outcome.id === fact.outcome)?.outcome;
  const outcome = changed ?? outcomes.outcomes.get(fact.outcome);
  const claim = claimOf(own, fact.outcome);
  return outcome === undefined || claim === undefined ? null : { claim, outcome };
}

const alone = (fact: CaseFact, { id, about }: Pick<Case, "id" | "about">): Addition => ({
  case: { id, about },
  fact,
  use: null,
  displaced: null,
});

/** Of claims with the same evidence the one that happened first counts, whichever was heard of first. */
function usedBy(state: State, claim: Claim, about: Pick<Case, "id" | "about">): Addition {
  const { evidence: proof, outcome, type, at } = claim;
  if (proof === null || claim.isTest) return alone(claim, about);
  const evidence = `${type} ${proof.hash}`;
  const content = `${about.about === null ? "" : about.id} ${claimContent(claim)}`;
  const by: EvidenceUse = { outcome, case: about.id, at, content };
  const first = state.outcomes.evidence.get(evidence);
  if (first === undefined) return { ...alone(claim, about), use: { evidence, by } };
  const isFirst = at < first.at || (at === first.at && content < first.content);
  if (!isFirst) return alone({ ...claim, duplicateOf: first.outcome }, about);
  return {
    ...alone(claim, about),
    use: { evidence, by },
    displaced: { case: first.case, outcome: first.outcome },
  };
}

type Checked<Found> =
  | ({ readonly kind: "found" } & Found)
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** The terms of a type in the period that runs. */
function liveTerms(
  { subscriptions, outcomes }: State,
  type: string,
): Checked<{ readonly terms: OutcomeTerms; readonly period: OutcomePeriod }> {
  const live = subscriptions.live.row;
  const period = outcomes.byTime.rows.at(-1);
  if (live === undefined || live.status === "paused")
    return { kind: "refused", rejection: { code: "no_subscription" } };
  const terms = period === undefined ? undefined : termsIn(period, type);
  if (terms === undefined || period === undefined)
    return {
      kind: "refused",
      rejection: { code: "outcome_not_in_plan", type, plan: live.plan.name },
    };
  return { kind: "found", terms, period };
}

/** When something is said to have happened. */
function timely(said: Instant | null, now: Instant): Checked<{ readonly at: Instant }> {
  const refused = (reason: string): Checked<never> => ({
    kind: "refused",
    rejection: { code: "invalid_request", field: "occurredAt", reason },
  });
  if (said === null) return { kind: "found", at: now };
  if (said > now + clockSkewMaxMs) return refused("An outcome is told of after it happened.");
  if (said < earliestAt(now))
    return refused("An outcome is told of within 35 days after it happened.");
  return { kind: "found", at: said > now ? now : said };
}

/** What a plan's terms do not allow. */
function wrongClaim(
  terms: OutcomeTerms,
  { type, quantity, part, customer, topic, conversation, channel }: ClaimOutcome,
): Rejection | undefined {
  const invalid = (field: string, reason: string): Rejection => ({
    code: "invalid_request",
    field,
    reason,
  });
  if (part !== null && !terms.parts.some(({ name }) => name === part))
    return invalid("part", `The plan has no part "${part}" of ${type}.`);
  if (quantity < 1n || quantity > quantityMax)
    return invalid("quantity", `The quantity is within 1 and ${quantityMax}.`);
  if (terms.kind === "quantity") {
    const given = { customer, topic, conversation, channel };
    const extra = Object.entries(given).find(([, value]) => value !== null);
    return extra === undefined
      ? undefined
      : invalid(extra[0], `An outcome of type ${type} is no conversation; leave it out.`);
  }
  if (quantity !== 1n) return invalid("quantity", "A case is resolved once; leave it out.");
  const needed = { customer, topic, conversation };
  const missing = Object.entries(needed).find(([, value]) => value === null);
  return missing === undefined
    ? undefined
    : invalid(missing[0], `An outcome of type ${type} is of a conversation and needs it.`);
}

/** What is said of an outcome happened after it was claimed. */
const notBefore = (claim: Claim, at: Instant): Instant => instant(Math.max(claim.at, at));

function knownOutcome(
  { outcomes }: State,
  id: string,
): { readonly case: Case; readonly claim: Claim } | undefined {
  const row = outcomes.outcomes.get(id);
  const known = row === undefined ? undefined : outcomes.cases.get(row.case);
  const claim = known === undefined ? undefined : claimOf(known, id);
  return known === undefined || claim === undefined ? undefined : { case: known, claim };
}
