/** Owns how seats are told. */
import { type Seat, type SeatReleased as SeatReleasedBody, printInstant } from "@cistern/contract";
import {
  type Position,
  type SeatAssigned,
  type SeatReleased,
  type SubscriptionChanged,
  type SubscriptionUpdated,
  assignable,
} from "@cistern/kernel";
import { changeBody } from "./subscription.ts";

/** A seat that was assigned; where one was bought for it, with what that came to. */
export function seatBody(
  event: SeatAssigned | SubscriptionChanged | SubscriptionUpdated,
  position: Position,
): Seat {
  if (event.kind === "seat.assigned")
    return {
      member: event.seat.member,
      since: printInstant(event.seat.since),
      assigned: event.assigned,
      at: position,
    };
  return {
    member: event.seatFor ?? "",
    since: printInstant(event.at),
    assigned: assignable(event.subscription),
    change: changeBody(event, position),
    at: position,
  };
}

/** A seat that was taken back. */
export const seatReleasedBody = (
  { seat, assigned }: SeatReleased,
  position: Position,
): SeatReleasedBody => ({ member: seat.member, assigned, at: position });
