import {
  type LimitRequest,
  type LimitWindow,
  type Rate,
  type SplitRequest,
  parseCredits,
  parsePercent,
} from "@cistern/contract";
import {
  type LimitRule,
  type RateLimitRule,
  type Window,
  credits,
  equalSplit,
} from "@cistern/kernel";
import { limitBody, limitsBody, planLimitBody } from "../answers/limit.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { pageById } from "../calls/pages.ts";
import { readDuration } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";
import { rejectionRefusal } from "../problems/rejection-problem.ts";

/** Limits: caps per window and rates, on any node. */
export function limitHandlers({
  engine,
}: ApiParts): HandlersOf<
  | "listLimits"
  | "getLimit"
  | "putLimit"
  | "removeLimit"
  | "putLimits"
  | "splitLimit"
  | "previewSplit"
> {
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

    async putLimits({ params: { workspace: workspaceId }, body, key }) {
      const limits = (body.limits ?? []).map((one, index) => ({
        id: one.id,
        scope: one.scope,
        rule: ruleOf(one, `/limits/${index}`),
      }));
      const command = { kind: "putLimits", limits, remove: body.remove ?? [] } as const;
      const answer = await carryOut(engine, "limits.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: limitsBody(event, position), isReplayed };
    },

    async splitLimit({ params: { workspace: workspaceId }, body, key }) {
      const command = { kind: "splitLimit", ...splitOf(body) } as const;
      const answer = await carryOut(engine, "limits.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: limitsBody(event, position), isReplayed };
    },

    async previewSplit({ params: { workspace: workspaceId }, body }) {
      const wanted = splitOf(body);
      const answer = await ask(engine, workspaceId, (state, decidedAt) => ({
        split: equalSplit(state, wanted),
        decidedAt,
      }));
      if (answer.kind === "refused") return answer;
      const { split, decidedAt } = answer.value;
      const asker = "The split";
      if (split.kind === "refused")
        return rejectionRefusal(split.rejection, { workspaceId, decidedAt, at: answer.at, asker });
      const limits = split.parts.map(({ limit }) => planLimitBody(limit));
      return { kind: "done", status: 200, body: { limits, removed: split.removed } };
    },
  };
}

const splitOf = ({ name, among, credits: amount, window }: SplitRequest) => ({
  name,
  among,
  credits: credits(parseCredits(amount)),
  window: windowOf(window, ""),
});

function ruleOf(request: LimitRequest, at = ""): LimitRule {
  if ("rate" in request) return rateOf(request.rate, at);
  if ("overage" in request) {
    const { credits: most, window: unit } = request.overage;
    const ceiling = most === null ? null : credits(parseCredits(most));
    return { kind: "overage", credits: ceiling, window: { kind: "calendar", unit } };
  }
  const { cap } = request;
  if ("percent" in cap)
    return {
      kind: "cap",
      percentBps: parsePercent(cap.percent),
      window: { kind: "calendar", unit: cap.window },
    };
  const window = windowOf(cap.window, `${at}/cap`);
  const amount = cap.credits === null ? null : credits(parseCredits(cap.credits));
  return { kind: "cap", credits: amount, window };
}

function windowOf(window: LimitWindow, at: string): Window {
  if (typeof window === "string") return { kind: "calendar", unit: window };
  if ("rolling" in window)
    return {
      kind: "rolling",
      durationMs: readDuration(`${at}/window/rolling`, window.rolling),
    };
  return {
    kind: "onFirstUse",
    durationMs: readDuration(`${at}/window/onFirstUse`, window.onFirstUse),
  };
}

function rateOf(rate: Rate, at: string): RateLimitRule {
  const perMs = readDuration(`${at}/rate/per`, rate.per);
  if ("requests" in rate) {
    const quantity = BigInt(rate.requests);
    const burst = rate.burst === undefined ? quantity : BigInt(rate.burst);
    return { kind: "rate", unit: "requests", quantity, perMs, burst };
  }
  const quantity = parseCredits(rate.credits);
  const burst = rate.burst === undefined ? quantity : parseCredits(rate.burst);
  return { kind: "rate", unit: "credits", quantity, perMs, burst };
}
