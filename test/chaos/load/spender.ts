/**
 * Owns what one caller does all day in one workspace: calls of every shape, reports, refunds, repetitions, questions.
 *
 * What it does next is chance's (seeded) and the answers'; it never looks at anything but answers.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Chance } from "../chance.ts";
import type { Caller, Decision } from "./caller.ts";
import type { Operation } from "./operation.ts";
import type { House } from "./house.ts";

/** Who spends, where, and for how long. */
export interface SpenderOptions {
  readonly name: string;
  readonly house: House;
  readonly caller: Caller;
  readonly chance: Chance;
  /** When spending is over, and until when an operation under way is asked for again. */
  readonly endsAt: () => number;
  readonly givesUpAt: () => number;
}

interface Charged {
  readonly id: string;
  readonly credits: number;
}

const remembered = 32;
const refusedPauseMs = 15;
const longTtl = "PT10M";
/** Short enough to expire under the storm, and to race a settle. */
const shortTtl = "PT1S";

/** See the file head. */
export class Spender {
  readonly #options: SpenderOptions;
  readonly #decided: Operation[] = [];
  readonly #charged: Charged[] = [];
  #made = 0;

  constructor(options: SpenderOptions) {
    this.#options = options;
  }

  /** Spends until the end. */
  async spend(): Promise<void> {
    while (performance.now() < this.#options.endsAt()) await this.#act();
  }

  async #act(): Promise<void> {
    const { chance, caller, house } = this.#options;
    const dice = chance.between(1, 100);
    if (dice <= 66) return this.#call();
    if (dice <= 76) return this.#debit();
    if (dice <= 84) return this.#refund();
    if (dice <= 91) return this.#repeat();
    if (dice <= 92) return this.#reuseKey();
    if (dice <= 97) return void (await caller.readBalance(house.id));
    const operation = this.#decided.findLast(({ kind }) => kind === "settle");
    if (operation?.kind === "settle") await caller.readHold(house.id, operation.hold);
  }

  /** One call of a model: a hold, and one of the ways in which it can end. */
  async #call(): Promise<void> {
    const { chance, house, name } = this.#options;
    const fate = chance.between(1, 100);
    const credits = chance.between(house.least, house.most);
    const ttl = fate > 88 ? shortTtl : longTtl;
    const request = { member: name, credits: String(credits), ttl };
    const hold = await this.#do({ kind: "authorize", request, ...this.#fresh() });
    const id = idOf(hold);
    if (id === undefined) return;
    if (fate <= 62) await this.#settle(id, chance.between(0, credits));
    else if (fate <= 68) await this.#settle(id, credits + chance.between(1, 5));
    else if (fate <= 75) await this.#settleInParts(id, credits);
    else if (fate <= 80) {
      const more = { credits: String(chance.between(1, house.most)), ttl: longTtl };
      await this.#do({ kind: "extend", hold: id, request: more, ...this.#fresh() });
      await this.#settle(id, credits);
    } else if (fate <= 88) await this.#do({ kind: "release", hold: id, ...this.#closing() });
    else if (fate <= 92) {
      // Nobody ends it: the caller died. Its expiry must bring the credits back.
    } else {
      await wait(chance.between(700, 1_300));
      await this.#settle(id, chance.between(1, credits));
    }
  }

  async #settleInParts(hold: string, credits: number): Promise<void> {
    const part = Math.floor(credits / 3);
    for (let count = 0; count < 2; count += 1)
      await this.#do({
        kind: "settle",
        hold,
        credits: String(part),
        final: false,
        ...this.#fresh(),
      });
    await this.#settle(hold, part);
  }

  async #settle(hold: string, credits: number): Promise<void> {
    const settled = await this.#do({
      kind: "settle",
      hold,
      credits: String(credits),
      final: true,
      ...this.#closing(),
    });
    if (settled?.kind === "acknowledged") this.#remember(this.#charged, { id: hold, credits });
  }

  async #debit(): Promise<void> {
    const { chance, house, name } = this.#options;
    const credits = chance.between(1, Math.ceil(house.most / 4));
    const request = { member: name, credits: `${credits}.5` };
    const id = idOf(await this.#do({ kind: "debit", request, ...this.#fresh() }));
    if (id !== undefined) this.#remember(this.#charged, { id, credits });
  }

  async #refund(): Promise<void> {
    const { chance } = this.#options;
    const charged = this.#charged[chance.between(0, this.#charged.length)];
    if (charged === undefined) return;
    // Now and then too much, which must be refused.
    const credits = chance.between(1, charged.credits + 1);
    const request = { of: charged.id, credits: String(credits), reason: "failed" };
    await this.#do({ kind: "refund", request, ...this.#fresh() });
  }

  /** The same key and body as before, to the other node: nothing may happen, and the answer must be the first one. */
  async #repeat(): Promise<void> {
    const { chance, caller } = this.#options;
    const operation = this.#decided[chance.between(0, this.#decided.length)];
    if (operation !== undefined) await caller.repeat(operation);
  }

  /** A key of before with another body, which must be refused. */
  async #reuseKey(): Promise<void> {
    const operation = this.#decided.findLast(({ kind }) => kind === "authorize");
    if (operation?.kind !== "authorize") return;
    const request = { ...operation.request, credits: `${operation.request.credits ?? "1"}.25` };
    await this.#decide({ ...operation, request });
  }

  /** Has it decided and remembers what was accepted. A refusal makes a spender pause, and somebody may top the pool up. */
  async #do(operation: Operation): Promise<Decision | undefined> {
    const { chance, house } = this.#options;
    const decision = await this.#decide(operation);
    if (decision?.kind === "acknowledged") this.#remember(this.#decided, operation);
    if (decision?.kind !== "refused") return decision;
    await wait(chance.between(0, refusedPauseMs));
    if (decision.problem.code === "pool_exhausted" && chance.percent(house.topUpPercent))
      await this.#decide({
        kind: "grant",
        request: { credits: String(house.topUp), source: "purchase" },
        ...this.#fresh(),
      });
    return decision;
  }

  async #decide(operation: Operation): Promise<Decision | undefined> {
    const { chance, caller, givesUpAt } = this.#options;
    return chance.percent(4)
      ? caller.decideTwice(operation, givesUpAt)
      : caller.decide(operation, givesUpAt);
  }

  #fresh(): { readonly workspace: string; readonly key: string } {
    this.#made += 1;
    return { workspace: this.#options.house.id, key: `${this.#options.name}-${this.#made}` };
  }

  /** Most callers end a hold under its default key, some under one of their own. */
  #closing(): { readonly workspace: string; readonly key: string | null } {
    return this.#options.chance.percent(80)
      ? { workspace: this.#options.house.id, key: null }
      : this.#fresh();
  }

  #remember<T>(list: T[], item: T): void {
    list.push(item);
    if (list.length > remembered) list.shift();
  }
}

/** The id of what was made, where something was. */
function idOf(decision: Decision | undefined): string | undefined {
  return decision?.kind === "acknowledged" && "id" in decision.answer
    ? decision.answer.id
    : undefined;
}
