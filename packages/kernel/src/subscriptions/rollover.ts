/** Owns how many unused credits of a period go on into the next (FINANCE, E10), and how long they live there. */
import { type Credits, credits, least, noCredits } from "../amount.ts";
import { half } from "../rounding.ts";
import type { Lot } from "../pool/lot.ts";
import type { Rollover } from "./plan.ts";

/** The most that may roll, of a period that included so many credits, beside what had rolled before. */
export function rolloverQuota(
  { shareBps, amountMax, balanceMax }: Rollover,
  included: Credits,
  rolledBefore: readonly Lot[],
): Credits {
  const share = credits(half(included * BigInt(shareBps), 10_000n));
  const before = rolledBefore.reduce((sum, lot) => sum + lot.available + lot.held, 0n);
  const room = balanceMax === null || balanceMax > before ? (balanceMax ?? share) - before : 0n;
  const bounds = [share, amountMax ?? share, balanceMax === null ? share : credits(room)];
  return bounds.reduce(least);
}

/** Takes the quota from lots in their order. */
export function rolloverParts(
  lots: readonly Lot[],
  quota: Credits,
): readonly { readonly lot: Lot; readonly credits: Credits }[] {
  let left = quota;
  return lots.flatMap((lot) => {
    const part = least(lot.available, left);
    left = credits(left - part);
    return part === noCredits ? [] : [{ lot, credits: part }];
  });
}
