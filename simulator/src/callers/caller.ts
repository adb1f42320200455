/**
 * Owns one caller: it wants one thing after another, and asks for each until it knows what became of it, with the same key,
 * on whichever node answers. Now and then it asks two nodes at once, asks again for what it has, or bends a key.
 */
import { credits } from "@cistern/kernel";
import type { Answer } from "cistern/engine";
import type { Call } from "../history/call.ts";
import type { Node } from "../nodes/node.ts";
import type { Chance } from "../world/chance.ts";
import type { World } from "../world/world.ts";
import { choose } from "./choose.ts";
import type { Known } from "./known.ts";
import { type CommandOperation, type Operation, messageOf } from "./operation.ts";
import type { Post } from "./post.ts";

/** What all callers of a run share. */
export interface Street {
  readonly world: World;
  readonly post: Post;
  readonly nodes: readonly Node[];
  readonly known: ReadonlyMap<string, Known>;
  readonly newNumber: () => number;
  readonly newId: (prefix: string) => string;
}

const triesMax = 7;

/** See the file head. */
export class Caller {
  readonly #name: string;
  readonly #street: Street;
  readonly #chance: Chance;
  readonly #thinkUs: number;
  #home: Node | undefined;

  constructor(name: string, street: Street, chance: Chance) {
    this.#name = name;
    this.#street = street;
    this.#chance = chance;
    this.#thinkUs = chance.pick([200, 5_000, 60_000] as const);
    this.#home = chance.pick(street.nodes);
  }

  /** Does so many things. */
  async work(operations: number): Promise<void> {
    this.#home = this.#chance.pick(this.#street.nodes);
    for (let done = 0; done < operations; done += 1) {
      await this.#street.world.sleep(this.#chance.around(this.#thinkUs));
      await this.#doSomething();
    }
  }

  /** Asks until there is an answer, or patience ends; gives the answer. */
  async insist(operation: Operation, tries = triesMax): Promise<Answer | undefined> {
    for (let tried = 0; tried < tries; tried += 1) {
      const node = this.#node(tried > 0);
      const call = await this.#ask(operation, node);
      const { reply } = call;
      if (reply?.kind === "answer") {
        this.#learn(operation.workspaceId, reply.answer);
        return reply.answer;
      }
      if (reply?.kind === "read" || reply?.kind === "broken") return undefined;
      await this.#street.world.sleep(this.#chance.around(30_000 * (tried + 1)));
    }
    return undefined;
  }

  async #doSomething(): Promise<void> {
    const operation = this.#choose();
    if (operation.kind === "read") {
      await this.insist(operation, 2);
      return;
    }
    if (this.#chance.happens(0.06)) await this.#askTwoAtOnce(operation);
    const answer = await this.insist(operation);
    if (answer === undefined || operation.key === "none") return;
    // The same again, perhaps long after, perhaps where nobody remembers.
    if (this.#chance.happens(0.08)) await this.insist(operation, 2);
    if (this.#chance.happens(0.05)) await this.insist(this.#withOtherBody(operation), 2);
  }

  #choose(): Operation {
    const { chance, street } = { chance: this.#chance, street: this.#street };
    const workspaceId = chance.pick([...street.known.keys()]) ?? "";
    const known = street.known.get(workspaceId);
    const number = street.newNumber();
    if (known === undefined) throw new Error("A run has at least one workspace.");
    const choice = choose({ chance, known, nowMs: street.world.nowMs, number });
    if (choice.kind === "read")
      return { kind: "read", number, workspaceId, question: choice.question };
    const { command, key } = choice;
    return { kind: "command", number, workspaceId, command, key, keyOf: undefined };
  }

  #withOtherBody(operation: CommandOperation): CommandOperation {
    const { command } = operation;
    const number = this.#street.newNumber();
    const keyOf = operation.number;
    if (command.kind === "openHold") {
      const other = { ...command, project: `other-${number}` };
      return { ...operation, number, keyOf, command: other };
    }
    if (command.kind !== "settleHold") return operation;
    const amount = { kind: "credits", credits: credits(BigInt(number)) } as const;
    return { ...operation, number, keyOf, command: { ...command, amount } };
  }

  async #askTwoAtOnce(operation: Operation): Promise<void> {
    const [one, other] = [this.#node(true), this.#node(true)];
    const calls = await Promise.all([this.#ask(operation, one), this.#ask(operation, other)]);
    for (const { reply } of calls)
      if (reply?.kind === "answer") this.#learn(operation.workspaceId, reply.answer);
  }

  #ask(operation: Operation, node: Node): Promise<Call> {
    const { post, newId } = this.#street;
    const timeoutUs = this.#chance.between(300_000, 4_000_000);
    const from = { caller: this.#name, operation: operation.number, timeoutUs };
    return post.send(from, node, () => messageOf(operation, newId));
  }

  #node(isAnyone: boolean): Node {
    const { nodes } = this.#street;
    const home = this.#home;
    if (!isAnyone && home !== undefined && this.#chance.happens(0.8)) return home;
    const node = this.#chance.pick(nodes);
    if (node === undefined) throw new Error("A run has at least one node.");
    return node;
  }

  #learn(workspaceId: string, answer: Answer): void {
    if (answer.kind === "accepted") this.#street.known.get(workspaceId)?.learn(answer.event);
  }
}
