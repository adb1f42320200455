/**
 * Owns who has a seat.
 *
 * T1 no more seats are assigned than are paid for, now and in the next period that is planned. T2 a seat is of one member, who is
 * registered, active and of a kind that takes one. T3 seats end with the subscription, and with a plan that has none.
 */
import type { Instant } from "../instant.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";

/** A seat that somebody has. */
export interface Seat {
  readonly member: string;
  readonly since: Instant;
}

/** Seats of one workspace, by member. */
export interface SeatSlice {
  readonly seats: Table<Seat>;
}

/** An empty slice. */
export const seatSlice = (undo: UndoLog): SeatSlice => ({
  seats: new Table<Seat>("seats", undo, isSeat),
});

const isSeat = (value: unknown): value is Seat =>
  typeof value === "object" && value !== null && "since" in value;
