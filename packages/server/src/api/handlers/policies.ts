import { hash as digest } from "node:crypto";
import type { PolicyHours, PolicyRequest } from "@cistern/contract";
import type { Acceptance, Policy, PolicyText, State, WeeklyHours } from "@cistern/kernel";
import { acceptanceBody, policyBody, weekdays } from "../answers/policy.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { pageById } from "../calls/pages.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { type Refusal, refuse } from "../problems/problem.ts";

/** Policies of acceptable use. */
export function policyHandlers({
  engine,
  policyTexts,
}: ApiParts): HandlersOf<
  "listPolicies" | "getPolicy" | "putPolicy" | "removePolicy" | "getPolicyText"
> {
  return {
    async listPolicies({ params: { workspace }, query }) {
      const answer = await ask(engine, workspace, ({ policies }) =>
        pageById(policies.policies.values(), query),
      );
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      const data = rows.map((one) => policyBody(one, answer.at));
      return {
        kind: "done",
        status: 200,
        body: { data, ...(nextCursor === undefined ? {} : { nextCursor }) },
      };
    },

    async getPolicy({ params: { workspace, policy: id } }) {
      const answer = await ask(engine, workspace, ({ policies }) => policies.policies.get(id));
      if (answer.kind === "refused") return answer;
      if (answer.value === undefined) return unknownPolicy(id, workspace);
      return { kind: "done", status: 200, body: policyBody(answer.value, answer.at) };
    },

    async putPolicy({ params: { workspace: workspaceId, policy: id }, body, key }) {
      const text = textOf(body);
      if (text !== null && body.text !== undefined) {
        // Only of a workspace that exists: what follows may still be refused, and then nothing names the text.
        const known = await ask(engine, workspaceId, () => true);
        if (known.kind === "refused") return known;
        await policyTexts.put(workspaceId, text.hash, body.text.text);
      }
      const policy = policyOf(id, body, text);
      const command = { kind: "putPolicy", policy } as const;
      const answer = await carryOut(engine, "policy.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: policyBody(event.policy, position), isReplayed };
    },

    async removePolicy({ params: { workspace: workspaceId, policy }, key }) {
      const command = { kind: "removePolicy", policy } as const;
      const answer = await carryOut(engine, "policy.removed", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position: at, isReplayed } = answer;
      const body = { id: event.policy.id, removed: true, at } as const;
      return { kind: "done", status: 200, body, isReplayed };
    },

    async getPolicyText({ params: { workspace, hash } }) {
      const answer = await ask(engine, workspace, () => true);
      if (answer.kind === "refused") return answer;
      const text = await policyTexts.read(workspace, hash);
      if (text === undefined)
        return refuse("not_found", `No policy of workspace ${workspace} had a text ${hash}.`);
      return { kind: "done", status: 200, body: { hash, text } };
    },
  };
}

/** Who accepted the texts of policies. */
export function acceptanceHandlers({
  engine,
}: ApiParts): HandlersOf<"acceptPolicy" | "listAcceptances"> {
  return {
    async acceptPolicy({ params: { workspace: workspaceId, policy }, body, key }) {
      const command = { kind: "acceptPolicy", policy, ...body } as const;
      const answer = await carryOut(engine, "policy.accepted", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const accepted = acceptanceBody(event.acceptance, position);
      return { kind: "done", status: 201, body: accepted, isReplayed };
    },

    async listAcceptances({ params: { workspace, policy: id }, query }) {
      const answer = await ask(engine, workspace, (state) => ({
        policy: state.policies.policies.get(id),
        page: pageById(acceptancesOf(state, id), query),
      }));
      if (answer.kind === "refused") return answer;
      const { policy, page } = answer.value;
      if (policy === undefined) return unknownPolicy(id, workspace);
      const { rows, nextCursor } = page;
      const data = rows.map(({ acceptance }) => ({
        ...acceptanceBody(acceptance, answer.at),
        current: acceptance.text.version === policy.text?.version,
      }));
      return {
        kind: "done",
        status: 200,
        body: { data, ...(nextCursor === undefined ? {} : { nextCursor }) },
      };
    },
  };
}

function* acceptancesOf(
  { policies }: State,
  policy: string,
): Generator<{ readonly id: string; readonly acceptance: Acceptance }> {
  for (const acceptance of policies.acceptances.values())
    if (acceptance.policy === policy) yield { id: acceptance.member, acceptance };
}

const policyOf = (
  id: string,
  { scope, meters, models, hours, mustAccept }: PolicyRequest,
  text: PolicyText | null,
): Policy => ({
  id,
  scope,
  meters: meters ?? null,
  models: models ?? null,
  hours: hours?.map(hoursOf) ?? null,
  text,
  mustAccept: mustAccept ?? false,
});

const textOf = ({ text }: PolicyRequest): PolicyText | null =>
  text === undefined ? null : { version: text.version, hash: digest("sha256", text.text) };

function hoursOf({ days, from, to }: PolicyHours, index: number): WeeklyHours {
  const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
  if (fromMinute === toMinute)
    throw new InvalidField(
      `/hours/${index}/to`,
      `ends where it begins (${from}); a whole day is 00:00 to 24:00.`,
    );
  const numbers = days.map((day) => weekdays.indexOf(day) + 1);
  return { days: numbers.toSorted((a, b) => a - b), fromMinute, toMinute };
}

function minuteOf(clock: string): number {
  const [hours = "", minutes = ""] = clock.split(":");
  return Number(hours) * 60 + Number(minutes);
}

const unknownPolicy = (id: string, workspaceId: string): Refusal =>
  refuse("unknown_policy", `There is no policy ${id} in workspace ${workspaceId}.`);
