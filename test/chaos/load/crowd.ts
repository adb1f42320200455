/** Owns who calls: clients in several patiences at both nodes, and the spenders that share them. */
import type { Chance } from "../chance.ts";
import type { Log } from "../history/log.ts";
import type { CisternNode } from "../processes/cistern-node.ts";
import { Caller } from "./caller.ts";
import { type Door, type Patience, openDoor, patiences } from "./door.ts";
import { Follower, type Told } from "./follower.ts";
import { houses } from "./house.ts";
import type { Operation } from "./operation.ts";
import { Spender } from "./spender.ts";

/** All callers of a storm. */
export interface Crowd {
  /** A door to each node that waits long. */
  readonly patientDoors: readonly [Door, Door];
  /** Makes the workspaces. */
  setUp(untilMs: number): Promise<void>;
  /** Spends until the end that `endAt` sets. */
  spend(): Promise<void>;
  /** Spending ends at the first instant; what is under way is given up at the second. */
  endAt(endsMs: number, givesUpMs: number): void;
  /** Asks a node that has just woken what only a stale cache would answer wrongly. */
  probe(node: CisternNode): void;
  /** Asks for these until each is decided. */
  settleDoubts(operations: readonly Operation[], untilMs: number): Promise<void>;
  /** Follows every workspace's feed from now on. */
  startFollowing(): void;
  /** Reads what is left of the feeds; what each follower was told, by workspace. */
  finishFollowing(): Promise<ReadonlyMap<string, readonly Told[]>>;
  close(): Promise<void>;
}

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

/** Opens the doors; nothing is sent yet. */
export function gatherCrowd({ nodes, apiKey, log, chance, callersPerShare }: CrowdOptions): Crowd {
  const doors = new Map<Patience, readonly [Door, Door]>();
  for (const patience of patiences)
    doors.set(patience, [
      openDoor(nodes[0], apiKey, patience),
      openDoor(nodes[1], apiKey, patience),
    ]);
  const doorsOf = (patience: Patience, prefers: 0 | 1): readonly [Door, Door] => {
    const pair = doors.get(patience);
    if (pair === undefined) throw new Error(`No doors for ${patience} callers.`);
    return prefers === 0 ? pair : [pair[1], pair[0]];
  };
  let endsAt = Number.POSITIVE_INFINITY;
  let givesUpAt = Number.POSITIVE_INFINITY;
  let probed = 0;
  const probing: Promise<void>[] = [];
  const followers = houses.map(({ id }) => new Follower(id, doorsOf("brisk", 0)));
  const following: Promise<void>[] = [];
  const spenders = houses.flatMap((house) =>
    Array.from({ length: house.share * callersPerShare }, (_, index) => {
      const patience = patiences[index % patiences.length] ?? "brisk";
      return new Spender({
        name: `${house.id}-${index}`,
        house,
        caller: new Caller(doorsOf(patience, index % 2 === 0 ? 0 : 1), log),
        chance: chance.fork(),
        endsAt: () => endsAt,
        givesUpAt: () => givesUpAt,
      });
    }),
  );
  const probe = async (caller: Caller, workspace: string): Promise<void> => {
    probed += 1;
    const request = { member: "prober", credits: beyondAnyPool };
    const operation: Operation = {
      kind: "authorize",
      workspace,
      key: `${workspace}-probe-${probed}`,
      request,
    };
    await Promise.all([caller.readBalance(workspace), caller.decide(operation, () => givesUpAt)]);
  };
  return {
    patientDoors: doorsOf("patient", 0),
    async setUp(untilMs) {
      const caller = new Caller(doorsOf("patient", 0), log);
      for (const { setUp, id } of houses)
        for (const operation of setUp) {
          const decision = await caller.decide(operation, () => untilMs);
          if (decision?.kind !== "acknowledged")
            throw new Error(`${operation.kind} of ${id} was not accepted.`, { cause: decision });
        }
    },
    async spend() {
      await Promise.all(spenders.map((spender) => spender.spend()));
      await Promise.all(probing);
    },
    endAt(endsMs, givesUpMs) {
      endsAt = endsMs;
      givesUpAt = givesUpMs;
    },
    probe(node) {
      const caller = new Caller(doorsOf("patient", node === nodes[0] ? 0 : 1), log);
      for (const { id } of houses)
        for (let count = 0; count < probesPerHouse; count += 1) {
          const running = probe(caller, id);
          // What goes wrong is thrown by `spend`.
          running.catch(() => {});
          probing.push(running);
        }
    },
    async settleDoubts(operations, untilMs) {
      const caller = new Caller(doorsOf("patient", 0), log);
      for (let from = 0; from < operations.length; from += doubtsAtOnce)
        await Promise.all(
          operations
            .slice(from, from + doubtsAtOnce)
            .map((operation) => caller.decide(operation, () => untilMs)),
        );
    },
    startFollowing() {
      for (const follower of followers) {
        const running = follower.follow();
        // What goes wrong is thrown by `finishFollowing`.
        running.catch(() => {});
        following.push(running);
      }
    },
    async finishFollowing() {
      for (const follower of followers) follower.finish();
      await Promise.all(following);
      return new Map(followers.map(({ workspace, told }) => [workspace, told]));
    },
    async close() {
      for (const pair of doors.values()) for (const { cistern } of pair) await cistern.close();
    },
  };
}
