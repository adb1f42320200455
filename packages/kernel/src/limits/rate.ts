/**
 * Owns rates, as the generic cell rate algorithm on exact integers: the arrival time is kept in milliseconds x quantity, so
 * that no interval is ever rounded.
 *
 * G1 at most `burst` units at once, and `quantity` per `perMs` in the long run. G2 rates are charged last, on approval
 * only, and never given back (RULES 2, 4).
 */
import { type Instant, instant, instantMax } from "../instant.ts";
import type { RateLimitRule, RateState } from "./limit.ts";

/** What a request for `units` meets. */
export type RateView =
  | { readonly kind: "fits"; readonly arrival: bigint; readonly remaining: bigint }
  | { readonly kind: "refused"; readonly remaining: bigint; readonly retryAt: Instant | null };

/** Whether `units` fit at `at`, and what the state would be. */
export function viewRate(
  rule: RateLimitRule,
  state: RateState | undefined,
  at: Instant,
  units: bigint,
): RateView {
  const now = BigInt(at) * rule.quantity;
  const perMs = BigInt(rule.perMs);
  const room = rule.burst * perMs;
  const start = state !== undefined && state.arrival > now ? state.arrival : now;
  const arrival = start + units * perMs;
  if (arrival - now <= room)
    return { kind: "fits", arrival, remaining: (room - (arrival - now)) / perMs };
  const remaining = (room - (start - now)) / perMs;
  const freesAt = (arrival - room + rule.quantity - 1n) / rule.quantity;
  const isEver = units <= rule.burst && freesAt <= BigInt(instantMax);
  return {
    kind: "refused",
    remaining: remaining > 0n ? remaining : 0n,
    retryAt: isEver ? instant(Number(freesAt)) : null,
  };
}
