/** Owns the facts of requests for more. */
import type { Fact } from "../fact.ts";
import type { ReserveGifted } from "../fairness/events.ts";
import type { Limit } from "../limits/limit.ts";
import type { Raise } from "../limits/raise.ts";
import type { CreditRequest } from "./request.ts";

/** Somebody asks for more. */
export interface CreditRequestCreated extends Fact<"credit_request.created"> {
  readonly request: CreditRequest;
}

/** It is given: by a raise, or by the limit's new value. */
export interface CreditRequestApproved extends Fact<"credit_request.approved"> {
  readonly request: CreditRequest;
  /** Left out where the limit itself changed. */
  readonly raise?: Raise;
  /** The limit as it stands now; what it counted stays. Left out where it did not change. */
  readonly limit?: Limit;
  /** Reserved credits that changed hands; left out where none did. */
  readonly gift?: Pick<ReserveGifted, "credits" | "seats">;
}

/** It is not given. */
export interface CreditRequestDeclined extends Fact<"credit_request.declined"> {
  readonly request: CreditRequest;
}

/** Nobody answered in time: at most 512 in one event (RULES 11). */
export interface CreditRequestsExpired extends Fact<"credit_request.expired"> {
  readonly requests: readonly CreditRequest[];
}
