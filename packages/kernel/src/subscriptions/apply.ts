/** Owns what events of subscriptions do: to the subscription, and to what it opens and ends in other parts. */
import { enterSpan } from "../allowances/slice.ts";
import { assert } from "../bug.ts";
import { setTerm } from "../billed/evolve.ts";
import type { CommitmentTruedUp } from "../billed/events.ts";
import type { Instant } from "../instant.ts";
import type { Position } from "../holds/hold.ts";
import { invoice } from "../invoices/evolve.ts";
import type { Limit } from "../limits/limit.ts";
import { holdPlanLimits } from "../limits/plan-limits.ts";
import { enterPeriod } from "../outcomes/evolve.ts";
import { leavePeriod } from "../outcomes/stretch.ts";
import { addLot, changeLot } from "../pool/keep.ts";
import { noteCard } from "../rating/plan-cards.ts";
import type { SeatAssigned, SeatReleased } from "../seats/events.ts";
import { assignable } from "../seats/seat-of.ts";
import type { State } from "../state/state.ts";
import { claim } from "./clawed-back.ts";
import type {
  CreditsRolledOver,
  ProlongedLot,
  SubscriptionCancelled,
  SubscriptionChanged,
  SubscriptionEnded,
  SubscriptionGranted,
  SubscriptionPaused,
  SubscriptionRecognised,
  SubscriptionRenewed,
  SubscriptionResumed,
  SubscriptionStarted,
  SubscriptionUpdated,
} from "./events.ts";
import { reserveOf } from "./reserved.ts";
import { earlierThan } from "./slice.ts";
import type { Subscription } from "./subscription.ts";

type SubscriptionEvent =
  | SubscriptionStarted
  | SubscriptionRenewed
  | SubscriptionGranted
  | SubscriptionResumed
  | SubscriptionChanged
  | SubscriptionUpdated
  | SubscriptionPaused
  | SubscriptionEnded
  | SubscriptionCancelled
  | SubscriptionRecognised
  | CommitmentTruedUp
  | CreditsRolledOver
  | SeatAssigned
  | SeatReleased;

/** Carries out what became of a subscription, its credits and its seats. */
export function applyToSubscription(
  state: State,
  event: SubscriptionEvent,
  position: Position,
): void {
  switch (event.kind) {
    case "subscription.started":
    case "subscription.renewed":
    case "subscription.granted":
    case "subscription.resumed":
    case "subscription.changed":
    case "subscription.paused":
    case "subscription.ended":
    case "subscription.cancelled":
      for (const lot of event.lots) addLot(state.pool, lot);
      for (const { lot, expiresAt } of event.prolonged ?? noneProlonged)
        changeLot(state.pool, lot, { expiresAt });
      if (event.leftTerm !== undefined) setTerm(state, event.leftTerm, event.at);
      setSubscription(state, event, position);
      if (event.clawback !== undefined) claim(state, event.clawback, event.at);
      if ("seatFor" in event) seat(state, event);
      return invoice(state.invoices, event);
    case "commitment.trued_up": {
      const { committed, lines, booked } = event;
      setTerm(state, committed, event.at);
      setSubscription(state, event, position);
      return invoice(state.invoices, { lines, booked, transfers: [], invoice: null });
    }
    case "seat.assigned":
      state.seats.seats.set(event.seat.member, event.seat);
      return checkSeats(state);
    case "seat.released":
      return state.seats.seats.set(event.seat.member, undefined);
    case "subscription.updated":
      setSubscription(state, event, position);
      return seat(state, event);
    case "subscription.recognised":
      return setSubscription(state, event, position);
    case "credits.rolled_over":
      for (const id of event.from) changeLot(state.pool, id, { phase: "expired" });
      for (const { lot, rollover } of event.owed ?? []) changeLot(state.pool, lot, { rollover });
      for (const lot of event.lots) addLot(state.pool, lot);
      return setSubscription(state, event, position);
  }
}

function setSubscription(
  state: State,
  { subscription: after, at }: { readonly subscription: Subscription; readonly at: Instant },
  position: Position,
): void {
  enterPeriod(state.outcomes, after, { at, earlier: earlierThan(state.subscriptions, after) });
  leavePeriod(state.outcomes, after, at);
  enterSpan(state.allowances, after, at);
  const { live } = state.subscriptions;
  const { seats } = state.seats;
  // T3; revenue of one that ended before is recognised while the next one lives.
  const reserve = reserveOf(live.row);
  if (reserve !== undefined && reserveOf(after)?.key !== reserve.key && live.row?.id === after.id)
    state.limits.rates.set(reserve.key, undefined);
  const isOver = after.status === "ended" || after.plan.seats === null;
  if (isOver && live.row?.id === after.id)
    for (const [member] of seats.entries()) seats.set(member, undefined);
  state.subscriptions.subscriptions.set(after.id, after);
  holdPlanLimits(state.limits, live.row?.plan.limits ?? noLimits, position);
  noteCard(state.planCards, live.row?.plan.rateCard ?? null, at);
}

function seat(
  state: State,
  { seatFor: member, at }: { readonly seatFor?: string; readonly at: Instant },
): void {
  if (member !== undefined) state.seats.seats.set(member, { member, since: at });
  checkSeats(state);
}

function checkSeats({ seats, subscriptions }: State): void {
  const live = subscriptions.live.row;
  const most = live === undefined ? 0 : assignable(live);
  assert(seats.seats.size <= most, "T1 no more seats are assigned than are paid for");
}

const noneProlonged: readonly ProlongedLot[] = [];
const noLimits: readonly Limit[] = [];
