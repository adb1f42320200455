import type { Position } from "./position.ts";

/** A way to share a pool. `off` is first come, first served. */
export type FairnessPreset = "off" | "strict" | "balanced" | "lend_early";

/** How a workspace's members share its pool. `plan`: as its plan says (`balanced` where it says nothing), and first come, first served without one. */
export interface FairnessSetting {
  readonly preset: FairnessPreset | "plan";
  /** Thousandths of the fair share that are reserved at the start, 0 to 1000; left out: those of the preset. */
  readonly reserve?: number;
  /** How far above the fair share a member may go, in thousandths, 0 to 100000; left out: that of the preset. */
  readonly reach?: number;
}

/** Credits that came out of the pot of one node: `workspace`, `group:growth`, or `member:ana` (that she shares with her agents). */
export interface PotShare {
  readonly node: string;
  readonly credits: string;
}

/** What a call drew of a pool that is shared: of the member's own reserve, and of the team's pots from near to far. */
export interface DrawnShares {
  readonly reserve: string;
  readonly pot: string;
  readonly pots: readonly PotShare[];
  /** Of usage that nothing refuses: what came out of reserves of others. */
  readonly others?: string;
}

/** Calls that were refused, and what they asked for in all: by reason. Best effort, by the hour: a crash may lose the last seconds. */
export interface DeniedByReason {
  readonly code: string;
  readonly calls: number;
  readonly credits: string;
}

/** Where a member stands in the sharing of the pool. Credits of restricted grants stand outside. */
export interface MemberShare {
  /** When shares began, and when all is shared anew. */
  readonly period: { readonly start: string; readonly end: string };
  /** Others draw on the same share: agents and keys of one sponsor, or guests. */
  readonly shared?: boolean;
  /** Thousandths of a seat. */
  readonly weight: number;
  /** Credits that never fade. */
  readonly guarantee: string;
  /** Thousandths of the workspace's reach that it may go above its share. */
  readonly reach: number;
  /** Its fair share of the period. */
  readonly share: string;
  /** Used in the period, open holds included. */
  readonly used: string;
  /** Reserved for it now. */
  readonly reserved: string;
  /** Was reserved for it, and has faded to the team. */
  readonly faded: string;
  /** Of what was used, drawn from the pot. */
  readonly fromPot: string;
  /** Left in the pots that it may draw on. */
  readonly potLeft: string;
  /** Open to it now, in one call. */
  readonly open: string;
  /** What keeps it from more; left out where it may have all that the pool has. */
  readonly blockedBy?: "reserved_for_others" | "borrow_limit";
  /** The earliest instant at which more is open to it, if nobody else spends; left out: not before all is shared anew. */
  readonly freesAt?: string;
  /** Since the period began. */
  readonly denied: readonly DeniedByReason[];
}

/** The figures behind a refusal for fairness. */
export interface ShareFigures {
  readonly poolLeft: string;
  /** Of that, reserved for so many others. */
  readonly reservedForOthers: string;
  readonly others: number;
  /** Own reserve and the pots that may be drawn on. */
  readonly openToYou: string;
  /** Fair share of the period, and what was used, open holds included. */
  readonly share: string;
  readonly used: string;
  /** Credits above the share that may be had in all now. */
  readonly limit: string;
  readonly potLeft: string;
  /** When all is shared anew, at the latest. */
  readonly renewsAt: string;
}

/** What may be done after a refusal for fairness. */
export type NextStep =
  | { readonly kind: "ask_for_less"; readonly credits: string }
  | { readonly kind: "wait"; readonly until: string }
  | { readonly kind: "ask_owner_for_gift" }
  | { readonly kind: "top_up" };

/** Reserved credits to give from one member to another. */
export interface GiftRequest {
  readonly from: string;
  readonly to: string;
  readonly credits: string;
}

/** Reserved credits that were given. */
export interface Gift extends GiftRequest {
  readonly id: string;
  readonly at: Position;
}

/** Credits of each period that never fade, from the next one on; 0 takes the guarantee back. */
export interface GuaranteeRequest {
  readonly credits: string;
}

/** How far a member may go above its share, in thousandths of the workspace's reach: 1000 leaves it alone, 0 keeps it to its share. */
export interface ReachRequest {
  readonly reach: number;
}

/** What an owner said of one member's share. */
export interface MemberTerms {
  readonly member: string;
  readonly guarantee: string;
  readonly reach: number;
  readonly at: Position;
}
