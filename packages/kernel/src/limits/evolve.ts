/** Owns what events do to limits, to what is counted in their windows, and to their rates. */
import { type Credits, minus } from "../amount.ts";
import { assert } from "../bug.ts";
import type { Position } from "../holds/hold.ts";
import { afterCount } from "./cap.ts";
import type { LimitUpdated } from "./events.ts";
import type { Count, Limit, RateCharge } from "./limit.ts";
import type { Raise } from "./raise.ts";
import { type LimitSlice, limitKeyOf } from "./slice.ts";

/** Counts in windows, and takes what raises lend. */
export function count(
  { counters, limits, raises, bases }: LimitSlice,
  counts: readonly Count[],
): void {
  for (const one of counts) {
    for (const { request, credits } of one.lent ?? nothing) lend(raises, request, credits);
    if (one.basis !== undefined) {
      const { limit, end, basis: consumed } = one;
      bases.set(limitKeyOf(one.counter), { limit, end, consumed });
    }
    const before = counters.get(one.counter);
    const isRolling =
      before === undefined ? isRollingCap(limits.get(one.limit)) : before.buckets.length > 0;
    counters.replace(one.counter, before, afterCount(before, one, isRolling));
  }
}

const nothing: NonNullable<Count["lent"]> = [];

/** Y2: what was lent is used up, and a raise of which nothing is left is over. */
function lend(raises: LimitSlice["raises"], request: string, credits: Credits): void {
  const before = raises.get(request);
  assert(before?.kind === "once", `Y2 request ${request} lends once`);
  const left = minus(before.left, credits);
  raises.replace(request, before, left === 0n ? undefined : { ...before, left });
}

/** A raise that was approved; those that are over by then go. */
export function setRaise({ raises, raisesEnding }: LimitSlice, raise: Raise): void {
  for (const { id } of raisesEnding.upTo(raise.at, sweptMax)) raises.set(id, undefined);
  raises.set(raise.request, raise);
}

/** Raises that are over leave with the next approval, at most so many with one. */
const sweptMax = 512;

const isRollingCap = (limit: Limit | undefined): boolean =>
  limit?.rule.kind === "cap" && limit.rule.window.kind === "rolling";

/** Charges rates. */
export function charge({ rates }: LimitSlice, charges: readonly RateCharge[]): void {
  for (const { rate, limit, arrival } of charges) rates.set(rate, { limit, arrival });
}

/** A rule that restarts counts from this place of the journal on. */
export function setLimit(
  slice: LimitSlice,
  { limit, restarts }: Pick<LimitUpdated, "limit" | "restarts">,
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

/** Forgets what was counted for a limit, and approved beyond it. */
export function dropUse({ counters, rates, raises, bases }: LimitSlice, limit: Limit): void {
  for (const table of [counters, rates, raises, bases])
    for (const [key, row] of table.entries()) if (row.limit === limit.id) table.set(key, undefined);
}
