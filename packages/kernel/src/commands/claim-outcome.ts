/** Owns how a result is claimed (FINANCE, E16): by the terms of its time, and with its evidence once. */
import { type Decision, type Surroundings, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { type Case, type Claim, type Evidence, caseIdOf } from "../outcomes/case.ts";
import type { Addition, EvidenceUse } from "../outcomes/change.ts";
import { claimContent } from "../outcomes/episodes.ts";
import { type OutcomePeriod, termsIn } from "../outcomes/period.ts";
import { stretchAt } from "../outcomes/stretch.ts";
import type { Channel, OutcomeTerms } from "../outcomes/terms.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { type Checked, add, alone, timely } from "./outcome-said.ts";

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
