import type { Balance } from "../fact.ts";
import { burnOrder } from "../pool/burn-order.ts";
import type { Lot } from "../pool/lot.ts";
import { balanceOf } from "../pool/slice.ts";
import type { State } from "../state/state.ts";

/** Totals and lots of the pool: lots that still matter first, in burn order, then those that are over. */
export function poolBalance(state: State): {
  readonly balance: Balance;
  readonly lots: readonly Lot[];
} {
  const isOver = (lot: Lot): boolean => lot.available === 0n && lot.held === 0n;
  const lots = [...state.pool.lots.values()].toSorted(
    (a, b) => Number(isOver(a)) - Number(isOver(b)) || burnOrder(a, b),
  );
  return { balance: balanceOf(state.pool), lots };
}
