import { type Decision, accept, reject } from "../decision.ts";
import { type FairnessSetting, settingFault } from "../fairness/setting.ts";
import type { Instant } from "../instant.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Creates the workspace; refused when it exists. */
export interface CreateWorkspace {
  readonly kind: "createWorkspace";
  readonly workspace: Omit<Workspace, "createdAt" | "status">;
}

/** Changes what is given. */
export interface UpdateWorkspace {
  readonly kind: "updateWorkspace";
  readonly changes: Partial<Omit<Workspace, "id" | "createdAt" | "currency">>;
}

/** Creates the workspace. */
export function createWorkspace(state: State, command: CreateWorkspace, at: Instant): Decision {
  const existing = workspaceOf(state);
  if (existing !== undefined) return reject({ code: "workspace_exists", workspace: existing.id });
  const wrong = wrongFairness(command.workspace.fairness);
  if (wrong !== undefined) return wrong;
  const workspace = { ...command.workspace, status: "active", createdAt: at } as const;
  return accept({ kind: "workspace.created", at, workspace });
}

/** Changes settings; a suspended workspace still takes settlements (RULES 7). */
export function updateWorkspace(state: State, command: UpdateWorkspace, at: Instant): Decision {
  const existing = workspaceOf(state);
  if (existing === undefined) return reject({ code: "unknown_workspace" });
  const wrong = wrongFairness(command.changes.fairness);
  if (wrong !== undefined) return wrong;
  return accept({ kind: "workspace.updated", at, workspace: { ...existing, ...command.changes } });
}

function wrongFairness(setting: FairnessSetting | undefined): Decision | undefined {
  const fault = setting === undefined ? undefined : settingFault(setting);
  return fault === undefined ? undefined : reject({ code: "invalid_request", ...fault });
}
