/** Owns `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): what of each rate is left after a call. */
import { printCredits, printDuration } from "@cistern/contract";
import {
  type Instant,
  type RateCharge,
  type RateLimitRule,
  microCreditsPerCredit,
} from "@cistern/kernel";
import type { RateLimitHeaders } from "../problems/problem.ts";

/** One rate after a call; `resetsAt` is when all of it is free again, or when a refused call may come back. */
export interface RateStanding {
  readonly limit: string;
  readonly rule: RateLimitRule;
  readonly remaining: bigint;
  readonly resetsAt: number;
}

/** The two header fields. Quantities are whole requests or whole credits, rounded down. */
export function rateLimitOf(rates: readonly RateStanding[], at: Instant): RateLimitHeaders {
  const policy = rates.map(
    ({ limit, rule }) =>
      `"${limit}";q=${units(rule, rule.quantity)};w=${Math.ceil(rule.perMs / 1000)}${rule.unit === "credits" ? ';qu="credits"' : ""}`,
  );
  const limit = rates.map(
    ({ limit: name, rule, remaining, resetsAt }) =>
      `"${name}";r=${units(rule, remaining)};t=${Math.max(0, Math.ceil((resetsAt - at) / 1000))}`,
  );
  return { policy: policy.join(", "), limit: limit.join(", ") };
}

/** The headers of an approved call; undefined where no rate is on its path. */
export function rateLimitAfter(
  charges: readonly RateCharge[],
  at: Instant,
): RateLimitHeaders | undefined {
  if (charges.length === 0) return undefined;
  return rateLimitOf(
    charges.map(({ limit, rule, remaining, arrival }) => ({
      limit,
      rule,
      remaining,
      // G1: the arrival time is kept in milliseconds x quantity.
      resetsAt: Number((arrival + rule.quantity - 1n) / rule.quantity),
    })),
    at,
  );
}

/** "60 requests per PT1M". */
export function ruleText(rule: RateLimitRule): string {
  const amount =
    rule.unit === "requests"
      ? `${rule.quantity} requests`
      : `${printCredits(rule.quantity)} credits`;
  return `${amount} per ${printDuration(rule.perMs)}`;
}

function units(rule: RateLimitRule, amount: bigint): bigint {
  return rule.unit === "requests" ? amount : amount / microCreditsPerCredit;
}
