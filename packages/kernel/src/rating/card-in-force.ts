/** Owns which rate card a workspace goes by: that of its plan, the latest that is in force or the one that was pinned (RULES 19). */
import { type RateCards, rateCardOf } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { endOf } from "../outcomes/stretch.ts";
import type { State } from "../state/state.ts";
import type { Plan, PlanRateCard } from "../subscriptions/plan.ts";
import { negotiatedCard } from "./negotiated-card.ts";
import { planCardAt } from "./plan-cards.ts";
import type { RateCard } from "./rate-card.ts";

/**
 * The card that prices what begins now, as this customer has it. A catalog that is sound has each card that a plan names, and what was in force once is kept; where
 * the host knows no such card all the same, the one of workspaces without a plan stands in, so that nobody stands still.
 */
export function cardInForce({ subscriptions }: State, cards: RateCards): RateCard {
  const plan = subscriptions.live.row?.plan;
  return negotiatedCard(listInForce(plan, cards), plan?.negotiated);
}

/** The list that a plan goes by, without what was negotiated over it. */
export function listInForce(plan: Plan | undefined, cards: RateCards): RateCard {
  const named = plan?.rateCard;
  if (named === undefined) return cards.rateCard;
  return cardNamed(named, cards, cards.rateCardNamed?.(named.name)) ?? cards.rateCard;
}

/** The card that was in force for the workspace at an instant of the past, by the plan that it was on then. */
export function cardThen(state: State, cards: RateCards, at: Instant): RateCard {
  return negotiatedCard(listThen(state, cards, at), negotiatedThen(state, at));
}

/** What was negotiated over it then. */
function negotiatedThen({ outcomes, subscriptions }: State, at: Instant) {
  const stretch = outcomes.byTime.rows.findLast(({ from }) => from <= at);
  const isOver = stretch !== undefined && at >= endOf(stretch);
  return isOver && subscriptions.live.row?.id !== stretch.subscription ? undefined : stretch?.rates;
}

function listThen({ planCards }: State, cards: RateCards, at: Instant): RateCard {
  const then = (name: string | null): RateCard | undefined => {
    if (cards.rateCardThen !== undefined) return cards.rateCardThen(name, at);
    return name === null ? undefined : cards.rateCardNamed?.(name);
  };
  const named = planCardAt(planCards, at);
  const found = named === null ? undefined : cardNamed(named, cards, then(named.name));
  return found ?? then(null) ?? cards.rateCard;
}

const cardNamed = (
  { version }: PlanRateCard,
  cards: RateCards,
  byDate: RateCard | undefined,
): RateCard | undefined => (version === undefined ? byDate : rateCardOf(cards, version));

/** The plan as it is pinned now: where it wants one version of its rate card, with that of now. So are those that follow it. */
export function withPinnedCard(plan: Plan, cards: RateCards): Plan {
  const { rateCard, followedBy } = plan;
  const pinned =
    followedBy === undefined
      ? plan
      : { ...plan, followedBy: { ...followedBy, plan: withPinnedCard(followedBy.plan, cards) } };
  if (rateCard === undefined || !rateCard.isPinned) return pinned;
  const { id } = cards.rateCardNamed?.(rateCard.name) ?? cards.rateCard;
  return { ...pinned, rateCard: { ...rateCard, version: id } };
}
