import {
  type LotShare,
  type Money,
  type PoolBalance,
  type RateRow,
  printCredits,
} from "@cistern/contract";
import type { BilledUsage, Balance, Credits, Price } from "@cistern/kernel";

/** The pool after an event. Restricted grants stand apart, so they are not in it. */
export function poolBalanceOf(balance: Balance): PoolBalance {
  return { available: printCredits(balance.available), held: printCredits(balance.held) };
}

/** Credits by lot, one row a lot, in the order in which each lot comes first. */
export function lotShares(
  parts: readonly { readonly lot: string; readonly credits: Credits }[],
): readonly LotShare[] {
  const [only] = parts;
  if (only === undefined) return [];
  if (parts.length === 1) return [{ grant: only.lot, credits: printCredits(only.credits) }];
  const sums = new Map<string, bigint>();
  for (const { lot, credits } of parts) sums.set(lot, (sums.get(lot) ?? 0n) + credits);
  return [...sums].map(([grant, credits]) => ({ grant, credits: printCredits(credits) }));
}

/** The row of the rate card behind a price. */
export function rateOf(price: Price): RateRow {
  return {
    card: price.card,
    row: price.row,
    ...("negotiated" in price && price.negotiated !== undefined ? { negotiated: true } : {}),
  };
}

/** Credits that an invoice pays, or that came off it; left out where there are none. */
export function billedPart({ billed }: { readonly billed?: BilledUsage }): {
  billed?: string;
  shortfall?: Money;
} {
  if (billed === undefined) return {};
  const { credits, trueUp } = billed;
  const shortfall = (trueUp?.accruals ?? []).reduce((sum, { amount }) => sum + amount, 0n);
  return {
    billed: printCredits(credits < 0n ? -credits : credits),
    ...(trueUp === undefined || shortfall === 0n
      ? {}
      : { shortfall: { amount: shortfall.toString(), currency: trueUp.term.currency } }),
  };
}
