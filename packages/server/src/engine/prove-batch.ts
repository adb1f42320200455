/**
 * Owns the proof of a batch: the append that makes it durable, or the read that shows that nothing changed (RULES 20, 21).
 *
 * N2 no answer leaves before its batch is durable, and no refusal, replay or read before the head was proven by the append or
 * by a read begun after the request arrived.
 */
import {
  type Append,
  type AppendOutcome,
  type Head,
  type OpRow,
  codecVersion,
  hashRow,
} from "../journal/index.ts";
import type { Batch } from "./batch.ts";
import type { LaneAround } from "./lane-around.ts";

/** What became of a batch. */
export type Proof =
  /** Its answers may leave. `seen`: those of its refused keys that were accepted before. */
  | { readonly kind: "proven"; readonly head: Head; readonly seen: readonly OpRow[] }
  /** Another node was faster: the batch did not happen, and the replica is behind. */
  | { readonly kind: "behind" }
  /** One of its keys was accepted before: the batch did not happen. */
  | { readonly kind: "duplicate" };

/** The append that makes a batch durable on this head. */
export function appendOf(batch: Batch, expected: Head, { newId, writer }: LaneAround): Append {
  const { ops, watched } = batch;
  const unhashed = {
    workspaceId: batch.workspaceId,
    seq: batch.seq,
    batchId: newId(),
    prevHash: expected.hash,
    atMs: batch.events.at(-1)?.at ?? batch.at,
    writer,
    codec: codecVersion,
    events: batch.written.text(),
  };
  return { expected, row: { ...unhashed, hash: hashRow(unhashed) }, ops, watched };
}

/** Counts what became of an append, and gives it as a proof. */
export async function proveAppend(
  { row }: Append,
  { events }: Batch,
  { counters }: LaneAround,
  sent: Promise<AppendOutcome>,
): Promise<Proof> {
  const outcome = await sent;
  switch (outcome.kind) {
    case "appended":
      counters.batches += 1;
      counters.batchEvents += events.length;
      counters.batchEventsMax = Math.max(counters.batchEventsMax, events.length);
      return { kind: "proven", head: { seq: row.seq, hash: row.hash }, seen: outcome.seen };
    case "fenced":
      counters.fences += 1;
      return { kind: "behind" };
    case "duplicate":
      counters.duplicates += 1;
      return { kind: "duplicate" };
  }
}

/** A batch that changes nothing: one read of the head and of the refused keys, begun after all of it arrived. */
export async function proveHead(batch: Batch, expected: Head, around: LaneAround): Promise<Proof> {
  const { calls, store, counters } = around;
  counters.headReads += 1;
  const { head, ops } = await calls.read(batch.workspaceId, () =>
    store.readHead(batch.workspaceId, batch.watched),
  );
  return isSameHead(head, expected) ? { kind: "proven", head, seen: ops } : { kind: "behind" };
}

function isSameHead(a: Head, b: Head): boolean {
  return a.seq === b.seq && a.hash === b.hash;
}
