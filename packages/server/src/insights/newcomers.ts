/** Owns what the newcomers of one workspace spent on the days of their first week, which is all that is known of the next one. */
import { mean, quantile } from "./quantile.ts";

/** Days of newcomers, the latest last. */
export interface Newcomers {
  readonly days: readonly number[];
  /** 99 of 100 days stay below; undefined while too few are known. */
  readonly bound: number | undefined;
}

/** Before the first. */
export const noNewcomers: Newcomers = { days: [], bound: undefined };

/** A day of a newcomer is one of its first seven. */
export const newcomerDays = 7;
const daysKnownMin = 40;
const daysKept = 256;
const boundShare = 0.99;

/** After another day of somebody's first week. */
export function learnNewcomer(newcomers: Newcomers, credits: number): Newcomers {
  const days = [...newcomers.days, credits].slice(-daysKept);
  return { days, bound: days.length < daysKnownMin ? undefined : quantile(days, boundShare) };
}

/** What a newcomer uses on a day of its first week; undefined while too few are known. */
export const usualOfNewcomers = ({ days, bound }: Newcomers): number | undefined =>
  bound === undefined ? undefined : mean(days);
