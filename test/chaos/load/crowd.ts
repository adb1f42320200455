/** Owns who calls: clients in several patiences at both nodes, and the spenders and followers that share them. */
import type { Chance } from "../chance.ts";
import type { Log } from "../history/log.ts";
import type { CisternNode } from "../processes/cistern-node.ts";
import { Caller } from "./caller.ts";
import { type Door, type Patience, openDoor, patiences } from "./door.ts";
import { Follower, type Told } from "./follower.ts";
import { houses } from "./house.ts";
import type { Operation } from "./operation.ts";
import { Spender } from "./spender.ts";

/** What a crowd stands on. */
export interface CrowdOptions {
  readonly nodes: readonly [CisternNode, CisternNode];
  readonly apiKey: string;
  readonly log: Log;
  readonly chance: Chance;
  readonly callersPerShare: number;
}

const probesPerHouse = 3;
const doubtsAtOnce = 32;
/** More than any pool here ever has, so that only a refusal is right. */
const beyondAnyPool = "999999999999";

/** All callers of a storm. Nothing is sent before `setUp`. */
export class Crowd {
  readonly #log: Log;
  readonly #nodes: readonly [CisternNode, CisternNode];
  readonly #doors: Readonly<Record<Patience, readonly [Door, Door]>>;
  readonly #spenders: readonly Spender[];
  readonly #followers: readonly Follower[];
  readonly #probing: Promise<void>[] = [];
  readonly #following: Promise<void>[] = [];
  #probed = 0;
  #endsAt = Number.POSITIVE_INFINITY;
  #givesUpAt = Number.POSITIVE_INFINITY;

  constructor({ nodes, apiKey, log, chance, callersPerShare }: CrowdOptions) {
    const doorsFor = (patience: Patience): readonly [Door, Door] => [
      openDoor(nodes[0], apiKey, patience),
      openDoor(nodes[1], apiKey, patience),
    ];
    this.#log = log;
    this.#nodes = nodes;
    this.#doors = {
      brisk: doorsFor("brisk"),
      retrying: doorsFor("retrying"),
      patient: doorsFor("patient"),
    };
    this.#followers = houses.map(({ id }) => new Follower(id, this.#doors.brisk));
    this.#spenders = houses.flatMap((house) =>
      Array.from(
        { length: house.share * callersPerShare },
        (_, index) =>
          new Spender({
            name: `${house.id}-${index}`,
            house,
            caller: this.#caller(patiences[index % patiences.length] ?? "brisk", index % 2 === 0),
            chance: chance.fork(),
            endsAt: () => this.#endsAt,
            givesUpAt: () => this.#givesUpAt,
          }),
      ),
    );
  }

  /** A door to each node that waits long. */
  get patientDoors(): readonly [Door, Door] {
    return this.#doors.patient;
  }

  /** Makes the workspaces. */
  async setUp(untilMs: number): Promise<void> {
    const caller = this.#caller("patient", true);
    for (const { setUp, id } of houses)
      for (const operation of setUp) {
        const decision = await caller.decide(operation, () => untilMs);
        if (decision?.kind !== "acknowledged")
          throw new Error(`${operation.kind} of ${id} was not accepted.`, { cause: decision });
      }
  }

  /** Spends until the end that `endAt` sets. */
  async spend(): Promise<void> {
    await Promise.all(this.#spenders.map((spender) => spender.spend()));
    await Promise.all(this.#probing);
  }

  /** Spending ends at the first instant; what is under way is given up at the second. */
  endAt(endsMs: number, givesUpMs: number): void {
    this.#endsAt = endsMs;
    this.#givesUpAt = givesUpMs;
  }

  /** Asks a node that has just woken what only a stale cache would answer wrongly. */
  probe(node: CisternNode): void {
    const caller = this.#caller("patient", node === this.#nodes[0]);
    for (const { id } of houses)
      for (let count = 0; count < probesPerHouse; count += 1) {
        const probing = this.#probeHouse(caller, id);
        // What goes wrong is thrown by `spend`.
        probing.catch(() => {});
        this.#probing.push(probing);
      }
  }

  /** Asks for these until each is decided. */
  async settleDoubts(operations: readonly Operation[], untilMs: number): Promise<void> {
    const caller = this.#caller("patient", true);
    for (let from = 0; from < operations.length; from += doubtsAtOnce) {
      const some = operations.slice(from, from + doubtsAtOnce);
      await Promise.all(some.map((operation) => caller.decide(operation, () => untilMs)));
    }
  }

  /** Follows every workspace's feed from now on. */
  startFollowing(): void {
    for (const follower of this.#followers) {
      const following = follower.follow();
      // What goes wrong is thrown by `finishFollowing`.
      following.catch(() => {});
      this.#following.push(following);
    }
  }

  /** Reads what is left of the feeds; what each follower was told, by workspace. */
  async finishFollowing(): Promise<ReadonlyMap<string, readonly Told[]>> {
    for (const follower of this.#followers) follower.finish();
    await Promise.all(this.#following);
    return new Map(this.#followers.map(({ workspace, told }) => [workspace, told]));
  }

  async close(): Promise<void> {
    for (const pair of Object.values(this.#doors))
      for (const { cistern } of pair) await cistern.close();
  }

  #caller(patience: Patience, prefersFirst: boolean): Caller {
    const [first, second] = this.#doors[patience];
    return new Caller(prefersFirst ? [first, second] : [second, first], this.#log);
  }

  async #probeHouse(caller: Caller, workspace: string): Promise<void> {
    this.#probed += 1;
    const operation: Operation = {
      kind: "authorize",
      workspace,
      key: `${workspace}-probe-${this.#probed}`,
      request: { member: "prober", credits: beyondAnyPool },
    };
    await Promise.all([
      caller.readBalance(workspace),
      caller.decide(operation, () => this.#givesUpAt),
    ]);
  }
}
