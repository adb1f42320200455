import { type Event, credits, microCreditsPerCredit } from "@cistern/kernel";
import type { Answer, Engine } from "../../../packages/server/src/engine/index.ts";
import {
  type Call,
  type Spender,
  heldCredits,
  holdTtlMs,
  settledCredits,
} from "../load/spender.ts";
import { fingerprint } from "./fingerprint.ts";
import { newId } from "./node.ts";

const heldText = String(heldCredits / microCreditsPerCredit);
const settledText = String(settledCredits / microCreditsPerCredit);

/**
 * Spends through an engine in this process. Each request does what the API does behind its schemas: it makes the hold's id, and
 * the fingerprint over method, path and canonical body. A settle comes under its default key, as the rivals' do.
 */
export class EngineSpender implements Spender {
  readonly #engine: Engine;

  constructor({ engine }: { readonly engine: Engine }) {
    this.#engine = engine;
  }

  async authorize({ workspaceId, memberId, key }: Call): Promise<string> {
    const answer = await this.#engine.execute({
      workspaceId,
      command: {
        kind: "openHold",
        hold: newId("hld"),
        member: memberId,
        meter: null,
        model: null,
        amount: { kind: "credits", credits: credits(heldCredits) },
        ttlMs: holdTtlMs,
        run: null,
        project: null,
        attributes: null,
      },
      opId: key,
      fingerprint: fingerprint(
        `/v1/workspaces/${workspaceId}/holds`,
        `{"credits":"${heldText}","member":"${memberId}"}`,
      ),
    });
    const event = accepted(answer);
    if (event.kind !== "hold.opened") throw new Error(`The hold became ${event.kind}`);
    return event.hold;
  }

  async settle(workspaceId: string, holdId: string): Promise<void> {
    const path = `/v1/workspaces/${workspaceId}/holds/${holdId}/settle`;
    const print = fingerprint(path, `{"credits":"${settledText}"}`);
    const answer = await this.#engine.execute({
      workspaceId,
      command: {
        kind: "settleHold",
        outcome: null,
        hold: holdId,
        amount: { kind: "credits", credits: credits(settledCredits) },
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
