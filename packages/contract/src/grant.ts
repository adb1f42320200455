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
