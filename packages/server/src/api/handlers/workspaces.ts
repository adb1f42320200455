import { type Overage, limits, parseCredits } from "@cistern/contract";
import { type Overage as KernelOverage, credits, workspaceOf } from "@cistern/kernel";
import { workspaceBody } from "../answers/workspace.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { refuse, unknownWorkspace } from "../problems/problem.ts";

const timeZoneDefault = "UTC";
const currencyDefault = "USD";

/** Workspaces: made, read and changed. Their names stand outside the journal (RULES 26). */
export function workspaceHandlers(
  parts: ApiParts,
): HandlersOf<"createWorkspace" | "getWorkspace" | "updateWorkspace"> {
  const { engine, names } = parts;
  const zoneOf = (timeZone: string): string => {
    if (parts.isTimeZone(timeZone)) return timeZone;
    throw new InvalidField("/timeZone", `must be an IANA time zone; ${timeZone} is none`);
  };
  return {
    async createWorkspace({ body, key, caller }) {
      const { id, name } = body;
      if (caller?.workspace !== undefined)
        return refuse(
          "forbidden",
          `The key ${caller.prefix}… opens workspace ${caller.workspace} alone and can create none.`,
        );
      const answer = await carryOut(engine, "workspace.created", {
        workspaceId: id,
        key,
        command: {
          kind: "createWorkspace",
          workspace: {
            id,
            timeZone: zoneOf(body.timeZone ?? timeZoneDefault),
            currency: body.currency ?? currencyDefault,
            overage: overageOf(body.overage ?? { kind: "plan" }),
            overrun: body.overrun ?? "draw_more_then_debt",
            members: body.members ?? "open",
            guestsMax: body.guestsMax ?? limits.guestsDefault,
            ...lowBalanceOf(body),
            ...(body.fairness === undefined ? {} : { fairness: body.fairness }),
            ...(body.owners === undefined ? {} : { owners: body.owners }),
          },
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      if (name !== undefined) await names.putIfNone(nameOf(id), name);
      return {
        kind: "done",
        status: 201,
        body: workspaceBody(event.workspace, name, position),
        isReplayed,
      };
    },

    async getWorkspace({ params }) {
      const answer = await ask(engine, params.workspace, workspaceOf);
      if (answer.kind === "refused") return answer;
      if (answer.value === undefined) return unknownWorkspace(params.workspace);
      const name = (await names.read(nameOf(params.workspace), [params.workspace])).get(
        params.workspace,
      );
      return { kind: "done", status: 200, body: workspaceBody(answer.value, name, answer.at) };
    },

    async updateWorkspace({ params, body, key }) {
      const { workspace: id } = params;
      const { name: given, timeZone, overage, lowBalance, ...others } = body;
      const answer = await carryOut(engine, "workspace.updated", {
        workspaceId: id,
        key,
        command: {
          kind: "updateWorkspace",
          changes: {
            ...others,
            ...lowBalanceOf({ lowBalance }),
            ...(timeZone === undefined ? {} : { timeZone: zoneOf(timeZone) }),
            ...(overage === undefined ? {} : { overage: overageOf(overage) }),
          },
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      if (given !== undefined && !isReplayed) await names.put(nameOf(id), given);
      const name = given ?? (await names.read(nameOf(id), [id])).get(id);
      return {
        kind: "done",
        status: 200,
        body: workspaceBody(event.workspace, name, position),
        isReplayed,
      };
    },
  };
}

function nameOf(id: string) {
  return { workspaceId: id, kind: "workspace", id } as const;
}

const lowBalanceOf = ({ lowBalance }: { readonly lowBalance?: string | undefined }) =>
  lowBalance === undefined ? {} : { lowBalance: credits(parseCredits(lowBalance)) };

function overageOf(overage: Overage): KernelOverage {
  switch (overage.kind) {
    case "plan":
    case "deny":
      return { kind: overage.kind };
    case "debt":
      return { kind: "debt", limit: credits(parseCredits(overage.limit)) };
  }
}
