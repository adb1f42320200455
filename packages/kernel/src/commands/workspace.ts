import { type Decision, accept, reject } from "../decision.ts";
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
  const workspace = { ...command.workspace, status: "active", createdAt: at } as const;
  return accept({ kind: "workspace.created", at, workspace });
}

/** Changes settings; a suspended workspace still takes settlements (RULES 7). */
export function updateWorkspace(state: State, command: UpdateWorkspace, at: Instant): Decision {
  const existing = workspaceOf(state);
  if (existing === undefined) return reject({ code: "unknown_workspace" });
  return accept({ kind: "workspace.updated", at, workspace: { ...existing, ...command.changes } });
}
