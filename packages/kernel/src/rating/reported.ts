/** Owns what a caller says of a call: what it will use, or has used. */
import type { Credits } from "../amount.ts";
import type { Interval } from "../instant.ts";
import type { Outcome } from "./outcome.ts";
import type { Usage } from "./tariff.ts";

/** What a call costs: credits as said, or units to be rated. */
export type Amount =
  | { readonly kind: "credits"; readonly credits: Credits }
  | { readonly kind: "usage"; readonly usage: Usage };
/** Units that were there all the time from one instant to another, such as GiB stored: of a meter that measures levels. */
export interface Level {
  readonly kind: "level";
  readonly usage: Usage;
  readonly over: Interval;
}

/** What a call has used, and how it ended. */
export interface SettledUsage {
  /** `unmeasured`: nobody knows what was used. */
  readonly amount: Amount | { readonly kind: "unmeasured" };
  /** Of a final settle alone, as is `unmeasured`. */
  readonly outcome: Outcome | null;
}
