/** Owns what befalls nodes and database while callers work: which kinds come in this run, and when. */
import type { Sky } from "../database/connection.ts";
import type { Database } from "../database/database.ts";
import type { History } from "../history/call.ts";
import type { Node } from "../nodes/node.ts";
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { World } from "./world.ts";

type Kind =
  | "crash"
  | "stop"
  | "sleep"
  | "jumpWithin"
  | "jumpBeyond"
  | "databaseRestart"
  | "failover"
  | "corruption";

/** What trouble befalls. */
export interface Troubled {
  readonly world: World;
  readonly sky: Sky;
  readonly database: Database;
  readonly nodes: readonly Node[];
  readonly counts: FaultCounts;
  readonly history: History;
  readonly chance: Chance;
}

/** The trouble of one run. Mutable: how many failovers are still to come. */
export class Trouble {
  readonly #parts: Troubled;
  readonly #weights: readonly (readonly [Kind, number])[];
  readonly #everyUs: number;
  #failoversLeft: number;

  constructor(parts: Troubled) {
    const { chance } = parts;
    const sometimes = (weight: number): number => (chance.happens(0.6) ? weight : 0);
    this.#parts = parts;
    this.#failoversLeft = chance.happens(0.5) ? chance.between(1, 3) : 0;
    this.#everyUs = chance.pick([100_000, 500_000, 2_500_000] as const);
    this.#weights = [
      ["crash", sometimes(4)],
      ["stop", sometimes(1)],
      ["sleep", sometimes(4)],
      ["jumpWithin", sometimes(2)],
      ["jumpBeyond", sometimes(1)],
      ["databaseRestart", sometimes(0.4)],
      ["failover", this.#failoversLeft > 0 ? 1 : 0],
      ["corruption", sometimes(2)],
    ];
  }

  /** Makes trouble until told that it is over. */
  async reign(isOver: () => boolean): Promise<void> {
    const { world, chance } = this.#parts;
    for (;;) {
      await world.sleep(chance.around(this.#everyUs));
      if (isOver()) return;
      const kind = chance.weighted(this.#weights);
      if (kind !== undefined) this.#befall(kind);
    }
  }

  #befall(kind: Kind): void {
    const { chance, database, counts, nodes } = this.#parts;
    const node = chance.pick(nodes);
    if (node === undefined) return;
    switch (kind) {
      case "crash":
        return this.#crash(node);
      case "stop":
        return this.#stop(node);
      case "sleep":
        return this.#sleep(node);
      case "jumpWithin":
        counts.clockJumpsWithinGuard += 1;
        return this.#jump(node, chance.between(-450, 450));
      case "jumpBeyond":
        counts.clockJumpsBeyondGuard += 1;
        return this.#jumpBeyond(node);
      case "databaseRestart":
        return this.#outage(() => database.restart(), "the database restarts");
      case "failover":
        return this.#failOver();
      case "corruption":
        return database.corruptSnapshot();
    }
  }

  #crash(node: Node): void {
    if (!node.isUp) return;
    this.#parts.counts.nodeCrashes += 1;
    this.#tell(`${node.name} crashes`);
    node.crash();
    this.#startLater(node);
  }

  #stop(node: Node): void {
    if (!node.isUp) return;
    this.#parts.counts.nodeStops += 1;
    this.#tell(`${node.name} is stopped`);
    void node.stop().then(() => this.#startLater(node));
  }

  #startLater(node: Node): void {
    const { world, chance } = this.#parts;
    world.schedule(chance.around(400_000), () => {
      if (!node.isUp) void node.start();
    });
  }

  #sleep(node: Node): void {
    const { counts, chance } = this.#parts;
    const forUs = chance.around(chance.pick([20_000, 200_000, 2_000_000] as const));
    counts.nodeSleeps += 1;
    this.#tell(`${node.name} sleeps for ${Math.round(forUs / 1_000)} ms`);
    node.sleep(forUs);
  }

  #jump(node: Node, aheadMs: number): void {
    this.#tell(`the clock of ${node.name} is ${aheadMs} ms ahead`);
    node.setClock(aheadMs);
  }

  #jumpBeyond(node: Node): void {
    const { world, chance } = this.#parts;
    const sign = chance.happens(0.5) ? 1 : -1;
    const farMs = chance.pick([700, 4_000, 90_000] as const);
    this.#jump(node, sign * (farMs + chance.around(farMs)));
    world.schedule(chance.around(3_000_000), () => this.#jump(node, chance.between(-150, 150)));
  }

  #failOver(): void {
    const { database, chance } = this.#parts;
    if (this.#failoversLeft === 0) return;
    this.#failoversLeft -= 1;
    const lagUs = chance.around(chance.pick([3_000, 60_000, 500_000] as const));
    const text = `another database takes over, ${Math.round(lagUs / 1_000)} ms behind`;
    this.#outage(() => database.failOver(lagUs), text);
  }

  #outage(happens: () => void, text: string): void {
    const { world, sky, chance } = this.#parts;
    this.#tell(text);
    sky.restarts += 1;
    sky.downUntilUs =
      world.nowUs + chance.around(chance.pick([10_000, 200_000, 2_000_000] as const));
    happens();
  }

  #tell(text: string): void {
    const { history, world } = this.#parts;
    history.incidents.push({ atUs: world.nowUs, text });
  }
}
