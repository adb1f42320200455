/**
 * Owns which terms a change asks for: those that it may bring at once, those that it may plan, and what it leaves planned.
 *
 * A1 who names a plan replaces the planned one. Planned seats stay unless they are said, and so do prices that are negotiated over
 * that plan and wait. A2 who names none works on what is planned too: on its seats, and, where it is the same plan, on its prices
 * and its version. A planned plan of another name stays as it was pinned.
 */
import type { RateCards } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { withPinnedCard } from "../rating/card-in-force.ts";
import type { Terms } from "../subscriptions/change.ts";
import { goingOn } from "../subscriptions/following.ts";
import {
  isSameSchedule,
  keepNegotiated,
  listed,
  withNegotiated,
} from "../subscriptions/negotiated.ts";
import type { Negotiation, Plan } from "../subscriptions/plan.ts";
import type { Subscription } from "../subscriptions/subscription.ts";

/** What a change says of terms; the command has more. */
interface Said {
  readonly plan: Plan | null;
  readonly isPinnedAnew: boolean;
  readonly newest?: readonly Plan[];
  readonly negotiated?: { readonly spans: readonly Negotiation[] } | null;
  readonly seats: number | null;
}

/** Terms that are asked for. */
export interface Asked {
  /** Where it is had at once. */
  readonly now: Terms;
  /** What is planned then. */
  readonly next: Subscription["next"];
  /** Where it waits for the end of the period. */
  readonly later: Terms;
}

/** undefined: there is no plan to be on. */
export function askedTerms(
  before: Subscription | undefined,
  command: Said,
  at: Instant,
  cards: RateCards,
): Asked | undefined {
  const { plan } = command;
  const asked =
    plan === null
      ? before && unnamed(before, command, at, cards)
      : named(before, { ...command, plan }, at, cards);
  if (asked === undefined) return undefined;
  const { now, next, later } = asked;
  return { now, later, next: next !== null && isSameTerms(now, next) ? null : next };
}

/** Whether nothing differs, now or later. */
const isSameTerms = (a: Terms, b: Terms): boolean =>
  hasSameTerms(a, b) && isSameSchedule(a.plan, b.plan);

/** Whether terms are the same as they stand: what is negotiated for later may differ. */
export const hasSameTerms = (a: Terms, b: Terms): boolean =>
  a.plan.version === b.plan.version &&
  a.plan.rateCard?.version === b.plan.rateCard?.version &&
  a.seats === b.seats;

/** A1. */
function named(
  before: Subscription | undefined,
  command: Said & { readonly plan: Plan },
  at: Instant,
  cards: RateCards,
): Asked {
  const { plan, isPinnedAnew, seats, negotiated } = command;
  const running = before?.plan.name === plan.name ? before.plan : undefined;
  const isKept = running !== undefined && !isPinnedAnew;
  const chosen = isKept ? running : pinned(plan, running, cards);
  const planned = before?.next?.plan.name === plan.name ? before.next.plan : running;
  const nowPlan = priced(chosen, running, negotiated, at);
  const nextPlan = priced(chosen, planned, negotiated, at);
  const paid = seats ?? atLeast(nowPlan, before?.seats ?? 0);
  const waiting = seats ?? plannedSeats(before);
  return {
    now: { plan: nowPlan, seats: paid },
    next: { plan: nextPlan, seats: waiting === undefined ? paid : within(nextPlan, waiting) },
    later: { plan: nextPlan, seats: seats ?? atLeast(nextPlan, waiting ?? before?.seats ?? 0) },
  };
}

/** A2. undefined: the plan that runs is to be pinned anew, and is not among the newest. */
function unnamed(
  before: Subscription,
  { seats, negotiated, newest }: Said,
  at: Instant,
  cards: RateCards,
): Asked | undefined {
  const { plan: running, next } = before;
  const found = newest?.find(({ name }) => name === running.name);
  if (newest !== undefined && found === undefined) return undefined;
  const newer = (plan: Plan): Plan => (found === undefined ? plan : pinned(found, plan, cards));
  const plan = priced(newer(running), running, negotiated, at);
  const now = { plan, seats: seats ?? atLeast(plan, before.seats) };
  if (next === null) return { now, next, later: now };
  const nextPlan =
    next.plan.name === running.name
      ? priced(newer(next.plan), next.plan, negotiated, at)
      : next.plan;
  const wanted = seats ?? next.seats;
  return {
    now: isOfNextAlone({ plan, nextPlan }) ? { plan, seats: 0 } : now,
    next: { plan: nextPlan, seats: within(nextPlan, wanted) },
    later: {
      plan: nextPlan,
      seats: nextPlan.seats === null ? 0 : (seats ?? atLeast(nextPlan, next.seats)),
    },
  };
}

/** A plan as it is in force, where it may go on from an older version of it. */
const pinned = (plan: Plan, from: Plan | undefined, cards: RateCards): Plan => {
  const newest = withPinnedCard(plan, cards);
  return from === undefined ? newest : goingOn(newest, from);
};

/** Whether seats that are said are of the planned plan: the one that runs has none. */
export const isOfNextAlone = ({
  plan,
  nextPlan,
}: {
  readonly plan: Plan;
  readonly nextPlan: Plan;
}): boolean => plan.seats === null && nextPlan.seats !== null;

/** A plan with what is negotiated over it: as it is said, or else as it was over `from`. */
function priced(
  plan: Plan,
  from: Plan | undefined,
  negotiated: Said["negotiated"],
  at: Instant,
): Plan {
  if (negotiated !== undefined) return withNegotiated(plan, negotiated?.spans ?? null, at);
  if (from === undefined) return plan;
  return from.negotiated === undefined ? listed(plan) : keepNegotiated(plan, from.negotiated);
}

/** Seats that somebody planned; undefined where they are those that run, as the planned plan takes them. */
function plannedSeats(before: Subscription | undefined): number | undefined {
  const { seats = 0, next = null } = before ?? {};
  if (next === null || next.plan.seats === null || next.seats === within(next.plan, seats))
    return undefined;
  return next.seats;
}

const atLeast = ({ seats }: Plan, wanted: number): number =>
  seats === null ? 0 : Math.max(wanted, seats.minimum);

const within = (plan: Plan, wanted: number): number =>
  Math.min(atLeast(plan, wanted), plan.seats?.maximum ?? Infinity);
