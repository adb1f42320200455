/**
 * Owns what can be said about outcomes (FINANCE, E16). Whatever is said is a fact of a case, taken also when it comes late; what it
 * means is worked out from all facts (`outcomes/verdicts.ts`).
 */
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { OutcomeSaid } from "../events.ts";
import { type Instant, instant } from "../instant.ts";
import { hasPeriodToCome } from "../invoices/gather.ts";
import {
  type Case,
  type CaseFact,
  type Claim,
  type Confirmation,
  type Dispute,
  type Reopening,
  type Signal,
  caseIdOf,
  claimOf,
  isDisputed,
} from "../outcomes/case.ts";
import type { Addition, EvidenceUse, Recount } from "../outcomes/change.ts";
import { claimContent } from "../outcomes/episodes.ts";
import { changedCases } from "../outcomes/evolve.ts";
import { type OutcomePeriod, termsIn } from "../outcomes/period.ts";
import { recount } from "../outcomes/recount.ts";
import { reviewsOf } from "../outcomes/reviews.ts";
import { earliestAt } from "../outcomes/slice.ts";
import { stretchAt } from "../outcomes/stretch.ts";
import type { OutcomeTerms } from "../outcomes/terms.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type {
  ClaimOutcome,
  ConfirmOutcome,
  DisputeOutcome,
  ReopenOutcome,
  SignalCase,
} from "./command.ts";

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
  const when = timely(command.occurredAt, at);
  if (when.kind === "refused") return reject(when.rejection);
  const then = termsThen(state, command.type, when.at);
  if (then.kind === "refused") return reject(then.rejection);
  const { outcome, type, conversation, channel, quantity, part, evidence } = command;
  const { period, terms } = then;
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

/** The terms of a type when a result was reached: who tells of it later, after an end, a pause or a change of plan, tells no less. */
function termsThen(
  { subscriptions, outcomes }: State,
  type: string,
  at: Instant,
): Checked<{ readonly terms: OutcomeTerms; readonly period: OutcomePeriod }> {
  const period = stretchAt(outcomes, at);
  const terms = period === undefined ? undefined : termsIn(period, type);
  if (period !== undefined && terms !== undefined) return { kind: "found", terms, period };
  const { row: live } = subscriptions.live;
  // A plan that pays for nothing of the kind has no stretch where none came before it.
  const plan = period?.plan ?? (isOn(live, at) ? live?.plan.name : undefined);
  return {
    kind: "refused",
    rejection:
      plan === undefined
        ? { code: "no_subscription" }
        : { code: "outcome_not_in_plan", type, plan },
  };
}

const isOn = (live: Subscription | undefined, at: Instant): boolean =>
  live !== undefined && live.status !== "paused" && live.startedAt <= at;

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
