import { datedBack } from "../closing/slice.ts";
import { type Decision, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Lot } from "../pool/lot.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** When a movement of money happened, as it was said, and where it is posted if not now; or the refusal of its date. */
export type Dated =
  | {
      readonly kind: "dated";
      readonly occurredAt: Instant;
      /** To be spread into the event. */
      readonly posted: { readonly postedAt?: Instant };
    }
  | { readonly kind: "refused"; readonly decision: Decision };

/**
 * The one place that judges the date of money that was paid back or taken in the past: not before its grant, not in the
 * future, and not in a month whose books are closed (RULES 16).
 */
export function backDated(state: State, said: Instant | null, lot: Lot, at: Instant): Dated {
  const occurredAt = said ?? at;
  if (occurredAt < lot.grantedAt) return refused("The grant did not exist yet.");
  const { createdAt } = workspaceOf(state) ?? { createdAt: at };
  return datedSince(state, said, createdAt, at);
}

/** The same of money that is for no grant: what is said to have happened before the books began is posted where they begin. */
export function datedSince(
  state: State,
  said: Instant | null,
  createdAt: Instant,
  at: Instant,
): Dated {
  const occurredAt = said ?? at;
  if (occurredAt > at) return refused("It has not happened yet.");
  const dated = datedBack(state.closing, { effectiveAt: occurredAt, createdAt, at });
  if (dated.kind === "closed") return { kind: "refused", decision: reject(dated.rejection) };
  const { postedAt } = dated;
  return { kind: "dated", occurredAt, posted: postedAt === undefined ? {} : { postedAt } };
}

const refused = (reason: string): Dated => ({
  kind: "refused",
  decision: reject({ code: "invalid_request", field: "occurredAt", reason }),
});
