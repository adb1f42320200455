/** Owns what all that is said of outcomes has in common: when it was, how it is kept, and that all follows from it at once. */
import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { type Case, type CaseFact, claimOf } from "../outcomes/case.ts";
import type { Addition, Recount } from "../outcomes/change.ts";
import type { OutcomeSaid } from "../outcomes/events.ts";
import { changedCases } from "../outcomes/evolve.ts";
import { recount } from "../outcomes/recount.ts";
import { reversalsOf } from "../outcomes/reversals.ts";
import { reviewsOf } from "../outcomes/reviews.ts";
import { earliestAt } from "../outcomes/slice.ts";
import type { Rejection } from "../rejections.ts";
import type { State } from "../state/state.ts";

/** A caller's clock may run ahead of ours by this; what it dates later than now happened now. */
const clockSkewMaxMs = 5 * 60 * 1_000;

/** Facts that are kept of one case. */
const factsMax = 500;

/** One fact, and all that follows from it. */
export function add(
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
  return accept(said, [
    ...reversalsOf(state, said),
    ...reviewsOf(state, { after: own, fact: addition.fact, at }),
  ]);
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

/** An addition without evidence. */
export const alone = (fact: CaseFact, { id, about }: Pick<Case, "id" | "about">): Addition => ({
  case: { id, about },
  fact,
  use: null,
  displaced: null,
});

/** What is looked up, or why it cannot be had. */
export type Checked<Found> =
  | ({ readonly kind: "found" } & Found)
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** When something is said to have happened. */
export function timely(said: Instant | null, now: Instant): Checked<{ readonly at: Instant }> {
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
