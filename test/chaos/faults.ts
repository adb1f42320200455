/** Owns what strikes, whom, and for how long: chosen by the seed before the storm begins. */
import { setTimeout as wait } from "node:timers/promises";
import type { Chance } from "./chance.ts";
import type { CisternNode } from "./processes/cistern-node.ts";
import type { OwnDatabase } from "./processes/own-database.ts";

/** One blow. `stopThenKill`: the node dies in its sleep, with whatever it had begun. */
export type Fault =
  | { readonly kind: "kill"; readonly victim: 0 | 1; readonly downMs: number }
  | { readonly kind: "stop"; readonly victim: 0 | 1; readonly downMs: number }
  | { readonly kind: "stopThenKill"; readonly victim: 0 | 1; readonly downMs: number }
  | { readonly kind: "crashDatabase" };

/** How many of each. */
export interface Weather {
  /** Kills and stops of nodes, in turns, so that both occur from two on. */
  readonly nodeFaults: number;
  /** Immediate stops of PostgreSQL. */
  readonly databaseFaults: number;
}

const stopMs = [1_200, 3_500] as const;
const downMs = [0, 1_200] as const;

/** The faults of a storm, in order. */
export function planFaults(chance: Chance, weather: Weather): readonly Fault[] {
  const nodes = Array.from({ length: weather.nodeFaults }, (_, index): Fault => {
    const victim = chance.percent(50) ? 0 : 1;
    if (index % 2 === 0) return { kind: "kill", victim, downMs: chance.between(...downMs) };
    const kind = index % 6 === 5 ? "stopThenKill" : "stop";
    return { kind, victim, downMs: chance.between(...stopMs) };
  });
  const database = Array.from({ length: weather.databaseFaults }, (): Fault => ({
    kind: "crashDatabase",
  }));
  return chance.shuffle([...nodes, ...database]);
}

/** What can be struck. */
export interface Victims {
  readonly nodes: readonly [CisternNode, CisternNode];
  readonly database: Pick<OwnDatabase, "crash"> | undefined;
  /** Called in the moment in which a node was woken, before it can have caught up. */
  readonly onWoken: (node: CisternNode) => void;
}

/** Strikes, and waits until everything is up again. */
export async function strike(fault: Fault, { nodes, database, onWoken }: Victims): Promise<void> {
  if (fault.kind === "crashDatabase") {
    if (database === undefined) throw new Error("This storm has no database of its own to crash.");
    return database.crash();
  }
  const node = nodes[fault.victim];
  switch (fault.kind) {
    case "kill":
      await node.kill();
      await wait(fault.downMs);
      return node.start();
    case "stop":
      node.freeze();
      await wait(fault.downMs);
      node.wake();
      onWoken(node);
      return undefined;
    case "stopThenKill":
      node.freeze();
      await wait(fault.downMs);
      await node.kill();
      return node.start();
  }
}
