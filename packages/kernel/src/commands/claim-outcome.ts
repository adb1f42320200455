/** Owns how a result is claimed (FINANCE, E16): by the terms of its time, and with its evidence once. */
import { type Decision, type Surroundings, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { type Case, type Claim, type Evidence, caseIdOf } from "../outcomes/case.ts";
import type { Addition, EvidenceUse } from "../outcomes/change.ts";
import { claimContent } from "../outcomes/episodes.ts";
import { type OutcomePeriod, termsIn } from "../outcomes/period.ts";
import { periodAt } from "../outcomes/slice.ts";
import type { Channel, OutcomeTerms } from "../outcomes/terms.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
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
