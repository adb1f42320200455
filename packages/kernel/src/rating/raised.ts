/**
 * Owns what a hold is to have when its whole call is estimated anew: by the price that it fixed, so that however an estimate grows, its parts
 * come to what it would have cost at once (P2).
 */
import { type Credits, beyond } from "../amount.ts";
import type { Hold } from "../holds/hold.ts";
import type { Rejection } from "../rejections.ts";
import { type Usage, bucketsOf, rate } from "./tariff.ts";

/** Credits that a hold lacks for an estimate of all of its call, parts that were settled included. */
export type Raised =
  | { readonly kind: "raised"; readonly credits: Credits }
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** What an extension asks for; units that the hold has of allowances cost nothing. */
export function raisedFor(hold: Hold, estimate: Usage): Raised {
  const { price, authorized, charged, units = [] } = hold;
  if (price === null)
    return refused(
      "The hold was made in credits, so no price is fixed for it: extend it by credits.",
    );
  const free = new Map<string, bigint>();
  for (const { bucket, held, used } of units)
    free.set(bucket, (free.get(bucket) ?? 0n) + held + used);
  const cost = rate(price, estimate, undefined, Object.fromEntries(free));
  if (cost === undefined) {
    const buckets = bucketsOf(price);
    return refused(
      `The price of the hold has buckets ${buckets.join(", ")}, and the estimate has others or too much.`,
      buckets,
    );
  }
  const had = authorized > charged ? authorized : charged;
  return { kind: "raised", credits: beyond(cost, had) };
}

const refused = (reason: string, buckets?: readonly string[]): Raised => ({
  kind: "refused",
  rejection: {
    code: "invalid_request",
    field: "estimate",
    reason,
    ...(buckets === undefined ? {} : { buckets }),
  },
});
