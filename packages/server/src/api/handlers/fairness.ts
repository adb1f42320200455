import { parseCredits } from "@cistern/contract";
import { credits, workspaceOf } from "@cistern/kernel";
import {
  chosenBody,
  giftBody,
  groupTermsBody,
  memberTermsBody,
  standingBody,
} from "../answers/fairness.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import type { ApiParts } from "../parts.ts";

/** What an owner changes of how the pool is shared among its members. */
export function fairnessHandlers({
  engine,
  newId,
}: ApiParts): HandlersOf<
  "getFairness" | "applyFairness" | "createGift" | "setGuarantee" | "setGroupGuarantee" | "setReach"
> {
  return {
    async getFairness({ params: { workspace } }) {
      const answer = await ask(engine, workspace, (state) => ({
        workspace: workspaceOf(state),
        plan: state.subscriptions.live.row?.plan,
      }));
      if (answer.kind === "refused") return answer;
      const { plan, workspace: found } = answer.value;
      return { kind: "done", status: 200, body: standingBody(found?.fairness, plan, answer.at) };
    },

    async applyFairness({ params: { workspace: workspaceId }, body: { by, ...setting }, key }) {
      const command = { kind: "chooseFairness", by, setting } as const;
      const answer = await carryOut(engine, "workspace.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return {
        kind: "done",
        status: 200,
        body: chosenBody(event.workspace.fairness, position),
        isReplayed,
      };
    },

    async createGift({ params: { workspace: workspaceId }, body, key }) {
      const answer = await carryOut(engine, "reserve.gifted", {
        workspaceId,
        key,
        command: {
          kind: "giftReserve",
          gift: newId("gft"),
          from: body.from,
          to: body.to,
          credits: credits(parseCredits(body.credits)),
        },
        asker: "The gift",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 201, body: giftBody(event, position), isReplayed };
    },

    async setGuarantee({ params: { workspace: workspaceId, member }, body, key }) {
      const guarantee = credits(parseCredits(body.credits));
      const command = { kind: "setGuarantee", member, credits: guarantee } as const;
      const answer = await carryOut(engine, "member_terms.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return {
        kind: "done",
        status: 200,
        body: memberTermsBody(event.terms, position),
        isReplayed,
      };
    },

    async setGroupGuarantee({ params: { workspace: workspaceId, group }, body, key }) {
      const guarantee = credits(parseCredits(body.credits));
      const command = { kind: "setGroupGuarantee", group, credits: guarantee } as const;
      const answer = await carryOut(engine, "group_terms.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return {
        kind: "done",
        status: 200,
        body: groupTermsBody(event.terms, position),
        isReplayed,
      };
    },

    async setReach({ params: { workspace: workspaceId, member }, body: { reach }, key }) {
      const command = { kind: "setReach", member, reach } as const;
      const answer = await carryOut(engine, "member_terms.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return {
        kind: "done",
        status: 200,
        body: memberTermsBody(event.terms, position),
        isReplayed,
      };
    },
  };
}
