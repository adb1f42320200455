/** Owns how much of a usage comes out of lots that are shared, and how much out of restricted ones, which stand apart (RULES 33). */
import { type Credits, credits, least } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { type PoolSlice, drawable } from "./slice.ts";
import type { UsageScope } from "./usage-scope.ts";

/** The two parts of an amount, as burn order has them; and all that restricted lots have for the usage. */
export function partsOf(
  pool: PoolSlice,
  usage: UsageScope,
  amount: Credits,
  by?: Instant,
): { readonly shared: Credits; readonly apart: Credits } {
  if (pool.totals.restrictedAvailable === 0n) return { shared: amount, apart: credits(0n) };
  let shared = 0n;
  let apart = 0n;
  let left: Credits = amount;
  for (const lot of drawable(pool, usage)) {
    if (by !== undefined && lot.effectiveAt > by) continue;
    const part = least(lot.available, left);
    left = credits(left - part);
    if (lot.appliesTo === null) shared += part;
    else apart += lot.available;
  }
  return { shared: credits(shared), apart: credits(apart) };
}
