/**
 * Owns the proportional series (606-10-55-48, IFRS 15.B46): breakage that is expected is recognised with the usage that the
 * customer does exercise.
 *
 * B1 recognised = R1(cost * (consumed / expected share + otherwise gone) / granted), never above the cost. B2 of it, usage is
 * R1(cost * consumed / granted) and breakage is the rest. B3 when all is gone, all is recognised.
 */
import { assert } from "../bug.ts";
import { half } from "../rounding.ts";

/** Where one lot stands: money in minor units, credits in one unit. */
export interface BreakageTerms {
  readonly cost: bigint;
  readonly granted: bigint;
  readonly consumed: bigint;
  /** Left by expiry, revoke or move. */
  readonly otherwiseGone: bigint;
  /** Share of the grant that is expected never to be used, in basis points: 0 to 9,999. */
  readonly breakageBps: number;
}

/** All that is recognised of a lot's cost at this point (B1). */
export function proportional(terms: BreakageTerms): bigint {
  const { cost, granted, consumed, otherwiseGone, breakageBps } = terms;
  assert(isBreakage(breakageBps), "a share that breaks is 0 to 9,999 basis points");
  const used = BigInt(10_000 - breakageBps);
  const reached = half(cost * (consumed * 10_000n + otherwiseGone * used), granted * used);
  return reached > cost ? cost : reached;
}

/** Of `proportional`, usage (B2). */
export const usageOf = ({ cost, granted, consumed }: BreakageTerms): bigint =>
  half(cost * consumed, granted);

/** What is to be posted to get from what was recognised so far to this point; below zero where an estimate fell. */
export function breakageStep(
  terms: BreakageTerms,
  soFar: { readonly recognised: bigint; readonly usage: bigint },
): { readonly deferred: bigint; readonly usage: bigint; readonly breakage: bigint } {
  const deferred = proportional(terms) - soFar.recognised;
  const usage = usageOf(terms) - soFar.usage;
  return { deferred, usage, breakage: deferred - usage };
}

/** Whether a number is a share that may be expected to break. */
export const isBreakage = (bps: number): boolean =>
  Number.isInteger(bps) && bps >= 0 && bps < 10_000;
