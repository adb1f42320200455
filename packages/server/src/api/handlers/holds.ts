import { hash } from "node:crypto";
import {
  type HoldRequest,
  type SettleRequest,
  attributesFit,
  limits,
  parseCredits,
} from "@cistern/contract";
import {
  type Amount,
  type OpenHold,
  type SettleHold,
  balanceOf,
  credits,
  noCredits,
} from "@cistern/kernel";
import {
  extendedBody,
  holdBody,
  openedBody,
  releaseBody,
  settlementBody,
} from "../answers/hold.ts";
import { rateLimitAfter } from "../answers/rate-limit.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import { readDuration } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { refuse } from "../problems/problem.ts";
import { unchargeSettled } from "./uncharging.ts";

/** Holds: opened, read, settled, extended, released. */
export function holdHandlers(
  parts: ApiParts,
): HandlersOf<"openHold" | "getHold" | "settleHold" | "extendHold" | "releaseHold"> {
  const { engine } = parts;
  return {
    async openHold({ params, body, key }) {
      const answer = await carryOut(engine, "hold.opened", {
        workspaceId: params.workspace,
        key,
        command: openHoldCommand(body, parts.newId("hld")),
        asker: "The hold",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const rateLimit = rateLimitAfter(event.rates, event.at);
      return {
        kind: "done",
        status: 201,
        body: openedBody(event, position),
        isReplayed,
        rateLimit,
      };
    },

    async getHold({ params: { workspace, hold: id } }) {
      const inMemory = await ask(engine, workspace, ({ holds, pool }) => ({
        hold: holds.holds.get(id),
        balance: balanceOf(pool),
      }));
      if (inMemory.kind === "refused") return inMemory;
      const { balance } = inMemory.value;
      // What memory no longer has, the journal may have.
      const found =
        inMemory.value.hold === undefined ? await engine.hold(workspace, id) : undefined;
      const hold = found?.kind === "read" ? found.value : inMemory.value.hold;
      const at = found?.kind === "read" ? found.at : inMemory.at;
      if (hold?.kind !== "hold")
        return refuse("unknown_hold", `There is no hold ${id} in workspace ${workspace}.`);
      return { kind: "done", status: 200, body: holdBody(hold, balance, at) };
    },

    async settleHold({ params, body, key }) {
      const answer = await carryOut(engine, "hold.settled", {
        workspaceId: params.workspace,
        key,
        command: {
          kind: "settleHold",
          hold: params.hold,
          model: body.model ?? null,
          amount: settledAmount(body),
          outcome: body.outcome ?? null,
          isEstimated: body.estimated ?? false,
          response: body.response ?? null,
          isFinal: body.final ?? true,
          fingerprint: provenByState(key),
          recalled: null,
        },
        asker: "The settle",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const undecided = await unchargeSettled(parts, params.workspace, { opId: key.opId, event });
      if (undecided !== undefined) return undecided;
      return { kind: "done", status: 200, body: settlementBody(event, position), isReplayed };
    },

    async extendHold({ params, body, key }) {
      const answer = await carryOut(engine, "hold.extended", {
        workspaceId: params.workspace,
        key,
        command: {
          kind: "extendHold",
          hold: params.hold,
          credits: body.credits === undefined ? noCredits : credits(parseCredits(body.credits)),
          estimate: body.estimate ?? null,
          ttlMs: body.ttl === undefined ? null : readDuration("/ttl", body.ttl),
          recalled: null,
        },
        asker: "The extension",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const rateLimit = rateLimitAfter(event.rates, event.at);
      return {
        kind: "done",
        status: 200,
        body: extendedBody(event, position),
        isReplayed,
        rateLimit,
      };
    },

    async releaseHold({ params, key }) {
      const answer = await carryOut(engine, "hold.released", {
        workspaceId: params.workspace,
        key,
        command: {
          kind: "releaseHold",
          hold: params.hold,
          fingerprint: provenByState(key),
          recalled: null,
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: releaseBody(event, position), isReplayed };
    },
  };
}

/** The command of a hold, which a quote asks about too. */
export function openHoldCommand(body: HoldRequest, id: string): OpenHold {
  return {
    kind: "openHold",
    hold: id,
    member: body.member,
    meter: body.meter ?? null,
    model: body.model ?? null,
    amount: amountOf(body.credits, body.estimate),
    ttlMs: body.ttl === undefined ? limits.holdTtlDefaultMs : readDuration("/ttl", body.ttl),
    run: body.run ?? null,
    isToolCall: body.toolCall ?? false,
    action: body.action === undefined ? null : hash("sha256", body.action).slice(0, 32),
    project: body.project ?? null,
    attributes: readAttributes(body.attributes),
  };
}

/** Credits as they are said, or units to be rated; the schema has seen to it that it is one of them. */
export function amountOf(
  said: string | undefined,
  usage: Readonly<Record<string, number>> | undefined,
): Amount {
  return said === undefined
    ? { kind: "usage", usage: usage ?? {} }
    : { kind: "credits", credits: credits(parseCredits(said)) };
}

/** Attributes within their bound, which a schema cannot say. */
export function readAttributes(
  attributes: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | null {
  if (attributes === undefined) return null;
  if (!attributesFit(attributes))
    throw new InvalidField(
      "/attributes",
      `must be at most ${limits.attributesBytesMax} bytes as JSON`,
    );
  return attributes;
}

function settledAmount({ credits: said, usage }: SettleRequest): SettleHold["amount"] {
  return said === undefined && usage === undefined ? { kind: "unmeasured" } : amountOf(said, usage);
}

/** I2: without a key of its own the request is kept with the hold. */
function provenByState({ opId, fingerprint }: RequestKey): string | null {
  return opId === null ? fingerprint : null;
}
