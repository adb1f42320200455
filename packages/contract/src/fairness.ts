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
  /** What refuses more in one call; left out where it may have all that the pool has. */
  readonly blockedBy?: "reserved_for_others" | "borrow_limit";
  /** The earliest instant at which more is open to it, if nobody else spends; left out: not before all is shared anew. */
  readonly freesAt?: string;
  /** Since the period began. */
  readonly denied: readonly DeniedByReason[];
  /** Where its home group stands, which it shares with; left out where it hangs directly below the workspace. */
  readonly group?: GroupShare;
}

/** Where a home group stands in the sharing of the pool, in the period that runs. */
export interface GroupShare {
  readonly group: string;
  /** Credits that never leave the group: scaled down where all guarantees exceed what the period has. */
  readonly guarantee: string;
  /** Its fair share of the period. */
  readonly share: string;
  /** Used by its members, open holds included. */
  readonly used: string;
  /** What the group has: reserved for its members, and in its pot. */
  readonly reserved: string;
  /** Of that, in its pot: open to its members alone. */
  readonly pot: string;
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

/** Credits of each period that never fade, from the next one on: a member's, or a group's together; 0 takes the guarantee back. */
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

/** What an owner said of one group's share. */
export interface GroupTerms {
  readonly group: string;
  readonly guarantee: string;
  readonly at: Position;
}

/** How a workspace's pool is shared now. */
export interface FairnessStanding {
  readonly setting: FairnessSetting;
  /** The preset that is in force: the workspace's own, or its plan's. */
  readonly inForce: FairnessPreset;
  /** The knobs in force, in thousandths; left out where the pool is not shared. */
  readonly reserve?: number;
  readonly reach?: number;
  /** The owner who chose the setting, where it was applied by one. */
  readonly chosenBy?: string;
  readonly at: Position;
}

/** A setting as an owner chose it. */
export interface FairnessChosen {
  readonly setting: FairnessSetting;
  readonly chosenBy: string;
  readonly at: Position;
}

/** Which past is replayed: `last` (the default, the last period that is over), `current` (so far), or a month such as `2026-10`. */
export interface ReplayQuery {
  readonly period?: string;
}

/** Calls, and the credits that they asked for. */
export interface CallTally {
  readonly calls: number;
  readonly credits: string;
}

/** What became of one member's demand. */
export interface ReplayedMember {
  readonly member: string;
  readonly asked: CallTally;
  /** Refused by the pool, or by how it is shared. */
  readonly denied: CallTally;
  readonly used: string;
}

/** What one way of sharing did with the demand, or would have done. */
export interface ReplayOutcome {
  readonly asked: CallTally;
  /** Refused by the pool, or by how it is shared. */
  readonly denied: CallTally;
  /** Refused by limits, policies or a status: no preset changes these. */
  readonly limited: CallTally;
  readonly used: string;
  /** Left in the pool at the end of the period. */
  readonly idle: string;
  /** Of members who asked for at most their fair share. */
  readonly light: { readonly asked: string; readonly denied: string; readonly deniedCalls: number };
  /** Those who were denied most come first. */
  readonly members: readonly ReplayedMember[];
  readonly membersLeftOut?: number;
}

/** What a preset would have done. */
export interface ReplayedPreset extends ReplayOutcome {
  readonly preset: FairnessPreset;
}

/** A period, half-open. */
export interface ReplayPeriod {
  readonly from: string;
  readonly to: string;
}

/** A past period under each preset, by the production rules, against what really happened. */
export interface FairnessReplay {
  readonly period: ReplayPeriod;
  readonly inForce: FairnessPreset;
  readonly happened: ReplayOutcome;
  readonly policies: readonly ReplayedPreset[];
  /** Of the demand: what was refused, which is known by the hour alone. */
  readonly refusedAsks: CallTally;
  /** Facts that could not be asked again, by kind. */
  readonly leftOut: readonly { readonly kind: string; readonly count: number }[];
  /** The replay ends here: the period has more facts than are replayed at once. */
  readonly cutAt?: string;
  /** What it cannot know, in words. */
  readonly limits: readonly string[];
}

/** What the last period speaks for. It changes nothing by itself. */
export interface FairnessRecommendation {
  readonly period: ReplayPeriod;
  readonly inForce: FairnessPreset;
  readonly preset: FairnessPreset;
  /** `preset` is another than the one in force. */
  readonly change: boolean;
  /** Why, with the figures. */
  readonly because: string;
}

/** `data` of the event `fairness.recommended`: what a period that is over speaks for, where that is not in force. */
export interface FairnessOffer {
  readonly period: ReplayPeriod;
  readonly inForce: FairnessPreset;
  readonly preset: FairnessPreset;
  /** Why, with the figures. */
  readonly because: string;
  /** What each preset would have done. */
  readonly presets: readonly OfferedPreset[];
  /** The replay ended here: the period has more facts than are replayed at once. */
  readonly cutAt?: string;
}

/** What a preset would have done with the demand of a period. */
export interface OfferedPreset {
  readonly preset: FairnessPreset;
  readonly asked: CallTally;
  readonly denied: CallTally;
  /** Of members who asked for at most their fair share. */
  readonly fair: { readonly asked: CallTally; readonly denied: CallTally };
  readonly used: string;
  /** Left in the pool at the end of the period. */
  readonly idle: string;
}

/** A setting that an owner chooses; the workspace's owners alone may, where it names some. */
export interface ApplyFairnessRequest extends FairnessSetting {
  /** The owner, a member's id. */
  readonly by: string;
}
