/** Owns what a problem is told from: the kernel's refusal, and when and on what it was decided. */
import type { Instant, Position, Rejection } from "@cistern/kernel";

/** The refusals of some codes. */
export type Of<Code extends Rejection["code"]> = Extract<Rejection, { readonly code: Code }>;

/** When and on what a refusal was decided, and what was asked. */
export interface RefusedAt {
  readonly workspaceId: string;
  readonly decidedAt: Instant;
  readonly at: Position;
  /** How the detail names the call: "The hold". */
  readonly asker: string;
  /** That of the workspace: of refusals that tell of its money (`tellsMoney`). */
  readonly currency?: string;
}
