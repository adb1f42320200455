import type { FairnessSetting } from "./fairness.ts";
import type { Position } from "./position.ts";

/** What happens past the pool: what the plan says (without one nothing is lent), refuse, or go into debt up to a limit. */
export type Overage =
  | { readonly kind: "plan" }
  | { readonly kind: "deny" }
  | { readonly kind: "debt"; readonly limit: string };

/** Whether ids that were never registered may spend (as guests), or only known members. */
export type MemberPolicy = "open" | "known";

/** What a settle above its hold does: draw more and then owe, or leave the rest to the vendor. */
export type OverrunPolicy = "draw_more_then_debt" | "cap_at_hold";

/** A workspace to create. */
export interface WorkspaceRequest {
  readonly id: string;
  readonly name?: string;
  /** IANA zone of its calendar windows; default `UTC`. */
  readonly timeZone?: string;
  /** Default `USD`; never changes. */
  readonly currency?: string;
  /** Default `plan`. */
  readonly overage?: Overage;
  /** Default `open`. */
  readonly members?: MemberPolicy;
  /** How many unregistered ids may spend; default 1000. */
  readonly guestsMax?: number;
  /** At so many credits left `balance.low` is told; default 0: never. */
  readonly lowBalance?: string;
  /** Default `draw_more_then_debt`. */
  readonly overrun?: OverrunPolicy;
  /** Default `plan`. */
  readonly fairness?: FairnessSetting;
  /** Members who may answer every request for more; left out or empty: whom you name. */
  readonly owners?: readonly string[];
}

/** What of a workspace changes; what is left out stays. */
export interface WorkspacePatch {
  readonly name?: string;
  readonly timeZone?: string;
  readonly overage?: Overage;
  readonly members?: MemberPolicy;
  readonly guestsMax?: number;
  readonly lowBalance?: string;
  readonly overrun?: OverrunPolicy;
  readonly fairness?: FairnessSetting;
  readonly owners?: readonly string[];
  readonly status?: "active" | "suspended";
}

/** A workspace: it owns one pool. */
export interface Workspace {
  readonly id: string;
  readonly name?: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly status: "active" | "suspended";
  readonly overage: Overage;
  readonly members: MemberPolicy;
  readonly guestsMax: number;
  /** Left out: `balance.low` is never told. */
  readonly lowBalance?: string;
  readonly overrun: OverrunPolicy;
  readonly fairness: FairnessSetting;
  /** Left out: none are named. */
  readonly owners?: readonly string[];
  readonly createdAt: string;
  readonly at: Position;
}
