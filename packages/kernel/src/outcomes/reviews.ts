/** Owns what a person should look at: cases that look split, and cases that look thrown together. Nothing is changed by it. */
import type { OutcomeReviewRaised } from "./events.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import type { Case, CaseFact } from "./case.ts";
import { type Happening, episodesOf } from "./episodes.ts";
import { termsAt } from "./slice.ts";
import type { ConversationTerms } from "./terms.ts";

/** Reviews that a new fact is the reason for: `after` is its case with it. */
export function reviewsOf(
  state: State,
  { after, fact, at }: { after: Case; fact: CaseFact; at: Instant },
): readonly OutcomeReviewRaised[] {
  const { about } = after;
  if (about === null) return [];
  const types = new Set(after.facts.flatMap((one) => (one.kind === "claim" ? [one.type] : [])));
  const raised: OutcomeReviewRaised[] = [];
  const raise = (reason: OutcomeReviewRaised["reason"], type: string, count: number): void => {
    raised.push({ kind: "outcome.review_raised", at, reason, case: after.id, about, type, count });
  };
  for (const type of types) {
    const terms = termsAt(state.outcomes, type, fact.at);
    if (terms?.kind !== "conversation") continue;
    const before = state.outcomes.cases.get(after.id)?.facts ?? [];
    const conversations = conversationsWith(after.facts, fact, terms);
    if (
      conversations >= terms.reviewFrom.conversations &&
      conversationsWith(before, fact, terms) < terms.reviewFrom.conversations
    )
      raise("many_conversations", type, conversations);
    if (fact.kind !== "claim" || fact.type !== type || fact.isTest) continue;
    if (before.some((one) => isNear(one, { fact, type, terms }))) continue;
    const topics = 1 + topicsBeside(state, after, { fact, type, terms });
    if (topics === terms.reviewFrom.topics) raise("many_topics", type, topics);
  }
  return raised;
}

/** Conversations of the case that a fact is in, or is nearest to. */
function conversationsWith(
  facts: readonly CaseFact[],
  { at }: CaseFact,
  { linkMs }: ConversationTerms,
): number {
  const happenings = facts.filter((one): one is Happening => one.kind !== "dispute");
  const episode = episodesOf(happenings, () => linkMs).find((one) =>
    one.some((other) => Math.abs(other.at - at) < linkMs),
  );
  const named = (episode ?? []).flatMap((one) =>
    "conversation" in one && one.conversation !== null ? [one.conversation] : [],
  );
  return new Set(named).size;
}

interface Near {
  readonly fact: CaseFact;
  readonly type: string;
  readonly terms: ConversationTerms;
}

/** A claim of that type within the link window of a fact. */
const isNear = (one: CaseFact, { fact, type, terms }: Near): boolean =>
  one.kind === "claim" &&
  one.type === type &&
  !one.isTest &&
  Math.abs(one.at - fact.at) < terms.linkMs;

/** Other topics of the same end customer. */
function topicsBeside({ outcomes }: State, { id, about }: Case, near: Near): number {
  const ids = [...(outcomes.byCustomer.get(about?.customer ?? "") ?? [])];
  return ids.filter(
    (other) =>
      other !== id && (outcomes.cases.get(other)?.facts ?? []).some((one) => isNear(one, near)),
  ).length;
}
