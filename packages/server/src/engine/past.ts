/**
 * Owns reads of the past: the journal is replayed on a state of its own up to the instant, and what was due by then, though
 * no event says so yet, happens on that state alone.
 */
import {
  type Event,
  type Instant,
  type Position,
  type State,
  instant,
  lastAt,
} from "@cistern/kernel";
import { decodeEvents } from "../journal/index.ts";
import { type FollowAround, loadReplica } from "./follow-journal.ts";
import { Replica } from "./replica.ts";
import type { ReadAnswer } from "./request.ts";

/** Reads the state of `workspaceId` as it was at `at`. */
export async function readPast<T>(
  workspaceId: string,
  { at, question }: { at: Instant; question: (state: State, at: Instant) => T },
  around: FollowAround,
): Promise<ReadAnswer<T>> {
  const { rules, calendar } = around;
  const { state, position } = await stateAt(workspaceId, at, around);
  if (position.seq === 0) return { kind: "unknown_workspace" };
  let index = position.index;
  for (;;) {
    const due = rules.nextDue(state, at, calendar);
    if (due === undefined) break;
    index += 1;
    rules.apply(state, due, { seq: position.seq, index });
  }
  return { kind: "read", value: question(state, at), at: position, asOf: at };
}

interface Past {
  readonly state: State;
  /** The last event at or before the instant. */
  readonly position: Position;
}

async function stateAt(workspaceId: string, at: Instant, around: FollowAround): Promise<Past> {
  const newest = await loadReplica(workspaceId, around);
  if (newest.head.seq === 0 || lastAt(newest.state) <= at)
    return { state: newest.state, position: newest.position };
  const { store, calls, rules, replayRowsMax, pause } = around;
  const replica = new Replica(workspaceId, rules);
  for (;;) {
    const rows = await calls.read(workspaceId, () =>
      store.readRows(workspaceId, replica.head.seq, replayRowsMax),
    );
    if (rows.length === 0) return { state: replica.state, position: replica.position };
    for (const row of rows) {
      if (row.atMs > at) {
        const events = decodeEvents<Event>(row.events, row.codec).filter((event) => event.at <= at);
        for (const [index, event] of events.entries())
          replica.apply(event, { seq: row.seq, index });
        if (events.length === 0) return { state: replica.state, position: replica.position };
        const position = { seq: row.seq, index: events.length - 1 };
        return { state: replica.state, position };
      }
      replica.follow(row);
    }
    await pause();
  }
}

/** An instant that is not in the future. */
export function notAfter(at: Instant, now: number): Instant {
  return at <= now ? at : instant(now);
}
