import type { Position } from "./position.ts";

/** Where a limit stands. `eachMember` is the default for every member, known or not. */
export type LimitScope =
  | { readonly kind: "workspace" }
  | { readonly kind: "group"; readonly id: string }
  | { readonly kind: "member"; readonly id: string }
  | { readonly kind: "eachMember" };

/** What a cap counts in: a calendar window of the workspace's zone, a rolling one, or one that the first use opens. */
export type LimitWindow =
  | "hour"
  | "day"
  | "week"
  | "month"
  | { readonly rolling: string }
  | { readonly onFirstUse: string };

/** At most so many credits per window; `null` is "no limit", which replaces the default of `eachMember`. */
export interface Cap {
  readonly credits: string | null;
  readonly window: LimitWindow;
}

/** At most so many credits, or requests, per duration; `burst` (default the same number) may come at once. */
export type Rate =
  | { readonly credits: string; readonly per: string; readonly burst?: string }
  | { readonly requests: number; readonly per: string; readonly burst?: number };

/** A limit as it shall be: a cap or a rate. */
export type LimitRequest =
  | { readonly scope: LimitScope; readonly cap: Cap }
  | { readonly scope: LimitScope; readonly rate: Rate };

/** A limit that stands. `plan` names the plan that it comes with, which alone changes it; left out: it is the workspace's own. */
export type Limit =
  | {
      readonly id: string;
      readonly scope: LimitScope;
      readonly cap: Cap;
      readonly plan?: string;
      readonly at: Position;
    }
  | {
      readonly id: string;
      readonly scope: LimitScope;
      readonly rate: Rate;
      readonly plan?: string;
      readonly at: Position;
    };

/** A limit as a plan has it. */
export type PlanLimit =
  | { readonly id: string; readonly scope: LimitScope; readonly cap: Cap }
  | { readonly id: string; readonly scope: LimitScope; readonly rate: Rate };

/** A page of limits, by id. */
export interface LimitPage {
  readonly data: readonly Limit[];
  readonly nextCursor?: string;
}

/** A limit that was taken away. */
export interface LimitRemoved {
  readonly id: string;
  readonly removed: true;
  readonly at: Position;
}
