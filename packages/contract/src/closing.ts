import type { Position } from "./position.ts";

/** Which month to close. */
export interface ClosingRequest {
  /** `YYYY-MM`, in the workspace's zone. */
  readonly month: string;
}

/** A month whose books are closed: nothing is posted before `end` any more. */
export interface Closing {
  readonly month: string;
  readonly start: string;
  readonly end: string;
  readonly closedAt: string;
  readonly at: Position;
}

/** What became of closing a month in every workspace. */
export interface BooksClosed {
  readonly month: string;
  readonly closed: number;
  readonly closedBefore: number;
  /** Workspaces that begin after the month. */
  readonly notBegun: number;
  readonly refused: readonly { readonly workspace: string; readonly reason: string }[];
}
