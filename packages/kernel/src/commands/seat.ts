/** Owns how a member gets a seat and gives it back (T1, T2). */
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
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
  const { plan, next } = live;
  const wanted = state.seats.seats.size + 1;
  const isOverNow = wanted > live.seats;
  if (wanted > (plan.seats?.maximum ?? Infinity)) return reject(exhausted(state, live));
  const decision = isOverNow
    ? changeSubscription(
        state,
        { before: live, to: { plan, seats: wanted }, when: "now" },
        at,
        around,
      )
    : withNext(live, next === null ? null : { ...next, seats: wanted }, at);
  if (decision.kind === "rejected") return decision;
  const { event } = decision;
  if (event.kind !== "subscription.changed" && event.kind !== "subscription.updated")
    return decision;
  const after = event.subscription.next;
  const isShortLater = after !== null && after.plan.seats !== null && after.seats < wanted;
  const isTooMany = wanted > (next?.plan.seats?.maximum ?? Infinity);
  if (isShortLater || isTooMany) return reject(exhausted(state, live));
  return { ...decision, event: { ...event, seatFor: member } };
}

const withNext = (live: Subscription, next: Subscription["next"], at: Instant): Decision =>
  accept({ kind: "subscription.updated", at, subscription: { ...live, next } });

const exhausted = (state: State, live: Subscription): Rejection => ({
  code: "seats_exhausted",
  paid: assignable(live),
  assigned: state.seats.seats.size,
});

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
