/**
 * Owns prices that were negotiated with one customer, over a version of a plan.
 *
 * Z1 they are a version of their own, pinned like any other; the stand-alone prices stay those of the list, since what access and credits
 * cost alone is not what one customer pays. Z2 they stay with the plan when it is pinned anew, and end with their time: the first period
 * that begins then goes by the list.
 */
import type { Instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
import type { Fee, Negotiation, Plan } from "./plan.ts";

/** The plan with these prices, whatever was negotiated before; null: as listed. */
export function withNegotiated(plan: Plan, terms: Negotiation | null): Plan {
  const list = listed(plan);
  if (terms === null) return list;
  const { id, base, seat, until } = terms;
  const at = (fee: Fee, amount: Fee["amount"] | null): Fee =>
    amount === null ? fee : { ...fee, amount };
  return {
    ...list,
    version: `${list.version}+${id}`,
    base: list.base === null ? null : at(list.base, base),
    seats: list.seats === null ? null : { ...list.seats, fee: at(list.seats.fee, seat) },
    negotiated: { id, base, seat, until, list },
  };
}

/** The plan as the catalog has it. */
export const listed = (plan: Plan): Plan => plan.negotiated?.list ?? plan;

/** The plan of a period that begins at an instant (Z2). */
export function planAt(plan: Plan, at: Instant): Plan {
  const until = plan.negotiated?.until ?? null;
  return until === null || at < until ? plan : listed(plan);
}

/** Why this cannot be negotiated over a plan. */
export function wrongNegotiation(
  { name, base, seats }: Plan,
  terms: Negotiation,
  at: Instant,
): Rejection | undefined {
  const invalid = (field: string, reason: string): Rejection => ({
    code: "invalid_request",
    field: `negotiated/${field}`,
    reason,
  });
  if (terms.base !== null && base === null)
    return invalid("base", `The plan ${name} has no base fee.`);
  if (terms.seat !== null && seats === null)
    return invalid("seat", `The plan ${name} has no seats.`);
  if (terms.until !== null && terms.until <= at)
    return invalid("until", "Negotiated prices end in the future.");
  return undefined;
}
