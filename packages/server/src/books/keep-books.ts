/**
 * Owns on which day an event is booked (RULES 16): the day of `postedAt`, or else of `at`, in the zone that the workspace has
 * at that event.
 *
 * D1 no entry is dated within a month that was closed before it (I10): when the zone changes, the first hours after a close may
 * still be the month before in the new one; they belong to the first open day.
 */
import type { Event, Position } from "@cistern/kernel";
import { createDayIn, firstDayOf, monthAfter } from "./days.ts";
import { type Entry, entryOf } from "./entry.ts";

/** An event of a journal, with its place. */
export interface PlacedEvent {
  readonly event: Event;
  readonly position: Position;
}

/** Keeps the books of one workspace: give it every event in order, and it gives their entries. Mutable. */
export type Bookkeeper = (placed: PlacedEvent) => Entry | undefined;

/** A bookkeeper at the start of a journal. Throws `ChartFault` on an account that the chart does not have. */
export function createBookkeeper(workspaceId: string): Bookkeeper {
  const dateOf = createDating();
  const dayIn = createDayIn();
  let currency = "";
  let zone = "UTC";
  const dayOf = (at: number): string => dayIn(at, zone);
  return ({ event, position }) => {
    if (event.kind === "workspace.created" || event.kind === "workspace.updated")
      ({ currency, timeZone: zone } = event.workspace);
    return entryOf(event, { workspaceId, currency, position, date: dateOf(event), dayOf });
  };
}

/** The day that each event of a journal is booked on, given in order, whether it posts anything or not. Mutable. */
export function createDating(): (event: Event) => string {
  const dayIn = createDayIn();
  let zone = "UTC";
  let openFrom = "";
  return (event) => {
    if (event.kind === "workspace.created" || event.kind === "workspace.updated")
      zone = event.workspace.timeZone;
    const day = dayIn(event.postedAt ?? event.at, zone);
    const date = day < openFrom ? openFrom : day;
    if (event.kind === "period.closed") openFrom = firstDayOf(monthAfter(event.month));
    return date;
  };
}
