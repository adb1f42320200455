/** Owns the facts of commitments. */
import type { CommittedTerm } from "./committed-term.ts";
import type { Fact } from "../fact.ts";
import type { Instant } from "../instant.ts";
import type { Booking } from "../invoices/booking.ts";
import type { Line } from "../invoices/line.ts";
import type { Subscription } from "../subscriptions/subscription.ts";

/** A period of a commitment is over: what usage lacks of it is charged, as revenue of that period (FINANCE, E15). */
export interface CommitmentTruedUp extends Fact<"commitment.trued_up"> {
  /** As this leaves it. */
  readonly subscription: Subscription;
  /** The term with this period. */
  readonly committed: CommittedTerm;
  /** The shortfall, which waits for the period's invoice; none where there is none. */
  readonly lines: readonly Line[];
  readonly booked: readonly Booking[];
  /** The last instant of the period (RULES 16). */
  readonly postedAt: Instant;
}
