/**
 * How long a node that knows nothing takes to its first answer about a workspace with a long past. A snapshot is written now
 * and then, so a restart finds one that is some way behind: here as far as it is on average.
 */
import { type Command, credits, instant } from "@cistern/kernel";
import { engineLimitsDefault } from "../../../packages/server/src/engine/index.ts";
import { Books } from "../cistern/books.ts";
import { fingerprint } from "../cistern/fingerprint.ts";
import { JournalBuilder, writeJournal } from "../cistern/journal-builder.ts";
import { newId, startNode } from "../cistern/node.ts";
import { workspaceCommands } from "../cistern/workspace.ts";
import { heldCredits, holdTtlMs, memberName, settledCredits } from "../load/spender.ts";
import { type Bench, type Measurement, VoidRunError } from "./measurement.ts";

const eventsFull = 1_000_000;
const workspaceId = "acme";
/** A caller is told to come back after the usual two seconds, while the journal is read; what counts here is until it is. */
const queueWaitMsMax = 120_000;
const print = fingerprint("/prepare", "pair");

export const recovery: Measurement = {
  name: "recovery",
  about: "the first answer of a new engine about a workspace with 10^6 events",
  async run(bench) {
    const url = await bench.postgres.createDatabase("recovery");
    const pairs = Math.ceil((eventsFull * bench.pace.scale) / 2);
    const tail = Math.ceil((engineLimitsDefault.snapshotEventsMax / 2 / 2) * bench.pace.scale);
    const maker = await startNode(url);
    bench.closing.defer(() => maker.close());
    const begun = performance.now();
    const builder = new JournalBuilder(workspaceId, instant(Date.now()));
    await writeJournal(maker.store, builder, [...workspaceCommands(workspaceId)].map(unkeyed));
    await writeJournal(maker.store, builder, pairCommands(0, pairs - tail));
    // A node that goes down leaves a snapshot.
    await firstAnswer(url, pairs - tail, bench);
    await writeJournal(maker.store, builder, pairCommands(pairs - tail, pairs));
    const made = Math.round((performance.now() - begun) / 1_000);
    bench.say(`made ${2 * pairs} events, the last ${2 * tail} after a snapshot, in ${made} s`);
    const bySnapshot = await firstAnswer(url, pairs, bench);
    for (const table of ["snapshots", "snapshot_pages"])
      await maker.pool.query(`DELETE FROM ${table}`);
    const byReplay = await firstAnswer(url, pairs, bench);
    const faults = await new Books(maker, [workspaceId]).audit();
    if (faults.length > 0) throw new VoidRunError("recovery", faults);
    return { "recovery.1m_events_s": bySnapshot, "recovery.1m_events_replay_s": byReplay };
  },
};

/** Seconds from the first question to a new engine, until its answer; then it goes down. */
async function firstAnswer(url: string, pairs: number, bench: Bench): Promise<number> {
  const node = await startNode(url, { limits: { queueWaitMsMax } });
  bench.closing.defer(() => node.close());
  const before = performance.now();
  await node.engine.read(workspaceId, (state) => state.holds.totals.open);
  const seconds = (performance.now() - before) / 1_000;
  const faults = await new Books(node, [workspaceId]).faults(pairs);
  if (faults.length > 0) throw new VoidRunError("recovery", faults);
  await node.close();
  return seconds;
}

const unkeyed = (command: Command): { command: Command } => ({ command });

function* pairCommands(
  from: number,
  to: number,
): Generator<{ command: Command; key?: { opId: string; fingerprint: string } }> {
  for (let index = from; index < to; index += 1) {
    const hold = newId("hld");
    const key = { opId: `key_recovery_${index}`, fingerprint: print };
    yield { command: openHold(hold, memberName(index)), key };
    yield { command: settleHold(hold) };
  }
}

function openHold(hold: string, member: string): Command {
  return {
    kind: "openHold",
    hold,
    member,
    meter: null,
    model: null,
    amount: { kind: "credits", credits: credits(heldCredits) },
    ttlMs: holdTtlMs,
    run: null,
    project: null,
    attributes: null,
  };
}

function settleHold(hold: string): Command {
  return {
    kind: "settleHold",
    outcome: null,
    hold,
    amount: { kind: "credits", credits: credits(settledCredits) },
    isFinal: true,
    fingerprint: print,
    recalled: null,
  };
}
