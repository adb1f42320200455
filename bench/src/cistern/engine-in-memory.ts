import { randomUUID } from "node:crypto";
import { type Engine, createEngine } from "../../../packages/server/src/engine/index.ts";
import { type JournalStore, memoryStore } from "../../../packages/server/src/journal/index.ts";
import { calendar, clock, builtInCard } from "./node.ts";

/** An engine whose journal is in memory too: what it takes is our own work alone. */
export async function startEngineInMemory(
  rateCard = builtInCard,
): Promise<{ engine: Engine; store: JournalStore }> {
  const store = memoryStore();
  const engine = createEngine({
    store,
    clock,
    newId: randomUUID,
    writer: "bench",
    calendar,
    rateCard: () => rateCard,
  });
  await engine.start();
  return { engine, store };
}
