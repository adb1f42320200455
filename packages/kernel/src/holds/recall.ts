import type { Event } from "../events.ts";
import { evolve } from "./evolve.ts";
import type { Hold, Position } from "./hold.ts";

/**
 * A hold or debit as its own events left it (RULES 25). `events` are all that mention it, oldest first: those of the hold
 * itself, and those that paid its debt.
 */
export function recall(
  id: string,
  events: readonly { readonly event: Event; readonly position: Position }[],
): Hold | undefined {
  let hold: Hold | undefined;
  for (const { event, position } of events) hold = evolve(hold, id, event, position);
  return hold;
}
