import type { Position } from "./position.ts";

/** Where a limit stands. `eachMember` is the default for every member, known or not. */
export type LimitScope =
  | { readonly kind: "workspace" }
  | { readonly kind: "group"; readonly id: string }
  | { readonly kind: "member"; readonly id: string }
  | { readonly kind: "eachMember" };

/** What a cap counts in: a calendar window of the workspace's zone, a rolling one, or one that the first use opens. */
export type LimitWindow =
  | CalendarWindow
  | { readonly rolling: string }
  | { readonly onFirstUse: string };

/**
 * At most so many credits per window; `null` is "no limit", which replaces the default of `eachMember`. `percent` is of the pool of the
 * window: what unrestricted grants had available or held when the window was first counted in, with what came since.
 */
export type Cap =
  | { readonly credits: string | null; readonly window: LimitWindow }
  | { readonly percent: string; readonly window: CalendarWindow };

/** A window of the workspace's zone. */
export type CalendarWindow = "hour" | "day" | "week" | "month";

/** At most so many credits past the pool (owed or billed) per window; `null` lifts the default of `eachMember`. */
export interface OverageCeiling {
  readonly credits: string | null;
  readonly window: CalendarWindow;
}

/** At most so many credits, or requests, per duration; `burst` (default the same number) may come at once. */
export type Rate =
  | { readonly credits: string; readonly per: string; readonly burst?: string }
  | { readonly requests: number; readonly per: string; readonly burst?: number };

/** A limit as it shall be: a cap, a ceiling on overage, or a rate. */
export type LimitRequest =
  | { readonly scope: LimitScope; readonly cap: Cap }
  | { readonly scope: LimitScope; readonly overage: OverageCeiling }
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
      readonly overage: OverageCeiling;
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

/** A limit as a plan has it, and as it is set among many. */
export type PlanLimit =
  | { readonly id: string; readonly scope: LimitScope; readonly cap: Cap }
  | { readonly id: string; readonly scope: LimitScope; readonly overage: OverageCeiling }
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

/** Many limits as they shall be, all or none. */
export interface LimitsRequest {
  /** As in `PUT …/limits/{limit}`, with their ids. */
  readonly limits?: readonly (LimitRequest & { readonly id: string })[];
  /** Limits to remove. */
  readonly remove?: readonly string[];
}

/** What became of many limits. */
export interface LimitsChanged {
  readonly limits: readonly PlanLimit[];
  readonly removed: readonly string[];
  readonly at: Position;
}

/** An amount that each member of a group, or of the workspace, shall have an equal part of. */
export interface SplitRequest {
  /** The limits are called `name:member`. A split of this name before it is replaced. */
  readonly name: string;
  readonly among: { readonly kind: "workspace" } | { readonly kind: "group"; readonly id: string };
  readonly credits: string;
  readonly window: LimitWindow;
}

/** Who would get what. */
export interface SplitPreview {
  readonly limits: readonly PlanLimit[];
  readonly removed: readonly string[];
}
