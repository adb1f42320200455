import { type Command, credits, instant } from "@cistern/kernel";
import { Books } from "../cistern/books.ts";
import { fingerprint } from "../cistern/fingerprint.ts";
import { JournalBuilder, writeJournal } from "../cistern/journal-builder.ts";
import { newId, startNode } from "../cistern/node.ts";
import { workspaceCommands } from "../cistern/workspace.ts";
import { heldCredits, holdTtlMs, memberName, settledCredits } from "../load/spender.ts";
import { type Measurement, VoidRunError } from "./measurement.ts";

const pairsFull = 500_000;
const workspaceId = "acme";

/** From a new engine to its first answer about a workspace with 10^6 events: by full replay, then by the snapshot it left. */
export const recovery: Measurement = {
  name: "recovery",
  about: "the first answer of a new engine about a workspace with 10^6 events",
  async run(bench) {
    const url = await bench.postgres.createDatabase("recovery");
    const pairs = Math.ceil(pairsFull * bench.pace.scale);
    const maker = await startNode(url);
    bench.closing.defer(() => maker.close());
    const begun = performance.now();
    const builder = new JournalBuilder(workspaceId, instant(Date.now()));
    await writeJournal(maker.store, builder, commandsOf(pairs));
    bench.say(`made ${2 * pairs} events in ${Math.round((performance.now() - begun) / 1000)} s`);
    const seconds: number[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const node = await startNode(url);
      bench.closing.defer(() => node.close());
      const before = performance.now();
      await node.engine.read(workspaceId, (state) => state.holds.totals.open);
      seconds.push((performance.now() - before) / 1000);
      const faults = await new Books(node, [workspaceId]).faults(pairs);
      if (faults.length > 0) throw new VoidRunError("recovery", faults);
      // As it goes down it writes a snapshot, from which the next one begins.
      await node.close();
    }
    const [replay = Number.NaN, snapshot = Number.NaN] = seconds;
    return { "recovery.1m_events_s": replay, "recovery.1m_events_by_snapshot_s": snapshot };
  },
};

function* commandsOf(
  pairs: number,
): Generator<{ command: Command; key?: { opId: string; fingerprint: string } }> {
  for (const command of workspaceCommands(workspaceId)) yield { command };
  const print = fingerprint("/prepare", "pair");
  for (let index = 0; index < pairs; index += 1) {
    const hold = newId("hld");
    const key = { opId: `key_recovery_${index}`, fingerprint: print };
    yield { command: openHold(hold, memberName(index)), key };
    yield { command: settleHold(hold, print) };
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

function settleHold(hold: string, print: string): Command {
  return {
    kind: "settleHold",
    hold,
    amount: { kind: "credits", credits: credits(settledCredits) },
    isFinal: true,
    fingerprint: print,
    recalled: null,
  };
}
