/** Owns how a subscription begins and what its end of period will bring; changes in the middle stand in `change-subscription.ts`. */
import { creditsMax } from "../amount.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { beginPeriod, beginTrial } from "../subscriptions/begin-period.ts";
import { includedCredits } from "../subscriptions/charge.ts";
import { periodAt, trialPeriod } from "../subscriptions/period.ts";
import type { Plan } from "../subscriptions/plan.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { endedAt } from "../subscriptions/end-period.ts";
import type { Terms } from "../subscriptions/change.ts";
import type { SetPeriodEnd, StartSubscription } from "./command.ts";

/** Pins a plan and begins its first period, or its trial. */
export function startSubscription(
  state: State,
  { subscription: id, plan, seats }: StartSubscription,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const live = state.subscriptions.live.row;
  if (live !== undefined)
    return reject({ code: "subscription_exists", subscription: live.id, plan: live.plan.name });
  const wrong = wrongTerms(state, { plan, seats });
  if (wrong !== undefined) return reject(wrong);
  const { timeZone } = workspace;
  const isTrial = plan.trialDays > 0;
  const period = isTrial
    ? trialPeriod(at, plan.trialDays, { timeZone, calendar })
    : periodAt(0, { anchor: at, cadence: plan.cadence, timeZone }, calendar);
  const begun: Subscription = {
    id,
    status: isTrial ? "trialing" : "active",
    plan,
    timeZone,
    startedAt: at,
    anchor: at,
    period,
    begun: isTrial ? 1 : 0,
    seats,
    atEnd: "renew",
    next: null,
    lots: [],
    included: includedCredits(plan, seats),
    isRolled: false,
    rolled: [],
    access: [],
    recognisesAt: null,
  };
  const first = isTrial
    ? beginTrial(state, begun, at)
    : beginPeriod(state, begun, { period, at, calendar });
  return accept({ kind: "subscription.started", at, ...first });
}

/** Sets what the end of the period brings. A paused subscription that is to renew begins a period at once, and counts from there. */
export function setPeriodEnd(
  state: State,
  { atEnd }: SetPeriodEnd,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const live = state.subscriptions.live.row;
  if (live === undefined) return reject({ code: "no_subscription" });
  if (live.status !== "paused")
    return accept({ kind: "subscription.updated", at, subscription: { ...live, atEnd } });
  if (atEnd === "end") return accept(endedAt(state, live, at));
  if (atEnd === "pause") return accept({ kind: "subscription.updated", at, subscription: live });
  const { plan, timeZone } = live;
  const from = { anchor: at, cadence: plan.cadence, timeZone };
  const period = periodAt(0, from, calendar);
  const resumed: Subscription = { ...live, anchor: at, atEnd };
  return accept({
    kind: "subscription.renewed",
    at,
    ...beginPeriod(state, resumed, { period, at, calendar }),
  });
}

/** Why a workspace cannot have these terms. */
export function wrongTerms(state: State, { plan, seats }: Terms): Rejection | undefined {
  const expected = workspaceOf(state)?.currency ?? "";
  if (plan.currency !== expected)
    return { code: "currency_mismatch", given: plan.currency, expected };
  if (state.pool.totals.granted + includedCredits(plan, seats) > creditsMax)
    return {
      code: "invalid_request",
      field: "plan",
      reason: "A workspace is granted at most 10^12 credits in all.",
    };
  return wrongSeats(plan, seats);
}

/** Why a plan cannot be had with so many seats. */
function wrongSeats({ name, seats: terms }: Plan, seats: number): Rejection | undefined {
  const invalid = (reason: string): Rejection =>
    ({ code: "invalid_request", field: "seats", reason }) as const;
  if (terms === null)
    return seats === 0 ? undefined : invalid(`The plan ${name} has no seats; leave them out.`);
  if (seats < terms.minimum)
    return invalid(`The plan ${name} has at least ${terms.minimum} seat(s).`);
  if (terms.maximum !== null && seats > terms.maximum)
    return invalid(`The plan ${name} has at most ${terms.maximum} seat(s).`);
  return undefined;
}
