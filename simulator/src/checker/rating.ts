/** Owns what usage costs, worked out apart from the kernel: units at the prices of the nodes' card, rounded half up. */
import type { Price, Usage } from "@cistern/kernel";
import { rateCard } from "../nodes/node.ts";

/** Units that cost nothing, by bucket: what an allowance takes of a call. */
export type Free = ReadonlyMap<string, bigint>;

/** Millionths of a micro-credit, less what is free; undefined where the card has no price for it. */
export function exactCost(
  usage: Usage,
  price: Price | null,
  free: Free = new Map(),
): bigint | undefined {
  const row = rateCard.rows.find(({ id }) => id === price?.row);
  if (row === undefined) return undefined;
  let sum = 0n;
  for (const [bucket, units] of Object.entries(usage)) {
    const unit = row.prices[bucket];
    if (unit === undefined) return undefined;
    sum += unit * (BigInt(units) - (free.get(bucket) ?? 0n)) * (1_000_000n / row.per);
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

/** Micro-credits of units that were there for so long, less what is free of them, rounded once. */
export function levelCost(
  usage: Usage,
  price: Price | null,
  { heldMs, free = new Map() }: { readonly heldMs: number; readonly free?: Free },
): bigint | undefined {
  const row = rateCard.rows.find(({ id }) => id === price?.row);
  if (row === undefined) return undefined;
  let sum = 0n;
  for (const [bucket, units] of Object.entries(usage)) {
    const unit = row.prices[bucket];
    if (unit === undefined) return undefined;
    sum += unit * (BigInt(units) * BigInt(heldMs) - (free.get(bucket) ?? 0n));
  }
  return (2n * sum + row.per) / (2n * row.per);
}
