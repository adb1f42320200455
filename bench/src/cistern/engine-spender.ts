import type { Event } from "@cistern/kernel";
import type { Answer, Engine } from "../../../packages/server/src/engine/index.ts";
import { type Asks, asksByCredits } from "../load/asks.ts";
import { type Call, type Spender, holdTtlMs } from "../load/spender.ts";
import { fingerprint } from "./fingerprint.ts";
import { newId } from "./node.ts";

/**
 * Spends through an engine in this process. Each request does what the API does behind its schemas: it makes the hold's id, and
 * the fingerprint over method, path and canonical body. A settle comes under its default key, as the rivals' do.
 */
export class EngineSpender implements Spender {
  readonly #engine: Engine;
  readonly #asks: Asks;
  readonly #heldText: string;
  readonly #settledText: string;
  #turn = 0;

  constructor({ engine }: { readonly engine: Engine }, asks: Asks = asksByCredits) {
    this.#engine = engine;
    this.#asks = asks;
    this.#heldText = JSON.stringify(asks.heldBody).slice(1);
    this.#settledText = JSON.stringify(asks.settledBody);
  }

  async authorize({ workspaceId, memberId, key }: Call): Promise<string> {
    const { meter, held } = this.#asks;
    const { model, attributes } = this.#asks.called((this.#turn += 1));
    const named = model === null ? "" : `"model":"${model}",`;
    const tier = attributes === null ? "" : `"attributes":${JSON.stringify(attributes)},`;
    const answer = await this.#engine.execute({
      workspaceId,
      command: {
        kind: "openHold",
        hold: newId("hld"),
        member: memberId,
        meter,
        model,
        amount: held,
        ttlMs: holdTtlMs,
        run: null,
        project: null,
        attributes,
      },
      opId: key,
      fingerprint: fingerprint(
        `/v1/workspaces/${workspaceId}/holds`,
        `{${tier}"member":"${memberId}",${named}${this.#heldText}`,
      ),
    });
    const event = accepted(answer);
    if (event.kind !== "hold.opened") throw new Error(`The hold became ${event.kind}`);
    return event.hold;
  }

  async settle(workspaceId: string, holdId: string): Promise<void> {
    const path = `/v1/workspaces/${workspaceId}/holds/${holdId}/settle`;
    const print = fingerprint(path, this.#settledText);
    const answer = await this.#engine.execute({
      workspaceId,
      command: {
        kind: "settleHold",
        outcome: null,
        hold: holdId,
        amount: this.#asks.settled,
        isFinal: true,
        fingerprint: print,
        recalled: null,
      },
      opId: null,
      fingerprint: print,
    });
    accepted(answer);
  }
}

function accepted(answer: Answer): Event {
  if (answer.kind === "accepted") return answer.event;
  throw new Error(`Cistern answered ${JSON.stringify(answer, textOfBigint)}`);
}

function textOfBigint(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
