import type { Credits } from "../amount.ts";
import type { Instant } from "../instant.ts";

/** What was made of a request. Credits of `limit` are the cap's new value; of all else, what came on top. */
export type Approval =
  | { readonly as: "once" | "period"; readonly credits: Credits; readonly until: Instant }
  | { readonly as: "limit"; readonly credits: Credits }
  /** Reserved credits of another member (FAIRNESS 1.8). */
  | { readonly as: "gift"; readonly credits: Credits; readonly from: string };

/** How a request ended, and by whom. */
export type RequestEnd =
  | {
      readonly kind: "approved";
      readonly by: string;
      readonly at: Instant;
      readonly approval: Approval;
    }
  | { readonly kind: "declined"; readonly by: string; readonly at: Instant }
  | { readonly kind: "expired"; readonly at: Instant };

/** Somebody asks for more than a limit gives, or for reserved credits of others. Reasons are kept elsewhere (RULES 26). */
export interface CreditRequest {
  readonly id: string;
  readonly member: string;
  /** null: no limit stops it, and only a gift helps. */
  readonly limit: string | null;
  /** The counter that is to have more: of a limit that counts anew, or no longer applies, it is another. */
  readonly counter: string | null;
  readonly credits: Credits;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** null: it waits. */
  readonly end: RequestEnd | null;
}
