import { credits } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { PoolSlice } from "./slice.ts";
import type { UsageScope } from "./usage-scope.ts";

/** What a settlement or debit owes becomes more, or (`delta` below zero) less; paid, it is no debt any more. */
export function owe(
  { debts }: PoolSlice,
  of: string,
  { delta, usage, at }: { delta: bigint; usage: UsageScope; at: Instant },
): void {
  if (delta === 0n) return;
  const debt = debts.get(of);
  const owed = credits((debt?.credits ?? 0n) + delta);
  debts.set(of, owed === 0n ? undefined : { of, usage, credits: owed, since: debt?.since ?? at });
}
