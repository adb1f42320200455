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
import type { StartSubscription } from "./command.ts";

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
  if (plan.currency !== workspace.currency)
    return reject({
      code: "currency_mismatch",
      given: plan.currency,
      expected: workspace.currency,
    });
  const wrong = wrongSeats(plan, seats);
  if (wrong !== undefined) return reject(wrong);
  if (state.pool.totals.granted + includedCredits(plan, seats) > creditsMax)
    return reject({
      code: "invalid_request",
      field: "plan",
      reason: "A workspace is granted at most 10^12 credits in all.",
    });
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

/** Why a plan cannot be had with so many seats. */
export function wrongSeats({ name, seats: terms }: Plan, seats: number): Rejection | undefined {
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
