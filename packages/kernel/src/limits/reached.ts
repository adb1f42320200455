import { beyond, credits, plus } from "../amount.ts";
import type { LimitReached } from "./events.ts";
import { type Instant, instant } from "../instant.ts";
import { asCap, asCeiling, capOf, usedAt } from "./cap.ts";
import type { Count, Counter } from "./limit.ts";
import type { Summed } from "./pool-share.ts";
import { raisedCap } from "./raise.ts";
import { type LimitSlice, scopeOf } from "./slice.ts";

/** Notices of the caps that an accepted command brings to their end: an approval, an overrun or a debit (RULES 27). */
export function reachedBy(
  slice: LimitSlice,
  counts: readonly Count[],
  { workspace, at, pool }: { workspace: string; at: Instant; pool: Summed },
): readonly LimitReached[] {
  const notices: LimitReached[] = [];
  for (const count of counts) {
    if (count.credits <= 0n) continue;
    const limit = slice.limits.get(count.limit);
    const rule = limit === undefined ? undefined : (asCap(limit.rule) ?? asCeiling(limit.rule));
    if (limit === undefined || rule === undefined) continue;
    const counter = slice.counters.get(count.counter);
    const { window } = rule;
    const raises = slice.raised.get(count.counter);
    const base = capOf(slice, count.counter, rule, pool, at);
    const { cap, lent } = raisedCap(raises, base, window, count, at);
    const before = usedAt(counter, window, count, at);
    const used = plus(before, credits(count.credits));
    if (beyond(cap, before) + lent === 0n) continue;
    if (beyond(cap, used) + lent > lentIn(count)) continue;
    const scope = scopeOf(limit, count.counter, workspace);
    const end = resetsAt(counter, count, at);
    notices.push({ kind: "limit.reached", at, scope, used, cap, resetsAt: end });
  }
  return notices;
}

const lentIn = ({ lent = [] }: Count): bigint =>
  lent.reduce((sum: bigint, one) => sum + one.credits, 0n);

/** A window's end; of a rolling one, when its oldest use stops counting. */
function resetsAt(counter: Counter | undefined, count: Count, at: Instant): Instant {
  const span = count.end - count.start;
  const oldest = counter?.buckets.find((one) => one.used > 0n && one.start + span > at);
  return oldest === undefined ? count.end : instant(Math.min(oldest.start + span, count.end));
}
