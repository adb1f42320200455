/**
 * Owns the proof of a batch: the append that makes it durable, or the read that shows that nothing changed (RULES 20, 21).
 *
 * N2 no answer leaves before its batch is durable, and no refusal, replay or read before the head was proven by the append or
 * by a read begun after the request arrived. N3 a lost race is undone and caught up here; then the batch is decided again.
 */
import {
  type Head,
  type JournalRow,
  type OpRow,
  codecVersion,
  hashRow,
  joinEvents,
} from "../journal/index.ts";
import type { Batch } from "./batch.ts";
import type { TailLost } from "./engine-options.ts";
import { type CaughtUp, catchUp } from "./follow-journal.ts";
import type { LaneAround } from "./lane-around.ts";
import type { RememberedKeys } from "./remembered-keys.ts";
import type { Replica } from "./replica.ts";

/** What became of a batch. */
export type Proof =
  /** Its answers may leave. `seen`: those of its refused keys that were accepted before. */
  | { readonly kind: "proven"; readonly head: Head; readonly seen: readonly OpRow[] }
  /** It is undone and has to be decided again. */
  | { readonly kind: "again" }
  /** The same, and on a new replica. */
  | { readonly kind: "tail_lost"; readonly loss: TailLost };

/** A batch and what it was decided on. */
export interface Proving {
  readonly batch: Batch;
  readonly replica: Replica;
  readonly keys: RememberedKeys;
}

/** Makes a batch durable and proves its head. Rejects with `EngineFault` when the store does not tell. */
export async function proveBatch(proving: Proving, around: LaneAround): Promise<Proof> {
  return proving.batch.events.length > 0 ? append(proving, around) : proveHead(proving, around);
}

/** Takes a batch back that did not become durable. */
export function undoBatch({ batch, replica, keys }: Proving): void {
  replica.undo();
  keys.forget(batch.ops);
}

async function append(proving: Proving, around: LaneAround): Promise<Proof> {
  const { batch, replica, keys } = proving;
  const { calls, counters, follow, flusher, store } = around;
  const { ops, watched } = batch;
  const row = rowOf(proving, around);
  const outcome = await flusher.append({ expected: replica.head, row, ops, watched });
  switch (outcome.kind) {
    case "appended": {
      const head = { seq: row.seq, hash: row.hash };
      replica.commit(head, batch.events.length);
      counters.batches += 1;
      counters.batchEvents += batch.events.length;
      counters.batchEventsMax = Math.max(counters.batchEventsMax, batch.events.length);
      return { kind: "proven", head, seen: outcome.seen };
    }
    case "fenced":
      counters.fences += 1;
      undoBatch(proving);
      return again(await catchUp(replica, follow));
    case "duplicate": {
      counters.duplicates += 1;
      undoBatch(proving);
      const opIds = ops.map((op) => op.opId);
      const known = await calls.read(batch.workspaceId, () =>
        store.readHead(batch.workspaceId, opIds),
      );
      for (const op of known.ops) keys.add(op);
      if (isSameHead(known.head, replica.head)) return { kind: "again" };
      return again(await catchUp(replica, follow));
    }
  }
}

function rowOf({ batch, replica }: Proving, { newId, writer }: LaneAround): JournalRow {
  const unhashed = {
    workspaceId: batch.workspaceId,
    seq: batch.seq,
    batchId: newId(),
    prevHash: replica.head.hash,
    atMs: batch.events.at(-1)?.at ?? batch.at,
    writer,
    codec: codecVersion,
    events: joinEvents(batch.encoded),
  };
  return { ...unhashed, hash: hashRow(unhashed) };
}

/** A batch that changes nothing: one read of the head and of the refused keys, begun after all of it arrived. */
async function proveHead({ batch, replica }: Proving, around: LaneAround): Promise<Proof> {
  const { calls, store, counters, follow } = around;
  counters.headReads += 1;
  const { head, ops } = await calls.read(batch.workspaceId, () =>
    store.readHead(batch.workspaceId, batch.watched),
  );
  if (isSameHead(head, replica.head)) return { kind: "proven", head, seen: ops };
  return again(await catchUp(replica, follow));
}

function again(caught: CaughtUp): Proof {
  return caught.kind === "tail_lost" ? caught : { kind: "again" };
}

function isSameHead(a: Head, b: Head): boolean {
  return a.seq === b.seq && a.hash === b.hash;
}
