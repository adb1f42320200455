/** Owns the facts of sharing a pool: when a period of it begins, and what an owner changed of it. */
import type { Credits } from "../amount.ts";
import type { Fact } from "../fact.ts";
import type { Instant } from "../instant.ts";
import type { PresetAdvice } from "./advice.ts";
import type { GroupTerms, MemberTerms } from "./terms.ts";

/** A period over which the pool is shared. The event that opens it fixes by which rules and knobs. */
export interface SharingOpened {
  /** The rules that shares follow in it; old ones stay. */
  readonly rules: 1;
  readonly start: Instant;
  readonly end: Instant;
  /** Ticks that it has. */
  readonly ticks: number;
  /** Thousandths: the reserve (γ) and the reach (κ). */
  readonly reserve: number;
  readonly reach: number;
}

/** What a call drew: of the member's own reserve, and of which pots. */
export interface Drawn {
  /** The number of the sharing period. */
  readonly period: number;
  /** Whose reserve it was: a node of the tree of shares, such as `member:ana`, `own:ana` (beside her agents) or `guests`. */
  readonly seat: string;
  readonly reserve: Credits;
  /** By node, from near to far: `member:ana`, `group:growth`, `workspace`. */
  readonly pots: readonly PotPart[];
  /** Of usage that nothing refuses: what came out of reserves of others. Left out where nothing did. */
  readonly others?: Credits;
  /** Of a hold that was opened in an earlier period: what it had then, which stays outside. Left out of all else. */
  readonly outside?: Credits;
}

/** Credits that came out of the pot of one node. */
export interface PotPart {
  readonly node: string;
  readonly credits: Credits;
}

/** The pool is shared anew, by itself: no period of credits began with it. */
export interface FairnessOpened extends Fact<"fairness.opened"> {
  readonly sharing: SharingOpened;
}

/** The replay of a period speaks for another preset than the one in force. It changes nothing: an owner may. */
export interface FairnessRecommended extends Fact<"fairness.recommended"> {
  readonly advice: PresetAdvice;
}

/** An owner gave reserved credits of one member to another. */
export interface ReserveGifted extends Fact<"reserve.gifted"> {
  readonly gift: string;
  readonly from: string;
  readonly to: string;
  readonly credits: Credits;
  /** The nodes that they are reserved at. */
  readonly seats: { readonly from: string; readonly to: string };
}

/** A member's guarantee, or its reach, is another one. */
export interface MemberTermsUpdated extends Fact<"member_terms.updated"> {
  readonly terms: MemberTerms;
}

/** A group's guarantee is another one. */
export interface GroupTermsUpdated extends Fact<"group_terms.updated"> {
  readonly terms: GroupTerms;
}
