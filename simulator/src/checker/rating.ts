/** Owns what usage costs, worked out apart from the kernel: units at the prices of the nodes' card, rounded half up. */
import type { Price, Usage } from "@cistern/kernel";
import { rateCard } from "../nodes/node.ts";

/** Millionths of a micro-credit; undefined where the card has no price for it. */
export function exactCost(usage: Usage, price: Price | null): bigint | undefined {
  const row = rateCard.rows.find(({ id }) => id === price?.row);
  if (row === undefined) return undefined;
  let sum = 0n;
  for (const [bucket, units] of Object.entries(usage)) {
    const unit = row.prices[bucket];
    if (unit === undefined) return undefined;
    sum += unit * BigInt(units) * (1_000_000n / row.per);
  }
  return sum;
}

/** Thousandths of 10^-9 of a minor unit; undefined where the card does not say what it costs the vendor. */
export function exactVendorCost(usage: Usage, price: Price | null): bigint | undefined {
  const cost = rateCard.rows.find(({ id }) => id === price?.row)?.cost;
  if (cost === undefined) return undefined;
  let sum = 0n;
  for (const [bucket, units] of Object.entries(usage)) {
    const unit = cost.prices[bucket];
    if (unit === undefined) return undefined;
    sum += unit * BigInt(units) * (1_000n / cost.per);
  }
  return sum;
}

/** Its one rounding. */
export const roundedNanos = (exact: bigint): bigint => (2n * exact + 1_000n) / 2_000n;

/** The one rounding. */
export const rounded = (exact: bigint): bigint => (2n * exact + 1_000_000n) / 2_000_000n;

/** Micro-credits of units that were there for so long, rounded once. */
export function levelCost(usage: Usage, price: Price | null, heldMs: number): bigint | undefined {
  const row = rateCard.rows.find(({ id }) => id === price?.row);
  if (row === undefined) return undefined;
  let sum = 0n;
  for (const [bucket, units] of Object.entries(usage)) {
    const unit = row.prices[bucket];
    if (unit === undefined) return undefined;
    sum += unit * BigInt(units) * BigInt(heldMs);
  }
  return (2n * sum + row.per) / (2n * row.per);
}
