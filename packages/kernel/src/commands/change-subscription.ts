/**
 * Owns when and how a subscription changes (FINANCE, section 6d; RULES 10). What costs less waits for the end of the period,
 * unless it is asked for at once; a plan of another cadence always does, since its periods are counted anew.
 */
import { changedAllowances } from "../allowances/included.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { changeNow } from "../subscriptions/change-now.ts";
import type { Terms } from "../subscriptions/change.ts";
import { includedCredits, periodPrice } from "../subscriptions/charge.ts";
import { isAtPeriodEnd, isSameCommitment } from "../subscriptions/committed.ts";
import { addSeats } from "../subscriptions/more-seats.ts";
import { isSameSchedule } from "../subscriptions/negotiated.ts";
import { isSameCadence } from "../subscriptions/period.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { trying } from "../subscriptions/trial.ts";
import { type Asked, hasSameTerms, isOfNextAlone } from "./asked-terms.ts";

/** A subscription, what is asked of it, and when. */
interface Asking {
  readonly before: Subscription;
  readonly asked: Asked;
  readonly when: "now" | "period_end" | null;
}

/** Whether what is asked for waits for the end of the period; a pause and a trial have none. */
export function waits(state: State, { before, asked, when }: Asking): boolean {
  const { now, later } = asked;
  // A term that a pause keeps open is left when the pause ends.
  if (before.status !== "active")
    return before.status === "paused" && !isSameCommitment(before, now.plan);
  if (hasSameTerms(before, now)) return isOfNextAlone({ plan: now.plan, nextPlan: later.plan });
  return (when ?? whenFor(state, before, now)) === "period_end";
}

/** Changes `before` to terms that the workspace may have. */
export function changeSubscription(
  state: State,
  { before, asked, isLater }: Pick<Asking, "before" | "asked"> & { readonly isLater: boolean },
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const { now: to, next } = asked;
  const updated = (subscription: Subscription): Decision =>
    accept({ kind: "subscription.updated", at, subscription });
  if (isLater) return updated({ ...before, next: asked.later });
  if (before.status !== "active") {
    const included = includedCredits(to.plan, to.seats);
    const units =
      before.status === "trialing" ? changedAllowances(before, to, { at, calendar }) : {};
    return updated({
      ...before,
      ...to,
      ...units,
      ...trying(before, to.plan.name),
      included,
      next,
    });
  }
  // What begins later charges nothing now.
  if (hasSameTerms(before, to))
    return updated({
      ...before,
      ...(isSameSchedule(before.plan, to.plan) ? {} : { plan: to.plan }),
      next,
    });
  if (before.grants !== null) {
    const { grants } = before;
    if (isMoreSeats(before, to))
      return accept(addSeats(state, { ...before, grants }, { to, next }, { at, calendar }));
    return reject({
      code: "invalid_request",
      field: "change",
      reason: `The plan ${before.plan.name} grants credits more often than it charges: seats are added at once, all else changes at "period_end".`,
    });
  }
  if (!isSameCadence(to.plan, before.plan))
    return reject({
      code: "invalid_request",
      field: "change",
      reason: `The plan ${to.plan.name} has periods of another length and begins with one of its own: change at "period_end".`,
    });
  if (isAtPeriodEnd(state, before, to.plan))
    return reject({
      code: "invalid_request",
      field: "change",
      reason: `A commitment of the plan ${before.plan.name} or ${to.plan.name} begins and ends with a period: change at "period_end".`,
    });
  return accept(changeNow(state, before, { to, next }, { at, calendar }));
}

const isMoreSeats = ({ plan, seats }: Subscription, to: Terms): boolean =>
  plan.version === to.plan.version && to.seats > seats;

/** What costs as much or more is had at once. */
function whenFor(state: State, before: Subscription, to: Terms): "now" | "period_end" {
  if (before.grants !== null) return isMoreSeats(before, to) ? "now" : "period_end";
  if (!isSameCadence(to.plan, before.plan) || isAtPeriodEnd(state, before, to.plan))
    return "period_end";
  const costsLess = periodPrice(to.plan, to.seats) < periodPrice(before.plan, before.seats);
  return costsLess ? "period_end" : "now";
}
