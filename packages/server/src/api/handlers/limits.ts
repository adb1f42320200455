import { type LimitRequest, type LimitWindow, type Rate, parseCredits } from "@cistern/contract";
import { type LimitRule, type RateLimitRule, type Window, credits } from "@cistern/kernel";
import { limitBody } from "../answers/limit.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { pageById } from "../calls/pages.ts";
import { readDuration } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";

/** Limits: caps per window and rates, on any node. */
export function limitHandlers({
  engine,
}: ApiParts): HandlersOf<"listLimits" | "getLimit" | "putLimit" | "removeLimit"> {
  return {
    async listLimits({ params, query }) {
      const answer = await ask(engine, params.workspace, ({ limits, subscriptions }) => ({
        ...pageById(limits.limits.values(), query),
        plan: subscriptions.live.row?.plan.name,
      }));
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor, plan } = answer.value;
      return {
        kind: "done",
        status: 200,
        body: {
          data: rows.map((one) => limitBody(one, answer.at, plan)),
          ...(nextCursor === undefined ? {} : { nextCursor }),
        },
      };
    },

    async getLimit({ params: { workspace, limit: id } }) {
      const answer = await ask(engine, workspace, ({ limits, subscriptions }) => ({
        limit: limits.limits.get(id),
        plan: subscriptions.live.row?.plan.name,
      }));
      if (answer.kind === "refused") return answer;
      const { limit, plan } = answer.value;
      if (limit === undefined)
        return refuse("unknown_limit", `There is no limit ${id} in workspace ${workspace}.`);
      return { kind: "done", status: 200, body: limitBody(limit, answer.at, plan) };
    },

    async putLimit({ params: { workspace: workspaceId, limit }, body, key }) {
      const answer = await carryOut(engine, "limit.updated", {
        workspaceId,
        key,
        command: { kind: "putLimit", limit, scope: body.scope, rule: ruleOf(body) },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: limitBody(event.limit, position), isReplayed };
    },

    async removeLimit({ params: { workspace: workspaceId, limit }, key }) {
      const command = { kind: "removeLimit", limit } as const;
      const answer = await carryOut(engine, "limit.removed", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position: at, isReplayed } = answer;
      const body = { id: event.limit.id, removed: true, at } as const;
      return { kind: "done", status: 200, body, isReplayed };
    },
  };
}

function ruleOf(request: LimitRequest): LimitRule {
  if ("rate" in request) return rateOf(request.rate);
  const { credits: amount, window } = request.cap;
  return {
    kind: "cap",
    credits: amount === null ? null : credits(parseCredits(amount)),
    window: windowOf(window),
  };
}

function windowOf(window: LimitWindow): Window {
  if (typeof window === "string") return { kind: "calendar", unit: window };
  if ("rolling" in window)
    return {
      kind: "rolling",
      durationMs: readDuration("/cap/window/rolling", window.rolling),
    };
  return {
    kind: "onFirstUse",
    durationMs: readDuration("/cap/window/onFirstUse", window.onFirstUse),
  };
}

function rateOf(rate: Rate): RateLimitRule {
  const perMs = readDuration("/rate/per", rate.per);
  if ("requests" in rate) {
    const quantity = BigInt(rate.requests);
    const burst = rate.burst === undefined ? quantity : BigInt(rate.burst);
    return { kind: "rate", unit: "requests", quantity, perMs, burst };
  }
  const quantity = parseCredits(rate.credits);
  const burst = rate.burst === undefined ? quantity : parseCredits(rate.burst);
  return { kind: "rate", unit: "credits", quantity, perMs, burst };
}
