import type { Member as KernelMember, State } from "@cistern/kernel";
import { groupBody, memberBody } from "../answers/member.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { pageById } from "../calls/pages.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";

/** Members: registered, changed, deactivated. Guests are not listed: they came by spending. */
export function memberHandlers(
  parts: ApiParts,
): HandlersOf<"listMembers" | "getMember" | "putMember" | "deactivateMember"> {
  const { engine, names } = parts;
  const kind = "member" as const;
  return {
    async listMembers({ params: { workspace: workspaceId }, query }) {
      const answer = await ask(engine, workspaceId, (state) => pageById(registered(state), query));
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      const called = await names.read({ workspaceId, kind }, rows.map(idOf));
      return {
        kind: "done",
        status: 200,
        body: {
          data: rows.map((one) => memberBody(one, called.get(one.id), answer.at)),
          ...(nextCursor === undefined ? {} : { nextCursor }),
        },
      };
    },

    async getMember({ params: { workspace: workspaceId, member: id } }) {
      const answer = await ask(engine, workspaceId, (state) => state.members.members.get(id));
      if (answer.kind === "refused") return answer;
      const { value: member, at } = answer;
      if (member === undefined || member.isGuest)
        return refuse("not_found", `Member ${id} is not registered in workspace ${workspaceId}.`);
      const called = await names.read({ workspaceId, kind }, [id]);
      return { kind: "done", status: 200, body: memberBody(member, called.get(id), at) };
    },

    async putMember({ params: { workspace: workspaceId, member: id }, body, key }) {
      const answer = await carryOut(engine, "member.updated", {
        workspaceId,
        key,
        command: {
          kind: "putMember",
          member: id,
          memberKind: body.kind ?? "person",
          groups: body.groups ?? [],
          home: body.home ?? null,
          sponsor: body.sponsor ?? null,
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      if (!isReplayed) await names.put({ workspaceId, kind, id }, body.name);
      return {
        kind: "done",
        status: 200,
        body: memberBody(event.member, body.name, position),
        isReplayed,
      };
    },

    async deactivateMember({ params: { workspace: workspaceId, member: id }, key }) {
      const command = { kind: "deactivateMember", member: id } as const;
      const answer = await carryOut(engine, "member.deactivated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const called = await names.read({ workspaceId, kind }, [id]);
      return {
        kind: "done",
        status: 200,
        body: memberBody(event.member, called.get(id), position),
        isReplayed,
      };
    },
  };
}

/** Groups: registered and read. */
export function groupHandlers(parts: ApiParts): HandlersOf<"listGroups" | "getGroup" | "putGroup"> {
  const { engine, names } = parts;
  const kind = "group" as const;
  return {
    async listGroups({ params: { workspace: workspaceId }, query }) {
      const answer = await ask(engine, workspaceId, ({ members }) =>
        pageById(members.groups.values(), query),
      );
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      const called = await names.read({ workspaceId, kind }, rows.map(idOf));
      return {
        kind: "done",
        status: 200,
        body: {
          data: rows.map((one) => groupBody(one, called.get(one.id), answer.at)),
          ...(nextCursor === undefined ? {} : { nextCursor }),
        },
      };
    },

    async getGroup({ params: { workspace: workspaceId, group: id } }) {
      const answer = await ask(engine, workspaceId, ({ members }) => members.groups.get(id));
      if (answer.kind === "refused") return answer;
      if (answer.value === undefined)
        return refuse("unknown_group", `There is no group ${id} in workspace ${workspaceId}.`);
      const called = await names.read({ workspaceId, kind }, [id]);
      return {
        kind: "done",
        status: 200,
        body: groupBody(answer.value, called.get(id), answer.at),
      };
    },

    async putGroup({ params: { workspace: workspaceId, group: id }, body, key }) {
      const { leads = [] } = body;
      const command = { kind: "putGroup", group: id, leads } as const;
      const answer = await carryOut(engine, "group.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      if (!isReplayed) await names.put({ workspaceId, kind, id }, body.name);
      return {
        kind: "done",
        status: 200,
        body: groupBody(event.group, body.name, position),
        isReplayed,
      };
    },
  };
}

function* registered({ members }: State): Generator<KernelMember> {
  for (const member of members.members.values()) if (!member.isGuest) yield member;
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}
