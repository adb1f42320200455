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
import { isAtPeriodEnd } from "../subscriptions/committed.ts";
import { addSeats } from "../subscriptions/more-seats.ts";
import { isSameSchedule } from "../subscriptions/negotiated.ts";
import { isSameCadence } from "../subscriptions/period.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { trying } from "../subscriptions/trial.ts";

/** Changes `before` to terms that the workspace may have. */
export function changeSubscription(
  state: State,
  { before, to, when }: { before: Subscription; to: Terms; when: "now" | "period_end" | null },
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const updated = (subscription: Subscription): Decision =>
    accept({ kind: "subscription.updated", at, subscription });
  // A term that a pause keeps open is left when the pause ends.
  if (before.status === "paused" && isAtPeriodEnd(before.plan, to.plan))
    return updated({ ...before, next: to });
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
      next: null,
    });
  }
  // What begins later charges nothing now.
  if (isSame(before, to))
    return updated({
      ...before,
      ...(isSameSchedule(before.plan, to.plan) ? {} : { plan: to.plan }),
      next: null,
    });
  if ((when ?? whenFor(before, to)) === "period_end") return updated({ ...before, next: to });
  if (before.grants !== null) {
    const { grants } = before;
    if (isMoreSeats(before, to))
      return accept(addSeats(state, { ...before, grants }, to, { at, calendar }));
    return reject({
      code: "invalid_request",
      field: "when",
      reason: `The plan ${before.plan.name} grants credits more often than it charges: seats are added at once, all else changes at "period_end".`,
    });
  }
  if (!isSameCadence(to.plan, before.plan))
    return reject({
      code: "invalid_request",
      field: "when",
      reason: `The plan ${to.plan.name} has periods of another length and begins with one of its own: change at "period_end".`,
    });
  if (isAtPeriodEnd(before.plan, to.plan))
    return reject({
      code: "invalid_request",
      field: "when",
      reason: `A commitment of the plan ${before.plan.name} or ${to.plan.name} begins and ends with a period: change at "period_end".`,
    });
  return accept(changeNow(state, before, to, { at, calendar }));
}

const isMoreSeats = ({ plan, seats }: Subscription, to: Terms): boolean =>
  plan.version === to.plan.version && to.seats > seats;

/** What costs as much or more is had at once. */
function whenFor(before: Subscription, to: Terms): "now" | "period_end" {
  if (before.grants !== null) return isMoreSeats(before, to) ? "now" : "period_end";
  if (!isSameCadence(to.plan, before.plan) || isAtPeriodEnd(before.plan, to.plan))
    return "period_end";
  const costsLess = periodPrice(to.plan, to.seats) < periodPrice(before.plan, before.seats);
  return costsLess ? "period_end" : "now";
}

const isSame = ({ plan, seats }: Subscription, to: Terms): boolean =>
  plan.version === to.plan.version &&
  plan.rateCard?.version === to.plan.rateCard?.version &&
  seats === to.seats;
