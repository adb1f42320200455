import type { Credits } from "../amount.ts";
import type { FairnessSetting } from "../fairness/setting.ts";
import type { Instant } from "../instant.ts";

/** What happens past the pool: as the plan says, nothing is lent, or debt up to a limit (RULES 6). */
export type Overage =
  | { readonly kind: "plan" }
  | { readonly kind: "deny" }
  | { readonly kind: "debt"; readonly limit: Credits };

/** What a settle above its hold does: draws on and then owes, or books the excess as the vendor's loss (RULES 1). */
export type Overrun = "draw_more_then_debt" | "cap_at_hold";

/** The billing boundary; owns one pool. Names are kept elsewhere (RULES 26). */
export interface Workspace {
  readonly id: string;
  /** IANA name; calendar caps follow it. */
  readonly timeZone: string;
  /** ISO 4217 code; every lot's cost is in it. */
  readonly currency: string;
  readonly status: "active" | "suspended";
  readonly overage: Overage;
  readonly overrun: Overrun;
  /** Whether ids never seen before may spend as guests. */
  readonly members: "open" | "known";
  /** How many guests at most (RULES 5). */
  readonly guestsMax: number;
  /** Members who may answer every request for more; left out: the vendor says who does. */
  readonly owners?: readonly string[];
  /** At so many credits left it is told that the pool is low; left out or none: never. */
  readonly lowBalance?: Credits;
  /** How its pool is shared; left out: as its plan says, and first come, first served without a plan. */
  readonly fairness?: FairnessSetting;
  readonly createdAt: Instant;
}
