import { instant } from "@cistern/kernel";
import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { JournalBuilder, writeJournals } from "../cistern/journal-builder.ts";
import { startNode } from "../cistern/node.ts";
import { workspaceCommands } from "../cistern/workspace.ts";
import { heapUsed } from "../environment/heap.ts";
import { callersAtOnce, memberName } from "../load/spender.ts";
import { type Measurement, VoidRunError } from "./measurement.ts";

const workspaces = 2_000;
const pairsEach = 5;

/** What a workspace in the engine's cache takes: 20 members, a limit, a lot, and a few holds that are over. */
export const memory: Measurement = {
  name: "memory",
  about: `heap of ${workspaces} cached workspaces`,
  async run(bench) {
    const node = await startNode(await bench.postgres.createDatabase("memory"));
    bench.closing.defer(() => node.close());
    const ids = Array.from({ length: workspaces }, (_, index) => `memory-${index}`);
    await writeJournals(node.store, firstRows(ids));
    const spender = new EngineSpender(node);
    const before = heapUsed();
    for (let turn = 0; turn < pairsEach; turn += 1) {
      let next = 0;
      const call = async (): Promise<void> => {
        while (next < ids.length) {
          const index = next;
          next += 1;
          await pair(spender, { workspaceId: ids[index] ?? "", index, turn });
        }
      };
      await Promise.all(Array.from({ length: callersAtOnce }, call));
    }
    const after = heapUsed();
    const cached = node.engine.stats().workspacesCached;
    if (cached !== workspaces) throw new Error(`${cached} of ${workspaces} workspaces are cached`);
    const books = new Books(node, ids);
    const faults = [...(await books.faults(workspaces * pairsEach)), ...(await books.audit())];
    if (faults.length > 0) throw new VoidRunError("memory", faults);
    return { "memory.per_cached_workspace_bytes": (after - before) / workspaces };
  },
};

async function pair(
  spender: EngineSpender,
  { workspaceId, index, turn }: { workspaceId: string; index: number; turn: number },
): Promise<void> {
  const memberId = memberName(index + turn);
  const key = `key_memory_${turn}_${index}`;
  await spender.settle(workspaceId, await spender.authorize({ workspaceId, memberId, key }));
}

function* firstRows(ids: readonly string[]) {
  const at = instant(Date.now());
  for (const id of ids) {
    const builder = new JournalBuilder(id, at);
    for (const command of workspaceCommands(id)) builder.execute(command);
    yield builder.take();
  }
}
