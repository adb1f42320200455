import { type Decision, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Lot } from "../pool/lot.ts";

/** When a movement of money happened, as it was said; or the refusal of a date that cannot be. */
export type Dated =
  | { readonly kind: "dated"; readonly occurredAt: Instant }
  | { readonly kind: "refused"; readonly decision: Decision };

/**
 * The one place that judges the date of money that was paid back or taken in the past: not before its grant, not in the
 * future. A closed month refuses here as well, with `period_closed`, once months can be closed (RULES 16).
 */
export function backDated(said: Instant | null, lot: Lot, at: Instant): Dated {
  const occurredAt = said ?? at;
  if (occurredAt > at) return refused("It has not happened yet.");
  if (occurredAt < lot.grantedAt) return refused("The grant did not exist yet.");
  return { kind: "dated", occurredAt };
}

const refused = (reason: string): Dated => ({
  kind: "refused",
  decision: reject({ code: "invalid_request", field: "occurredAt", reason }),
});
