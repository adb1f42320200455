/**
 * Owns how a subscription begins and what the end of its period brings; changes in the middle stand in
 * `change-subscription.ts`. At most one lives in a workspace.
 */
import { creditsMax } from "../amount.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { listInForce } from "../rating/card-in-force.ts";
import type { RateCard } from "../rating/rate-card.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { beginPeriod, beginTrial } from "../subscriptions/begin-period.ts";
import { cancelNow } from "../subscriptions/change-now.ts";
import type { Terms } from "../subscriptions/change.ts";
import { includedCredits } from "../subscriptions/charge.ts";
import { carriedOver, closing } from "../subscriptions/end-period.ts";
import { termsAfter } from "../subscriptions/following.ts";
import { leaveFor } from "../subscriptions/leave-commitment.ts";
import { faultsOfNegotiation } from "../subscriptions/negotiated.ts";
import { hasTried } from "../subscriptions/trial.ts";
import { periodAt, trialPeriod } from "../subscriptions/period.ts";
import type { Negotiation, Plan } from "../subscriptions/plan.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { askedTerms } from "./asked-terms.ts";
import { changeSubscription, waits } from "./change-subscription.ts";

/** Begins a subscription, or changes the one that lives: its plan, its seats, or both. */
export interface PutSubscription {
  readonly kind: "putSubscription";
  /** The id of a new one. */
  readonly subscription: string;
  /** null: as it is. One of the same name is the one that was pinned, unless it is to be pinned anew. */
  readonly plan: Plan | null;
  readonly isPinnedAnew: boolean;
  /** Where no plan is named: the versions that the plan which runs, and a planned one of its name, are pinned anew to. Left out: none is. */
  readonly newest?: readonly Plan[];
  /** Prices of this customer; null: those of the list. Left out: what was negotiated stays with its plan. */
  readonly negotiated?: {
    readonly spans: readonly Negotiation[];
    /** Said as a list, so that faults name which one it is. */
    readonly isList: boolean;
    /** Of all its money; null: the workspace's. */
    readonly currency: string | null;
  } | null;
  /** null: as they are, now and as planned; of a new plan as many as it has at least. */
  readonly seats: number | null;
  /** null: at once what costs as much or more, and the rest at the end of the period. */
  readonly when: "now" | "period_end" | null;
  /** When it is to be, which can be the end of the period that runs; left out: as `when` says. */
  readonly effectiveAt?: Instant;
}

/** What the end of the period brings: another one, a pause, or the end. */
export interface SetPeriodEnd {
  readonly kind: "setPeriodEnd";
  readonly atEnd: "renew" | "pause" | "end";
}

/** Ends the subscription at once: time that was paid for is given back. */
export interface CancelSubscription {
  readonly kind: "cancelSubscription";
}

/** Begins a subscription, or changes the one that lives. */
export function putSubscription(
  state: State,
  command: PutSubscription,
  at: Instant,
  around: Surroundings,
): Decision {
  const before = state.subscriptions.live.row;
  const asked = askedTerms(before, command, at, around);
  if (asked === undefined) return reject(noPlan(before));
  const { plan } = asked.now;
  const card = listInForce(plan, around);
  const unsound = refuseNegotiation(state, plan, command.negotiated ?? null, { at, card });
  if (unsound !== undefined) return reject(unsound);
  const misdated = wrongDate(before, command, at);
  if (misdated !== undefined) return reject(misdated);
  const when = command.effectiveAt === undefined ? command.when : "period_end";
  const isLater = before !== undefined && waits(state, { before, asked, when });
  const to = isLater ? asked.later : asked.now;
  const wrong = wrongTerms(state, to);
  if (wrong !== undefined) return reject(wrong);
  const assigned = state.seats.seats.size;
  if (to.plan.seats !== null && to.seats < assigned)
    return reject({ code: "seats_assigned", asked: to.seats, assigned });
  if (before === undefined) return start(state, command.subscription, to, at, around);
  const isOver = isLater && command.plan === null && command.negotiated !== undefined;
  if (isOver && to.plan.name !== plan.name) return reject(pricesOfAnother(plan, to.plan));
  return changeSubscription(state, { before, asked, isLater }, at, around);
}

/** A change is never dated back: what has passed of the period is paid for, used and perhaps closed. */
function wrongDate(
  before: Subscription | undefined,
  { effectiveAt, when }: Pick<PutSubscription, "effectiveAt" | "when">,
  at: Instant,
): Rejection | undefined {
  if (effectiveAt === undefined) return undefined;
  const invalid = (reason: string): Rejection => ({
    code: "invalid_request",
    field: "effectiveAt",
    reason,
  });
  if (effectiveAt < at)
    return invalid(
      "It is in the past, and no plan is changed there: what has passed is paid for and used. Leave it out to change now.",
    );
  if (before?.status !== "active")
    return invalid("No paid period runs that a change could wait for: leave it out to change now.");
  if (effectiveAt !== before.period.end || when === "now")
    return invalid(
      "A plan changes now, or at the end of the period that runs: leave it out, or give the end of that period.",
    );
  return undefined;
}

const noPlan = (before: Subscription | undefined): Rejection =>
  before === undefined
    ? { code: "no_subscription" }
    : {
        code: "invalid_request",
        field: "repin",
        reason: `The catalog in force has no plan ${before.plan.name}, which runs: there is no version to pin.`,
      };

const pricesOfAnother = ({ name }: Plan, planned: Plan): Rejection => ({
  code: "invalid_request",
  field: "negotiated",
  reason: `Prices over the plan ${name} would begin with the next period, for which ${planned.name} is planned: change "now", or name the plan that they are for.`,
});

function refuseNegotiation(
  state: State,
  plan: Plan,
  terms: PutSubscription["negotiated"] & (object | null),
  now: { readonly at: Instant; readonly card: RateCard },
): Rejection | undefined {
  if (terms === null) return undefined;
  const expected = workspaceOf(state)?.currency ?? "";
  if (terms.currency !== null && terms.currency !== expected)
    return { code: "currency_mismatch", given: terms.currency, expected };
  const [first, ...more] = faultsOfNegotiation(plan, terms, now);
  return first === undefined ? undefined : { code: "invalid_request", ...first, more };
}

/** Why a workspace cannot have these terms. */
function wrongTerms(state: State, { plan, seats }: Terms): Rejection | undefined {
  const expected = workspaceOf(state)?.currency ?? "";
  if (plan.currency !== expected)
    return { code: "currency_mismatch", given: plan.currency, expected };
  if (state.pool.totals.granted + includedCredits(plan, seats) + prepaidCredits(plan) > creditsMax)
    return {
      code: "invalid_request",
      field: "plan",
      reason: "A workspace is granted at most 10^12 credits in all.",
    };
  return wrongSeats(plan, seats);
}

/** The most of any of its terms. */
const prepaidCredits = ({ drawdown }: Plan): bigint =>
  (drawdown?.terms ?? []).reduce((most, one) => (one.credits > most ? one.credits : most), 0n);

function wrongSeats({ name, seats: terms }: Plan, seats: number): Rejection | undefined {
  const invalid = (reason: string): Rejection => ({
    code: "invalid_request",
    field: "seats",
    reason,
  });
  if (terms === null)
    return seats === 0 ? undefined : invalid(`The plan ${name} has no seats; leave them out.`);
  if (seats < terms.minimum)
    return invalid(`The plan ${name} has at least ${terms.minimum} seat(s).`);
  if (terms.maximum !== null && seats > terms.maximum)
    return invalid(`The plan ${name} has at most ${terms.maximum} seat(s).`);
  return undefined;
}

/** Pins a plan and begins its first period, or its trial. */
function start(
  state: State,
  id: string,
  { plan, seats }: Terms,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const { timeZone } = workspaceOf(state) ?? { timeZone: "UTC" };
  const isTrial = plan.trialDays > 0 && !hasTried(state, plan.name);
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
    ...(isTrial ? { tried: [plan.name] } : {}),
    atEnd: "renew",
    next: null,
    term: null,
    lots: [],
    included: includedCredits(plan, seats),
    grants: null,
    isRolled: false,
    access: [],
    recognisesAt: null,
  };
  const first = isTrial
    ? beginTrial(state, begun, at)
    : beginPeriod(state, begun, { period, at, calendar });
  return accept({ kind: "subscription.started", at, ...first });
}

/** Ends it at once: what was paid for the rest of the period goes to the customer's balance (RULES 15). */
export function cancelSubscription(
  state: State,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const live = state.subscriptions.live.row;
  if (live === undefined) return reject({ code: "no_subscription" });
  const ended =
    live.status === "active"
      ? cancelNow(state, live, { at, calendar })
      : closing(state, live, { at, calendar });
  return accept({ kind: "subscription.cancelled", at, ...ended });
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
  if (live.status !== "paused" || atEnd === "pause")
    return accept({ kind: "subscription.updated", at, subscription: { ...live, atEnd } });
  if (atEnd === "end")
    return accept({
      kind: "subscription.cancelled",
      at,
      ...closing(state, live, { at, calendar }),
    });
  // It begins with what was planned for the period that the pause kept away.
  const { plan, seats } = termsAfter(live, at);
  const { timeZone } = live;
  const period = periodAt(0, { anchor: at, cadence: plan.cadence, timeZone }, calendar);
  const left = leaveFor(state, live, { plan, at });
  const resumed = carriedOver({ ...live, seats, next: null, anchor: at, atEnd }, plan);
  return accept({
    kind: "subscription.resumed",
    at,
    ...beginPeriod(state, resumed, { period, at, calendar, left }),
  });
}
