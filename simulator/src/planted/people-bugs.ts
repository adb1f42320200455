/** Owns the bugs in the kernel's functions around who was removed, and workspaces that are suspended. */
import { type Decision, type Rejection, type State, workspaceOf } from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";
import { onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

type Decide = Rules["decide"];

/** The rules with such a bug; undefined for all others. */
export function plantInPeople(bug: PlantedBug | undefined): Rules | undefined {
  switch (bug) {
    case "leaverSpends":
      return unasserted({ decide: onlyFor("openHold", seeing(withAllActive)) });
    case "suspendedSpends":
      return unasserted({ decide: onlyFor("openHold", seeing(withWorkspaceActive)) });
    case "leaverCannotSettle":
      return unasserted({ decide: onlyFor("settleHold", refusedToLeavers) });
    case "suspendedCannotSettle":
      return unasserted({ decide: onlyFor("settleHold", refusedWhileSuspended) });
    default:
      return undefined;
  }
}

function withAllActive(state: State): State {
  const { members } = state.members;
  const get = (id: string) => {
    const member = members.get(id);
    return member && ({ ...member, status: "active" } as const);
  };
  return { ...state, members: { ...state.members, members: overlaid(members, { get }) } };
}

function withWorkspaceActive(state: State): State {
  const { row } = state.current;
  if (row === undefined) return state;
  const workspace = { ...row.workspace, status: "active" } as const;
  return { ...state, current: { row: { ...row, workspace } } };
}

const reject = (rejection: Rejection): Decision => ({ kind: "rejected", rejection });

const refusedToLeavers: Decide = (state, command, at, around) => {
  const hold = command.kind === "settleHold" ? state.holds.holds.get(command.hold) : undefined;
  const member = hold?.status === "open" ? state.members.members.get(hold.path.member) : undefined;
  return member?.status === "inactive"
    ? reject({ code: "member_inactive", member: member.id })
    : kernelRules.decide(state, command, at, around);
};

const refusedWhileSuspended: Decide = (state, command, at, around) => {
  const hold = command.kind === "settleHold" ? state.holds.holds.get(command.hold) : undefined;
  return hold?.status === "open" && workspaceOf(state)?.status === "suspended"
    ? reject({ code: "workspace_suspended" })
    : kernelRules.decide(state, command, at, around);
};
