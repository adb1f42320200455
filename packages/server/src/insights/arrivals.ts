/**
 * Owns what looks like members that were invited to burn credits: many that join and spend at once, many that act for one sponsor, and
 * many that come, spend and go.
 *
 * V1 joins: at least five on a day, more than three times what nine of ten days see, and they spend half a mean day of the workspace.
 * V2 a sponsor: at least ten that act for it and first spent within seven days. V3 short lives: at least three within seven days that were
 * deactivated within three days of their first use, with half a mean day of the workspace. V4 each is told once a day at most.
 */
import { quantile } from "./quantile.ts";

/** A day's count, with what those that are counted spent. */
export interface DayCount {
  readonly day: number;
  readonly count: number;
  readonly credits: number;
}

/** Of the last 28 days. */
export type DayCounts = readonly DayCount[];

const daysKept = 28;
const joinsMin = 5;
const joinsFactor = 3;
const sponsoredMin = 10;
const shortLivedMin = 3;
const shortLivedDays = 3;
const withinDays = 7;
const materialShare = 0.5;
const heavyShare = 0.9;

/** Counts on a day. */
export function counted(
  counts: DayCounts,
  day: number,
  more: { readonly count: number; readonly credits: number },
): DayCounts {
  const same = counts.find((one) => one.day === day) ?? { day, count: 0, credits: 0 };
  const others = counts.filter((one) => one.day !== day && one.day > day - daysKept);
  const count = same.count + more.count;
  return [...others, { day, count, credits: same.credits + more.credits }];
}

/** V1: what those that joined today spent, and how many there are; undefined where that is not unusual. */
export function burstOfJoins(
  joins: DayCounts,
  day: number,
  workspace: { readonly daysKnown: number; readonly meanDay: number },
): DayCount | undefined {
  const today = joins.find((one) => one.day === day);
  if (today === undefined || today.count < joinsMin || workspace.daysKnown < 4) return undefined;
  const before = joins.filter((one) => one.day < day).map(({ count }) => count);
  const idle = Array.from({ length: Math.max(0, workspace.daysKnown - before.length) }, () => 0);
  const usual = quantile([...before, ...idle], heavyShare) ?? 0;
  const isMany = today.count > joinsFactor * usual;
  return isMany && today.credits >= materialShare * workspace.meanDay ? today : undefined;
}

/** V2. */
export function burstOfSponsored(sponsored: DayCounts, day: number): DayCount | undefined {
  const sum = summed(sponsored, day);
  return sum.count >= sponsoredMin ? sum : undefined;
}

/** V3. */
export function burstOfShortLives(
  shortLived: DayCounts,
  day: number,
  meanDay: number,
): DayCount | undefined {
  const sum = summed(shortLived, day);
  const isMany = sum.count >= shortLivedMin && sum.credits >= materialShare * meanDay;
  return isMany ? sum : undefined;
}

/** Whether somebody who first spent on a day and goes on another one lived shortly. */
export const isShortLife = (firstDay: number, lastDay: number): boolean =>
  lastDay - firstDay <= shortLivedDays;

function summed(counts: DayCounts, day: number): DayCount {
  const recent = counts.filter((one) => one.day > day - withinDays);
  return recent.reduce(
    (sum, one) => ({ day, count: sum.count + one.count, credits: sum.credits + one.credits }),
    { day, count: 0, credits: 0 },
  );
}
