/** Owns the facts of rate cards. */
import type { Fact } from "../fact.ts";

/** A notice: what comes after it is priced by another version of the rate card. */
export interface RateCardChanged extends Fact<"rate_card.changed"> {
  readonly card: string;
  readonly previous: string;
}
