import type { DrawnShares } from "./fairness.ts";
import type { Money } from "./money.ts";
import type { Position } from "./position.ts";
import type { Problem } from "./problem.ts";
import type { Attributes, Outcome, RateRow, Usage } from "./usage.ts";

/** Credits that one lot gives, or gets. */
export interface LotShare {
  readonly grant: string;
  readonly credits: string;
}

/** Units of a bucket that an allowance of the plan gives, or gets back: they cost no credits. Of a level: times hours. */
export interface UnitShare {
  readonly bucket: string;
  readonly units: string;
}

/** The pool after an answer's event. Credits of restricted grants that this call cannot use are not in it. */
export interface PoolBalance {
  readonly available: string;
  readonly held: string;
}

/**
 * Credits to set aside for one call: either `credits`, or a `meter` with an `estimate` that the rate card turns into
 * credits. A meter may stand beside `credits` for restricted grants and reports; a hold that is made in credits fixes no price, so settle it
 * in credits: usage of it is not rated, whatever its meter costs (`unrated`).
 */
export interface HoldRequest {
  readonly member: string;
  readonly credits?: string;
  readonly meter?: string;
  readonly model?: string;
  readonly estimate?: Usage;
  /** Default `PT5M`; at most 24 hours with all extends. */
  readonly ttl?: string;
  /** The run that it counts in. */
  readonly run?: string;
  /** It calls a tool, which `maxToolCalls` of its run counts. */
  readonly toolCall?: boolean;
  /**
   * What the call does, the same for the same action: `maxSameAction` of its run counts how often it was approved. Any text of 1 to 128
   * characters, or a hash of one; a hash of it is all that is kept.
   */
  readonly action?: string;
  readonly project?: string;
  readonly attributes?: Attributes;
}

/** Where a hold is in its life. An expired one may still be settled, late, once within 30 days. */
export type HoldStatus = "open" | "settled" | "released" | "expired";

/** A hold with the lots that it is pinned on, in burn order. */
export interface Hold {
  readonly id: string;
  readonly status: HoldStatus;
  readonly member: string;
  /** All that was set aside, extends and overage included. */
  readonly credits: string;
  /** The part that no lot covers: a permission to go into debt, or to be billed. */
  readonly overage?: string;
  readonly openedAt?: string;
  readonly expiresAt: string;
  readonly lots: readonly LotShare[];
  /** Set aside of allowances; of a hold that has ended: used. */
  readonly allowance?: readonly UnitShare[];
  /** What it drew of shares of the pool; of an extension: what that drew. Left out where the pool is not shared. */
  readonly drawn?: DrawnShares;
  readonly groups?: readonly string[];
  readonly run?: string;
  readonly project?: string;
  readonly meter?: string;
  readonly model?: string;
  readonly rate?: RateRow;
  /**
   * The buckets that the price of this call knows: usage of it is told in these, since usage of others is not rated. Left out where the hold is in
   * credits, and of an extension.
   */
  readonly buckets?: readonly string[];
  readonly attributes?: Attributes;
  /** Charged so far, by partial and final settles. */
  readonly charged?: string;
  readonly refunded?: string;
  readonly balance: PoolBalance;
  readonly at: Position;
}

/** What a call really used: either `credits` or `usage` (of a hold that was made by an estimate), or its `outcome` alone. `final: false` is an increment and needs a key or a `part`. */
export interface SettleRequest {
  readonly credits?: string;
  readonly usage?: Usage;
  /**
   * The model that answered, where the call was re-routed: it is charged by the row for that model of the same version of the rate card, a
   * fallback row included. Where there is none, what the hold has left is charged, and the answer says `unrated`.
   */
  readonly model?: string;
  /** Decides what is charged, but for `credits`, by the meter's rules. Not with `final: false`. */
  readonly outcome?: Outcome;
  /** The caller reckoned the usage: the provider did not tell it, as of a stream that was cut off. It changes no charge. */
  readonly estimated?: boolean;
  /** The provider's own id of the answer, such as `chatcmpl-9q2`: what was observed elsewhere is matched by it. */
  readonly response?: string;
  /** Default `true`. */
  readonly final?: boolean;
  /** 1, 2, …: tells increments apart where no Idempotency-Key is sent. */
  readonly part?: number;
}

/** What a settle charged and gave back. */
export interface Settlement {
  readonly id: string;
  /** `open` after a partial settle. */
  readonly status: "open" | "settled";
  /** Charged by this settle: lots, debt and what is billed. */
  readonly charged: string;
  /** All that the hold was charged, where it had parts. */
  readonly chargedInTotal?: string;
  readonly returned: string;
  readonly lots: readonly LotShare[];
  /** Used of allowances. */
  readonly allowance?: readonly UnitShare[];
  /** What it drew of shares of the pool beyond what was held. */
  readonly drawn?: DrawnShares;
  /** The part of `charged` that became debt. */
  readonly debt?: string;
  /** The part of `charged` that no lot paid and the invoice will. */
  readonly billed?: string;
  /** What it changes of the shortfall of its period's commitment: below zero where it is charged in its place. */
  readonly shortfall?: Money;
  /** Used above the hold and borne by the vendor (`cap_at_hold`, or a hold of a trial). */
  readonly loss?: string;
  /** The hold had expired. */
  readonly late?: boolean;
  /**
   * The usage was not rated, so what the hold had left was charged: the hold was made in credits, or the usage, or the model that answered,
   * has no price.
   */
  readonly unrated?: boolean;
  /** The model that answered, where it is not the one that was held for. */
  readonly model?: string;
  readonly outcome?: Outcome;
  /** The usage was reckoned by the caller. */
  readonly estimated?: boolean;
  /** The provider's own id of the answer. */
  readonly response?: string;
  readonly rate?: RateRow;
  readonly balance: PoolBalance;
  readonly at: Position;
}

/** More credits (as said, or as a new `estimate` of the whole call costs), more time (counted from now), or both; needs a key or a `part`. */
export interface ExtendRequest {
  readonly credits?: string;
  /**
   * What the whole call is expected to use by now, what was settled in parts included: the hold is raised to what that costs by the price that it
   * fixed. It says the whole, not an increment, so that saying it twice asks for no more; not of a hold that was made in credits.
   */
  readonly estimate?: Usage;
  readonly ttl?: string;
  readonly part?: number;
}

/** A release asks for nothing. */
export type ReleaseRequest = object;

/** A hold that was given up: what was not settled is back where it came from. */
export interface Release {
  readonly id: string;
  readonly status: "released";
  readonly returned: string;
  readonly balance: PoolBalance;
  readonly at: Position;
}

/** What a hold would cost, and whether it would be allowed now. Nothing is set aside. */
export type Quote =
  | {
      readonly credits: string;
      /** It would take of allowances. */
      readonly allowance?: readonly UnitShare[];
      /** It would draw of shares of the pool. */
      readonly drawn?: DrawnShares;
      readonly allowed: true;
    }
  | { readonly credits: string; readonly allowed: false; readonly problem: Problem };
