import type { Money } from "./money.ts";
import type { Position } from "./position.ts";

/** Where credits came from. */
export type GrantSource = "purchase" | "plan" | "promotion" | "adjustment" | "rollover";

/** What a grant is restricted to: all that are given must match. */
export interface AppliesTo {
  readonly meters?: readonly string[];
  readonly groups?: readonly string[];
  readonly members?: readonly string[];
}

/** How a grant is paid for: by an invoice, with money that was received, or (compensation) by the vendor itself. */
export type GrantPayment = "invoiced" | "received" | "compensation";

/** Credits that come with a purchase, as a grant of their own; they share its cost. */
export interface GrantBonus {
  readonly credits: string;
  /** What they would cost alone, beside the grant's cost; left out, the cost is shared by credits. */
  readonly ssp?: Money;
}

/** Credits to add to the pool. */
export interface GrantRequest {
  readonly credits: string;
  readonly source: GrantSource;
  /** What the whole grant cost, in the workspace's currency; default nothing. */
  readonly cost?: Money;
  /** Lower burns first; default 50. */
  readonly priority?: number;
  /** Default now. */
  readonly effectiveAt?: string;
  /** Default never. */
  readonly expiresAt?: string;
  readonly appliesTo?: AppliesTo;
  readonly reference?: string;
  readonly bonus?: GrantBonus;
  /** Default `invoiced`. */
  readonly payment?: GrantPayment;
  /** Paid beside the cost; default nothing. */
  readonly tax?: Money;
  /** What the payment provider kept of money received; default nothing. */
  readonly fee?: Money;
  /** Basis points expected never to be used, recognised as the rest is used; default: nothing before the grant ends. */
  readonly breakageBps?: number;
  /** What expires is owed to the state (unclaimed property) and never revenue; default false. */
  readonly escheats?: boolean;
}

/** A grant with where its credits are: `credits = available + held + consumed + expired + revoked + moved`. */
export interface Grant {
  readonly id: string;
  readonly credits: string;
  readonly available: string;
  readonly held: string;
  readonly consumed: string;
  readonly expired: string;
  readonly revoked: string;
  readonly moved: string;
  readonly source: GrantSource;
  readonly cost: Money;
  readonly priority: number;
  readonly effectiveAt: string;
  readonly expiresAt?: string;
  readonly appliesTo?: AppliesTo;
  readonly reference?: string;
  /** The grant that came with it as a bonus. */
  readonly bonus?: string;
  readonly tax?: Money;
  readonly breakageBps?: number;
  readonly escheats?: boolean;
  /** Repayments, goodwill and chargebacks so far, without tax. */
  readonly givenBack?: Money;
  readonly at: Position;
}

/** A page of grants, newest last. */
export interface GrantPage {
  readonly data: readonly Grant[];
  readonly nextCursor?: string;
}

/** How much to take back; left out, all that is left. */
export interface RevokeRequest {
  readonly credits?: string;
}
