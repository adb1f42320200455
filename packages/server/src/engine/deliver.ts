/** Owns how the verdicts of a proven batch become answers. Nothing here decides anything. */
import type { Event } from "@cistern/kernel";
import type { Head, OpRow } from "../journal/index.ts";
import type { Batch } from "./batch.ts";
import type { CommandEntry, Verdict } from "./entry.ts";
import type { LaneAround } from "./lane-around.ts";
import type { RememberedKeys } from "./remembered-keys.ts";

/** A proven batch. */
export interface Delivery {
  readonly batch: Batch;
  /** The row that the batch became, or the head that it was proven against. */
  readonly head: Head;
  /** Keys that it refused and that were accepted before. */
  readonly seen: readonly OpRow[];
  readonly keys: RememberedKeys;
}

/** Answers every request of the batch, in order. */
export function deliver(delivery: Delivery, around: LaneAround): void {
  const { batch, head, seen } = delivery;
  const { counters } = around;
  const hash = head.hash.slice(0, 8);
  const accepted = seen.length === 0 ? undefined : new Map(seen.map((op) => [op.opId, op]));
  for (const entry of batch.entries) {
    if (entry.kind === "read") {
      counters.reads += 1;
      entry.settle();
      continue;
    }
    const { verdict } = entry;
    if (verdict === undefined) throw new Error(`A request of ${batch.workspaceId} is undecided.`);
    switch (verdict.kind) {
      case "accepted": {
        counters.commandsAccepted += 1;
        const position = { seq: head.seq, index: verdict.index };
        entry.settle({ kind: "accepted", event: verdict.event, position, hash, isReplayed: false });
        break;
      }
      case "prior":
        replay(entry, verdict, delivery, around);
        break;
      case "rejected":
        refuse(entry, verdict, { delivery, accepted }, around);
        break;
    }
  }
}

/** RULES 20: a refusal gives way to the answer that its key was given before. */
function refuse(
  entry: CommandEntry,
  { rejection, at, decidedAt }: Extract<Verdict, { readonly kind: "rejected" }>,
  proven: { delivery: Delivery; accepted: ReadonlyMap<string, OpRow> | undefined },
  around: LaneAround,
): void {
  const { batch, keys } = proven.delivery;
  const { opId, fingerprint, command } = entry.request;
  const op = opId === null ? undefined : proven.accepted?.get(opId);
  if (op !== undefined) {
    keys.add(op);
    const position = { seq: op.seq, index: op.index };
    const isSame = op.fingerprint === fingerprint;
    return replay(entry, { kind: "prior", position, isSame }, proven.delivery, around);
  }
  around.counters.commandsRefused += 1;
  entry.settle({ kind: "rejected", rejection, at, decidedAt });
  const { workspaceId } = batch;
  around.observer?.refused?.({ workspaceId, command, rejection, at: decidedAt });
}

/** An earlier answer: from this very batch, or from its row. */
function replay(
  entry: CommandEntry,
  { position, isSame }: Extract<Verdict, { readonly kind: "prior" }>,
  { batch, head }: Delivery,
  { counters, earlierAnswer }: LaneAround,
): void {
  if (!isSame) {
    counters.keysReused += 1;
    return entry.settle({ kind: "key_reused" });
  }
  counters.answersReplayed += 1;
  const event: Event | undefined =
    position.seq === head.seq && batch.events.length > 0 ? batch.events[position.index] : undefined;
  if (event === undefined) {
    void earlierAnswer(batch.workspaceId, position).then(entry.settle, entry.fail);
    return;
  }
  const hash = head.hash.slice(0, 8);
  entry.settle({ kind: "accepted", event, position, hash, isReplayed: true });
}
