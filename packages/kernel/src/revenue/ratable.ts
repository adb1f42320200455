/**
 * Owns revenue that is earned by time alone: access, and included credits where they are recognised so.
 *
 * T1 recognised = R1(total * within(elapsed, whole) / whole); a part of the time earns the difference (R2), so that the end earns the rest.
 * Whole and elapsed are counted by the caller, in local days or in the time between instants: no zone is known here.
 */
import { assert } from "../bug.ts";
import type { Instant, Interval } from "../instant.ts";
import { half } from "../rounding.ts";

/** An amount in minor units that is earned over so many days (or other equal parts). */
export interface Ratable {
  readonly total: bigint;
  readonly whole: bigint;
}

/**
 * Minor units recognised when `elapsed` parts of the whole have passed; before the start none, after the end all.
 *
 * @example recognisedAfter({ total: 12_000n, whole: 31n }, 17n) // 6_581n
 */
export function recognisedAfter({ total, whole }: Ratable, elapsed: bigint): bigint {
  assert(whole > 0n, "something lasts before it is earned over time");
  return half(total * within(elapsed, whole), whole);
}

/** Minor units that the time from one part to another earns. */
export const earned = (
  ratable: Ratable,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): bigint => recognisedAfter(ratable, to) - recognisedAfter(ratable, from);

/** The same by the clock: what an amount earned over an interval has earned at an instant. */
export const recognisedAtInstant = (total: bigint, { start, end }: Interval, at: Instant): bigint =>
  recognisedAfter({ total, whole: BigInt(end - start) }, BigInt(at - start));

const within = (elapsed: bigint, whole: bigint): bigint =>
  elapsed < 0n ? 0n : elapsed > whole ? whole : elapsed;
