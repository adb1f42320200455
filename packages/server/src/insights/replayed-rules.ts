/**
 * Owns what is asked again of what surrounds calls in a replayed past: settings, plans, policies, runs and answers to requests for more.
 * How the pool is shared is left out of settings: that is what a lane tries.
 */
import type { Command, Event, Run, RunBounds, Subscription, Workspace } from "@cistern/kernel";

/** Facts of what surrounds calls. */
export type OfRules = Extract<
  Event,
  {
    readonly kind:
      | "workspace.updated"
      | "limits.updated"
      | "policy.updated"
      | "policy.removed"
      | "policy.accepted"
      | "run.opened"
      | "run.raised"
      | "run.closed"
      | "credit_request.created"
      | "credit_request.approved"
      | "credit_request.declined"
      | "subscription.started"
      | "subscription.changed"
      | "subscription.updated"
      | "subscription.resumed"
      | "subscription.cancelled";
  }
>;

/** The commands behind them. */
export function rulesAgain(event: OfRules): readonly Command[] {
  switch (event.kind) {
    case "workspace.updated":
      return [settings(event.workspace)];
    case "limits.updated": {
      const remove = event.removed.map(({ id }) => id);
      return [{ kind: "putLimits", limits: event.limits.map(({ limit }) => limit), remove }];
    }
    case "policy.updated":
      return [{ kind: "putPolicy", policy: event.policy }];
    case "policy.removed":
      return [{ kind: "removePolicy", policy: event.policy.id }];
    case "policy.accepted": {
      const { policy, member, text } = event.acceptance;
      return [{ kind: "acceptPolicy", policy, member, version: text.version }];
    }
    case "run.opened":
      return [openedRun(event.run)];
    case "run.raised":
      return [raisedRun(event.run, event.at)];
    case "run.closed":
      return [{ kind: "closeRun", run: event.run.id }];
    case "credit_request.created":
    case "credit_request.approved":
    case "credit_request.declined":
      return ofRequest(event);
    case "subscription.started":
      return [subscribed(event.subscription, "now")];
    case "subscription.changed":
      return event.seatFor === undefined
        ? [subscribed(event.subscription, "now")]
        : [{ kind: "assignSeat", member: event.seatFor }];
    case "subscription.updated":
      return event.seatFor === undefined
        ? planned(event.subscription)
        : [{ kind: "assignSeat", member: event.seatFor }];
    case "subscription.resumed":
      return [{ kind: "setPeriodEnd", atEnd: "renew" }];
    case "subscription.cancelled":
      return [{ kind: "cancelSubscription" }];
  }
}

function settings(workspace: Workspace): Command {
  const { timeZone, status, overage, overrun, members, guestsMax, owners } = workspace;
  const changes = { timeZone, status, overage, overrun, members, guestsMax };
  return {
    kind: "updateWorkspace",
    changes: owners === undefined ? changes : { ...changes, owners },
  };
}

/** A run is opened as it was, but for what it prepaid. */
export const openedRun = ({ id: run, member, ancestors, bounds, idleMs }: Run): Command => ({
  kind: "openRun",
  run,
  member,
  parent: ancestors[0] ?? null,
  bounds,
  idleMs,
});

/** A run is raised to its bounds. */
export const raisedRun = ({ id: run, bounds }: Run, at: number): Command => ({
  kind: "raiseRun",
  run,
  bounds: ahead(bounds, at),
});

/** A deadline that has passed was not moved. */
const ahead = (bounds: RunBounds, at: number): RunBounds =>
  bounds.deadline !== null && bounds.deadline <= at ? { ...bounds, deadline: null } : bounds;

function ofRequest({
  request: { id: request, member, limit, credits, createdAt, expiresAt, end },
}: Extract<
  Event,
  {
    readonly kind: "credit_request.created" | "credit_request.approved" | "credit_request.declined";
  }
>): readonly Command[] {
  if (end === null) {
    const ttlMs = expiresAt - createdAt;
    return [{ kind: "requestCredits", request, member, limit, credits, ttlMs }];
  }
  switch (end.kind) {
    case "approved": {
      const { by, approval } = end;
      const from = approval.as === "gift" ? approval.from : null;
      const { as, credits: given } = approval;
      return [{ kind: "approveRequest", request, by, as, credits: given, from }];
    }
    case "declined":
      return [{ kind: "declineRequest", request, by: end.by }];
    case "expired":
      return [];
  }
}

function subscribed(
  { id, plan, seats }: Pick<Subscription, "id" | "plan" | "seats">,
  when: "now" | "period_end",
): Command {
  return {
    kind: "putSubscription",
    subscription: id,
    plan,
    isPinnedAnew: true,
    seats: plan.seats === null ? null : seats,
    when,
  };
}

/** What the end of the period was to bring. Trials and pauses have no time that is paid for: their terms change at once. */
function planned({ id, status, plan, seats, atEnd, next }: Subscription): readonly Command[] {
  const own = { id, plan, seats };
  const now = status === "active" && next !== null ? [] : [subscribed(own, "now")];
  const after = next === null ? [] : [subscribed({ id, ...next }, "period_end")];
  return [...now, ...after, { kind: "setPeriodEnd", atEnd }];
}
