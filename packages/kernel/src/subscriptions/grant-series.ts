/**
 * Owns included credits that come more often than the fees do, such as each month of a year that is paid at once (RULES 18).
 *
 * S1 grants are counted from the same anchor as periods. S2 each grant takes its part of the money that is left for those to come,
 * R1(left / how many), so that the last one closes it; until then it is deferred beside the access.
 */
import { type Money, money, noMoney } from "../amount.ts";
import type { Cadence, Calendar, Instant } from "../instant.ts";
import { half } from "../rounding.ts";
import type { Plan } from "./plan.ts";
import type { Period, PeriodGrants } from "./subscription.ts";

/** When the grants of a period end: one, with it, where the plan grants by period. */
export function grantEnds(
  { included, cadence }: Plan,
  period: Period,
  { anchor, timeZone, calendar }: { anchor: Instant; timeZone: string; calendar: Calendar },
): readonly Instant[] {
  const every = included?.every ?? null;
  if (every === null) return [period.end];
  const perPeriod = monthsOf(cadence) / monthsOf(every);
  const first = period.index * perPeriod;
  return Array.from({ length: perPeriod }, (_, index) =>
    calendar.boundary(anchor, every, first + index + 1, timeZone),
  );
}

/** When the grant ends that comes so many after the running one. */
export function grantEndAfter(
  {
    anchor,
    plan,
    timeZone,
    period,
    grants,
  }: {
    anchor: Instant;
    plan: Plan;
    timeZone: string;
    period: Period;
    grants: PeriodGrants;
  },
  { every, periods }: { every: Cadence; periods: number },
  calendar: Calendar,
): Instant {
  const perPeriod = monthsOf(plan.cadence) / monthsOf(every);
  // The running grant is over at the first of those ends that are left.
  const over = (period.index + 1) * perPeriod - grantsToCome(grants);
  return calendar.boundary(anchor, every, over + periods, timeZone);
}

const monthsOf = ({ unit, count }: Plan["cadence"]): number => (unit === "year" ? 12 : 1) * count;

/** Of money that so many grants share, what the next one takes (S2). */
export const partOf = (left: Money, grants: number): Money => money(half(left, BigInt(grants)));

/** Grants that are still to come. */
export const grantsToCome = (grants: PeriodGrants | null): number =>
  grants === null ? 0 : grants.ends.length - 1;

/** Money of those. */
export const promised = (grants: PeriodGrants | null): Money => grants?.left ?? noMoney;

/** When the next one is due; null where all of the period's have been made. */
export const nextGrantAt = (grants: PeriodGrants | null): Instant | null =>
  grantsToCome(grants) === 0 ? null : (grants?.ends[0] ?? null);
