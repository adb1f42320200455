/**
 * Owns with which plan the next period begins.
 *
 * F1 what was planned for it comes first. F2 a plan that another one follows lasts so many whole periods: trials, pauses and the
 * rest of a period in which it was changed to are not counted. Who asks for another plan has left the count behind; a newer version
 * of this one goes on with it, and lasts no longer than the old one would have.
 */
import type { Instant } from "../instant.ts";
import { planAt } from "./negotiated.ts";
import type { Plan } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

/** The terms of the period that begins at an instant, after that of `before`. */
export function termsAfter(
  before: Subscription,
  at: Instant,
): { readonly plan: Plan; readonly seats: number } {
  const { plan, seats } = before.next ?? before;
  const { followedBy } = plan;
  if (followedBy === undefined || followedBy.after > 0) return { plan: planAt(plan, at), seats };
  return { plan: followedBy.plan, seats: Math.max(seats, followedBy.plan.seats?.minimum ?? seats) };
}

/** The plan in a whole period that begins: one less is to come (F2). */
export function counted(plan: Plan): Plan {
  if (plan.followedBy === undefined) return plan;
  const followedBy = { ...plan.followedBy, after: Math.max(0, plan.followedBy.after - 1) };
  const { negotiated } = plan;
  if (negotiated === undefined) return { ...plan, followedBy };
  return {
    ...plan,
    followedBy,
    negotiated: { ...negotiated, list: { ...negotiated.list, followedBy } },
  };
}

/** A newer version of the plan that runs, with what is left of the count (F2). */
export function goingOn(newer: Plan, { followedBy: running }: Plan): Plan {
  const { followedBy } = newer;
  if (followedBy === undefined || running === undefined) return newer;
  return {
    ...newer,
    followedBy: { ...followedBy, after: Math.min(followedBy.after, running.after) },
  };
}
