/** Owns the journal as the checker reads it: the rows that stand at the end, and those that each failover took away. */
import type { Event, Position } from "@cistern/kernel";
import { decodeEvents, genesisHead, verifyRow } from "cistern/journal";
import type { Branch, Committed } from "../database/database.ts";
import { textOf } from "../history/text-of.ts";
import type { Violation } from "./violation.ts";

/** An event in its place. */
export interface Placed {
  readonly ordinal: number;
  readonly event: Event;
  /** As it is encoded: equal texts are equal events. */
  readonly text: string;
  readonly position: Position;
  readonly committed: Committed;
}

/** One workspace's journal between two failovers, or to the end. */
export interface Timeline {
  readonly workspaceId: string;
  readonly branch: Branch;
  readonly events: readonly Placed[];
  /** Ordinal of each row's first event, by seq - 1. */
  readonly firsts: readonly number[];
  readonly isStanding: boolean;
}

/** Reads a branch. What cannot be read is a violation, and the rest of it is left out. */
export function readTimeline(
  workspaceId: string,
  branch: Branch,
  violations: Violation[],
): Timeline {
  const events: Placed[] = [];
  const firsts: number[] = [];
  let head = genesisHead;
  for (const committed of branch.rows) {
    const { row } = committed;
    const breach = verifyRow(row, head);
    if (breach !== undefined) {
      const text = `row ${row.seq} (batch ${row.batchId}) is not the next one: its ${breach}`;
      violations.push({ question: "chain", workspaceId, text });
      break;
    }
    head = { seq: row.seq, hash: row.hash };
    firsts.push(events.length);
    for (const [index, event] of decodeEvents<Event>(row.events, row.codec).entries()) {
      const position = { seq: row.seq, index };
      const text = textOf(event);
      events.push({ ordinal: events.length, event, text, position, committed });
    }
    if (row.atMs !== events.at(-1)?.event.at)
      violations.push({ question: "chain", workspaceId, text: `row ${row.seq} says ${row.atMs}` });
  }
  const isStanding = branch.untilUs === Infinity;
  return { workspaceId, branch, events, firsts, isStanding };
}

/** The event at a position, if there is one. */
export function eventAt(timeline: Timeline, { seq, index }: Position): Placed | undefined {
  const first = timeline.firsts[seq - 1];
  if (first === undefined) return undefined;
  const placed = timeline.events[first + index];
  return placed?.position.seq === seq ? placed : undefined;
}

/** Whether `a` stands before `b`. */
export const isBefore = (a: Position, b: Position): boolean =>
  a.seq < b.seq || (a.seq === b.seq && a.index < b.index);

/** A position, for readers. */
export const told = ({ seq, index }: Position): string => `${seq}.${index}`;
