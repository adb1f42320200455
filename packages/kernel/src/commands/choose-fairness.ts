import { type Decision, accept, reject } from "../decision.ts";
import { type FairnessSetting, settingFault } from "../fairness/setting.ts";
import type { Instant } from "../instant.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** An owner chooses how the pool is shared, as a replay of the past speaks for it or not. */
export interface ChooseFairness {
  readonly kind: "chooseFairness";
  readonly setting: Omit<FairnessSetting, "chosenBy">;
  readonly by: string;
}

/** Sets how the pool is shared, in an owner's name; a workspace that names no owners takes whom its vendor names. */
export function chooseFairness(
  state: State,
  { setting, by }: ChooseFairness,
  at: Instant,
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const fault = settingFault(setting);
  if (fault !== undefined) return reject({ code: "invalid_request", ...fault });
  if (state.members.members.get(by)?.status === "inactive")
    return reject({ code: "member_inactive", member: by });
  const { owners = [] } = workspace;
  if (owners.length > 0 && !owners.includes(by))
    return reject({ code: "not_an_owner", member: by, owners });
  const fairness = { ...setting, chosenBy: by };
  return accept({ kind: "workspace.updated", at, workspace: { ...workspace, fairness } });
}
