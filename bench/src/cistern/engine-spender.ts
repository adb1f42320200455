import { hash } from "node:crypto";
import { type Command, type Event, credits, microCreditsPerCredit, money } from "@cistern/kernel";
import type { Answer } from "../../../packages/server/src/engine/index.ts";
import {
  type Call,
  type Spender,
  grantedCredits,
  heldCredits,
  holdTtlMs,
  memberCap,
  memberName,
  membersPerWorkspace,
  settledCredits,
} from "../load/spender.ts";
import type { Node } from "./node.ts";

const heldText = String(heldCredits / microCreditsPerCredit);
const settledText = String(settledCredits / microCreditsPerCredit);

/**
 * Spends through the engine in this process. Each request does what the API does behind its schemas: it makes the hold's id, and the
 * fingerprint, a SHA-256 over method, path and canonical body. A settle comes under its default key, as the rivals' do.
 */
export class EngineSpender implements Spender {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  async authorize({ workspaceId, memberId, key }: Call): Promise<string> {
    const { engine, newId } = this.#node;
    const hold = newId("hld");
    const answer = await engine.execute({
      workspaceId,
      command: {
        kind: "openHold",
        hold,
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
    const answer = await this.#node.engine.execute({
      workspaceId,
      command: {
        kind: "settleHold",
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

/** A workspace as the rivals have it: one paid grant, members, and a cap a month for each of them. */
export async function prepareWorkspace(node: Node, workspaceId: string): Promise<void> {
  for (const command of workspaceCommands(workspaceId, node.newId("grt")))
    accepted(
      await node.engine.execute({
        workspaceId,
        command,
        opId: node.newId("key"),
        fingerprint: fingerprint("/prepare", command.kind),
      }),
    );
}

/** What makes a workspace as `prepareWorkspace` does. */
export function workspaceCommands(workspaceId: string, grantId: string): readonly Command[] {
  return [
    {
      kind: "createWorkspace",
      workspace: {
        id: workspaceId,
        timeZone: "Europe/Berlin",
        currency: "EUR",
        overage: { kind: "deny" },
        overrun: "draw_more_then_debt",
        members: "known",
        guestsMax: 1_000,
      },
    },
    ...Array.from({ length: membersPerWorkspace }, (_, index): Command => ({
      kind: "putMember",
      member: memberName(index),
      memberKind: "person",
      groups: [],
      home: null,
      sponsor: null,
    })),
    {
      kind: "putLimit",
      limit: "monthly",
      scope: { kind: "eachMember" },
      rule: {
        kind: "cap",
        credits: credits(memberCap),
        window: { kind: "calendar", unit: "month" },
      },
    },
    {
      kind: "grant",
      grant: grantId,
      credits: credits(grantedCredits),
      source: "purchase",
      // A cent a credit: the money of each settlement is recognised as well.
      cost: money(grantedCredits / microCreditsPerCredit),
      currency: null,
      priority: 50,
      effectiveAt: null,
      expiresAt: null,
      appliesTo: null,
      reference: null,
    },
  ];
}

function accepted(answer: Answer): Event {
  if (answer.kind === "accepted") return answer.event;
  throw new Error(`Cistern answered ${JSON.stringify(answer, textOfBigint)}`);
}

function fingerprint(path: string, body: string): string {
  return hash("sha256", `POST ${path}\n${body}`);
}

function textOfBigint(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
