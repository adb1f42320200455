/** Owns what events do to limits, to what is counted in their windows, and to their rates. */
import type { Position } from "../holds/hold.ts";
import { afterCount } from "./cap.ts";
import type { LimitUpdated } from "./events.ts";
import type { Count, Limit, RateCharge } from "./limit.ts";
import type { LimitSlice } from "./slice.ts";

/** Counts in windows. */
export function count({ counters, limits }: LimitSlice, counts: readonly Count[]): void {
  for (const one of counts) {
    const before = counters.get(one.counter);
    const isRolling =
      before === undefined ? isRollingCap(limits.get(one.limit)) : before.buckets.length > 0;
    counters.replace(one.counter, before, afterCount(before, one, isRolling));
  }
}

const isRollingCap = (limit: Limit | undefined): boolean =>
  limit?.rule.kind === "cap" && limit.rule.window.kind === "rolling";

/** Charges rates. */
export function charge({ rates }: LimitSlice, charges: readonly RateCharge[]): void {
  for (const { rate, limit, arrival } of charges) rates.set(rate, { limit, arrival });
}

/** A rule that restarts counts from this place of the journal on. */
export function setLimit(
  slice: LimitSlice,
  { limit, restarts }: LimitUpdated,
  { seq, index }: Position,
): void {
  const before = slice.limits.get(limit.id);
  if (restarts) dropUse(slice, limit);
  const epoch = before === undefined || restarts ? `${seq}.${index}` : before.epoch;
  slice.limits.set(limit.id, { ...limit, epoch });
}

/** A limit is no more, nor what was counted for it. */
export function removeLimit(slice: LimitSlice, limit: Limit): void {
  dropUse(slice, limit);
  slice.limits.set(limit.id, undefined);
}

/** Forgets what was counted for a limit. */
export function dropUse({ counters, rates }: LimitSlice, limit: Limit): void {
  for (const table of [counters, rates])
    for (const [key, row] of table.entries()) if (row.limit === limit.id) table.set(key, undefined);
}
