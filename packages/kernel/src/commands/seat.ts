/** Owns how a member gets a seat and gives it back (T1, T2). */
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Rejection, SeatsAtMost } from "../rejections.ts";
import { assignable, takesSeat } from "../seats/seat-of.ts";
import type { State } from "../state/state.ts";
import type { Plan, SeatTerms } from "../subscriptions/plan.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { changeSubscription } from "./change-subscription.ts";

/** Gives a member a seat of the subscription. */
export interface AssignSeat {
  readonly kind: "assignSeat";
  readonly member: string;
}

/** Takes it back. */
export interface ReleaseSeat {
  readonly kind: "releaseSeat";
  readonly member: string;
}

/**
 * Gives a member a seat; one that has one keeps it. Where none is left it is refused, or, if the plan says so, one more is bought with it:
 * the event of that change says whose it is.
 */
export function assignSeat(
  state: State,
  { member }: AssignSeat,
  at: Instant,
  around: Surroundings,
): Decision {
  const live = state.subscriptions.live.row;
  if (live === undefined) return reject({ code: "no_subscription" });
  const { plan } = live;
  if (plan.seats === null)
    return reject({
      code: "invalid_request",
      field: "member",
      reason: `The plan ${plan.name} has no seats to assign.`,
    });
  const wrong = wrongMember(state, member, plan, plan.seats);
  if (wrong !== undefined) return reject(wrong);
  const { seats } = state.seats;
  const assigned = seats.size;
  const has = seats.get(member);
  if (has !== undefined) return accept({ kind: "seat.assigned", at, seat: has, assigned });
  if (assigned < assignable(live))
    return accept({
      kind: "seat.assigned",
      at,
      seat: { member, since: at },
      assigned: assigned + 1,
    });
  return plan.seats.isAddedFor === true
    ? addSeat(state, live, member, at, around)
    : reject(exhausted(state, live));
}

/** Buys one more, and assigns it in the same event. */
function addSeat(
  state: State,
  live: Subscription,
  member: string,
  at: Instant,
  around: Surroundings,
): Decision {
  const { plan, seats, next } = live;
  const wanted = state.seats.seats.size + 1;
  if (atMost(live, wanted) !== undefined) return reject(exhausted(state, live));
  const later =
    next === null || next.plan.seats === null
      ? next
      : { ...next, seats: Math.max(next.seats, wanted) };
  const now = { plan, seats: wanted };
  const decision =
    wanted > seats
      ? changeSubscription(
          state,
          { before: live, asked: { now, next: later, later: now }, isLater: false },
          at,
          around,
        )
      : withNext(live, later, at);
  if (decision.kind === "rejected") return decision;
  const { event } = decision;
  if (event.kind !== "subscription.changed" && event.kind !== "subscription.updated")
    return decision;
  return { ...decision, event: { ...event, seatFor: member } };
}

const withNext = (live: Subscription, next: Subscription["next"], at: Instant): Decision =>
  accept({ kind: "subscription.updated", at, subscription: { ...live, next } });

const exhausted = (state: State, live: Subscription): Rejection => {
  const assigned = state.seats.seats.size;
  const bound = atMost(live, assigned + 1);
  const refusal = { code: "seats_exhausted", paid: assignable(live), assigned } as const;
  return bound === undefined ? refusal : { ...refusal, atMost: bound };
};

/** The plan, of those that run and are planned, that may not have so many seats. */
function atMost({ plan, next }: Subscription, wanted: number): SeatsAtMost | undefined {
  const bounds = (one: Plan | undefined): boolean => wanted > (one?.seats?.maximum ?? Infinity);
  if (bounds(plan)) return { plan: plan.name, isPlanned: false };
  return next !== null && bounds(next.plan) ? { plan: next.plan.name, isPlanned: true } : undefined;
}

/** Why somebody cannot have a seat. */
function wrongMember(
  state: State,
  id: string,
  { name }: Plan,
  terms: SeatTerms,
): Rejection | undefined {
  const member = state.members.members.get(id);
  if (member === undefined || member.isGuest)
    return { code: "unknown_member", member: id, reason: "not_registered" };
  if (member.status === "inactive") return { code: "member_inactive", member: id };
  if (takesSeat(terms, member.kind)) return undefined;
  return {
    code: "invalid_request",
    field: "member",
    reason: `Member ${id} is of kind ${member.kind}, which takes no seat of the plan ${name}: it rides on its sponsor's.`,
  };
}

/** Takes a member's seat back; what it holds may still end. */
export function releaseSeat(state: State, { member }: ReleaseSeat, at: Instant): Decision {
  const { seats } = state.seats;
  const seat = seats.get(member);
  if (seat === undefined) return reject({ code: "seat_not_assigned", member });
  return accept({ kind: "seat.released", at, seat, assigned: seats.size - 1 });
}
