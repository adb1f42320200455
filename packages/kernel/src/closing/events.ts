/** Owns the facts of the books. */
import type { Fact } from "../fact.ts";
import type { Instant } from "../instant.ts";

/** A month of the books is closed: nothing is posted before `end` any more. */
export interface PeriodClosed extends Fact<"period.closed"> {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly start: Instant;
  readonly end: Instant;
}
