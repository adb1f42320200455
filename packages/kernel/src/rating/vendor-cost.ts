/**
 * Owns what a call costs the vendor itself, beside what it is charged.
 *
 * W1 it changes no charge and refuses no call: where it is not known there is none. W2 it is told in 10^-9 of a minor unit, in which
 * every list price of at most five decimals a million is whole, so that sums over any number of calls are exact (docs/decisions/0009).
 * W3 parts of a call cost together what they would cost at once.
 */
import { half } from "../rounding.ts";
import { type Price, type Usage, addUsage, costTariffOf, priceOfUsage } from "./tariff.ts";

/** What a call cost its vendor. */
export interface VendorCost {
  /** ISO 4217; the vendor's, whatever the workspace's is. */
  readonly currency: string;
  /** 10^-9 of a minor unit. Below zero where a part made the whole cheaper. */
  readonly nanos: bigint;
  /** Minor units of that currency that it adds to the books; left out where they do not have it (`costs/slice.ts`). */
  readonly accrued?: bigint;
}

/** What is told of costs is so many parts of a minor unit. */
export const nanosPerMinorUnit = 1_000_000_000n;

/** What `part` costs, of a call that has reported `before` already, or a level that was there for `heldMs`; null where it is not known (W1). */
export function vendorCost(
  price: Price | null,
  before: Usage | null,
  part: Usage | null,
  heldMs?: number,
): VendorCost | null {
  const tariff = price === null ? undefined : costTariffOf(price);
  if (tariff === undefined || part === null) return null;
  const exact = (usage: Usage): bigint | undefined => priceOfUsage(tariff, usage, heldMs);
  const paid = before === null ? undefined : exact(before);
  const all = before === null || paid === undefined ? part : addUsage(before, part);
  const total = exact(all);
  if (total === undefined) return null;
  const nanos = half(total, tariff.per) - half(paid ?? 0n, tariff.per);
  return { currency: tariff.currency, nanos };
}
