/** Owns the facts of seats. */
import type { Fact } from "../fact.ts";
import type { Seat } from "./slice.ts";

/** A member has a seat; `assigned` are so many with it. */
export interface SeatAssigned extends Fact<"seat.assigned"> {
  readonly seat: Seat;
  readonly assigned: number;
}

/** A member has its seat no longer. */
export interface SeatReleased extends Fact<"seat.released"> {
  readonly seat: Seat;
  readonly assigned: number;
}
