import type { Position } from "./position.ts";
import type { SubscriptionChange } from "./subscription.ts";

/** A seat that a member has. */
export interface SeatHolder {
  readonly member: string;
  readonly since: string;
}

/** Members with a seat, by id, of so many seats that are paid for. */
export interface SeatPage {
  readonly paid: number;
  readonly assigned: number;
  readonly data: readonly SeatHolder[];
  readonly nextCursor?: string;
}

/** A seat that was assigned. */
export interface Seat extends SeatHolder {
  /** Seats assigned, with this one. */
  readonly assigned: number;
  /** What it came to to buy one more for this member; left out where one was free. */
  readonly change?: SubscriptionChange;
  readonly at: Position;
}

/** A seat that was taken back. */
export interface SeatReleased {
  readonly member: string;
  readonly assigned: number;
  readonly at: Position;
}
