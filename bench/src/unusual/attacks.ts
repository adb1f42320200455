/**
 * Owns what a tenfold burst is: a spender's use becomes ten times its usual for a day.
 *
 * T1 usual is the mean of its last 28 active days, where at least four are known; before that, of the days of newcomers in its
 * workspace, where thirty are known. Where neither is, there is nothing to be ten times of, and nothing is injected.
 * T2 an attack begins in an active hour, drawn from each active day of each member; found is what alarms from then on, within 24 hours.
 */
import type { Draw } from "./draw.ts";
import type { HourlyUse } from "./population.ts";

/** The readings of "ten times"; `anyDay` is reported beside them and has no bar. */
export const readings = {
  spread: "ten usual days, over its own active hours of 24",
  burst: "ten usual days, in three hours",
  hours: "each of its active hours of 24 times ten, on a day of usual size or more",
  anyDay: "each of its active hours of 24 times ten, on any day",
} as const;

export type Reading = keyof typeof readings;

/** An attack on one member: what it uses more, by hour. */
export interface Attack {
  readonly reading: Reading;
  readonly from: number;
  readonly extra: HourlyUse;
}

/** What is usual where an attack begins: credits of a day as a mean, and as a median. */
export interface UsualDay {
  readonly mean: number;
  readonly median: number;
}

const hoursOfDay = 24;
const tenfold = 10;

/** An active hour of each active day, by chance. */
export function beginnings(use: HourlyUse, draw: Draw): readonly number[] {
  const byDay = Map.groupBy(use.keys(), (hour) => Math.floor(hour / hoursOfDay));
  return [...byDay.values()].flatMap((hours) => hours[draw.below(hours.length)] ?? []);
}

/** Every reading of an attack that begins in this hour. */
export function attacksFrom(use: HourlyUse, from: number, usual: UsualDay): readonly Attack[] {
  const own = [...use].filter(([hour]) => hour >= from && hour < from + hoursOfDay);
  const total = own.reduce((sum, [, credits]) => sum + credits, 0);
  const toTen = (tenfold * usual.mean) / total - 1;
  const spread = own.map(([hour, credits]) => [hour, Math.max(0, credits * toTen)] as const);
  const burst = [0, 1, 2].map((hour) => [from + hour, (tenfold * usual.mean) / 3] as const);
  const hours = own.map(([hour, credits]) => [hour, credits * (tenfold - 1)] as const);
  return [
    { reading: "spread", from, extra: new Map(spread) },
    { reading: "burst", from, extra: new Map(burst) },
    { reading: "anyDay", from, extra: new Map(hours) },
    ...(total >= usual.median ? [{ reading: "hours", from, extra: new Map(hours) } as const] : []),
  ];
}
