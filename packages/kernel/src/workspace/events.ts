/** Owns the facts of a workspace. */
import type { Fact } from "../fact.ts";
import type { SharingOpened } from "../fairness/events.ts";
import type { Workspace } from "./workspace.ts";

/** The first event of every journal. */
export interface WorkspaceCreated extends Fact<"workspace.created"> {
  readonly workspace: Workspace;
  /** The pool is shared from here on; left out where it is not. */
  readonly sharing?: SharingOpened;
}

/** The settings after a change. */
export interface WorkspaceUpdated extends Fact<"workspace.updated"> {
  readonly workspace: Workspace;
  /** The pool is shared anew from here on; left out where it is not. */
  readonly sharing?: SharingOpened;
}
