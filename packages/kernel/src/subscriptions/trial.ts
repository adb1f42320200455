/** Owns that a plan is tried once in a workspace's life: whoever cancels and comes again begins with a period that is paid. */
import type { State } from "../state/state.ts";
import type { Subscription } from "./subscription.ts";

/** Whether the workspace has had a trial with a plan of this name, in whatever version. */
export function hasTried({ subscriptions }: State, plan: string): boolean {
  for (const { tried } of subscriptions.subscriptions.values())
    if (tried?.includes(plan) === true) return true;
  return false;
}

/** Whoever goes on with another plan in a trial tries that one too. */
export const trying = (
  { status, tried = [] }: Subscription,
  plan: string,
): Pick<Subscription, "tried"> =>
  status !== "trialing" || tried.includes(plan) ? {} : { tried: [...tried, plan] };
