/**
 * Owns the way between callers and nodes: messages that take their time, get lost, arrive twice or find nobody; and the notes
 * of what was asked and heard.
 */
import type { Sky } from "../database/connection.ts";
import type { Ask, Call, History, Reply } from "../history/call.ts";
import type { Node } from "../nodes/node.ts";
import type { Chance } from "../world/chance.ts";
import type { FaultCounts } from "../world/fault-counts.ts";
import type { World } from "../world/world.ts";

/** See the file head. */
export class Post {
  readonly #world: World;
  readonly #sky: Sky;
  readonly #counts: FaultCounts;
  readonly #history: History;
  readonly #chance: Chance;

  constructor(parts: {
    readonly world: World;
    readonly sky: Sky;
    readonly counts: FaultCounts;
    readonly history: History;
    readonly chance: Chance;
  }) {
    this.#world = parts.world;
    this.#sky = parts.sky;
    this.#counts = parts.counts;
    this.#history = parts.history;
    this.#chance = parts.chance;
  }

  /** Asks a node; the reply, or undefined when none was heard in time. `makeAsk` makes one message for each copy. */
  async send(
    from: { readonly caller: string; readonly operation: number; readonly timeoutUs: number },
    node: Node,
    makeAsk: () => Ask,
  ): Promise<Call> {
    const call = this.#note(from, node, makeAsk());
    const isDoubled = this.#chance.happens(this.#sky.weather.requestDoubled);
    if (isDoubled) {
      this.#counts.requestsDoubled += 1;
      this.#carry(this.#note(from, node, makeAsk()), node, () => undefined);
    }
    await new Promise<void>((resolve) => {
      this.#world.schedule(from.timeoutUs, resolve);
      this.#carry(call, node, resolve);
    });
    return call;
  }

  #note(from: { caller: string; operation: number }, node: Node, ask: Ask): Call {
    const { calls } = this.#history;
    const call: Call = {
      number: calls.length,
      operation: from.operation,
      caller: from.caller,
      node: node.name,
      ask,
      askedUs: this.#world.nowUs,
      answeredUs: undefined,
      reply: undefined,
    };
    calls.push(call);
    return call;
  }

  #carry(call: Call, node: Node, heard: () => void): void {
    const { weather } = this.#sky;
    if (this.#chance.happens(weather.requestLost)) {
      this.#counts.requestsLost += 1;
      return;
    }
    this.#world.schedule(this.#latencyUs(), () =>
      node.receive(call.ask, (reply) => {
        if (this.#chance.happens(this.#sky.weather.replyLost)) {
          this.#counts.repliesLost += 1;
          return;
        }
        this.#world.schedule(this.#latencyUs(), () => {
          this.#hear(call, reply);
          heard();
        });
      }),
    );
  }

  #hear(call: Call, reply: Reply): void {
    call.answeredUs = this.#world.nowUs;
    call.reply = reply;
  }

  #latencyUs(): number {
    return 60 + this.#chance.around(400);
  }
}
