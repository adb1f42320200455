/**
 * Owns whether what one spender uses is unusual: a fold over its use, in constant room, that explains itself.
 *
 * U1 three rules: the pace of its hours (`hourly-pace.ts`); more in 24 hours than three times what nine of ten of its active
 * days come to, where at least four of the last 28 are known; and for whom is less known, more than 99 of 100 days of
 * newcomers, or than three times both the mean of these and its own largest day. U2 only amounts that matter: an hour counts from half a mean active day on, 24 hours from one and a half.
 * U3 all is looked at as the day goes on, never at its end. U4 an alarm teaches little: a day is learned as at most twice
 * the ninth tenth. U5 after an alarm a spender is quiet for seven days, unless its 24 hours come to twice what was told.
 */
import {
  type HourlyPace,
  excessMax,
  learnHour,
  noPace,
  scoreOf,
  usualHour,
} from "./hourly-pace.ts";
import { type Newcomers, learnNewcomer, newcomerDays, usualOfNewcomers } from "./newcomers.ts";
import { mean, quantile } from "./quantile.ts";

/** Credits, as a number for statistics; no amount is ever made of it but for words. */
type Amount = number;

/** Use of one spender, at a time: hours since 1970, and the day of its workspace's zone. */
export interface Use {
  readonly hour: number;
  readonly day: number;
  readonly credits: Amount;
}

/** What is known of one spender. */
export interface UsualUse {
  readonly firstDay: number;
  readonly hour: number;
  readonly hourTotal: Amount;
  /** Active hours of the last 24 that are over, oldest first. */
  readonly hoursBefore: readonly { readonly hour: number; readonly credits: Amount }[];
  readonly day: number;
  readonly dayTotal: Amount;
  /** Active days that are over, at most 28, as they were learned. */
  readonly days: readonly Amount[];
  readonly pace: HourlyPace;
  /** This hour has alarmed. */
  readonly hasAlarmed: boolean;
  readonly quiet: { readonly untilDay: number; readonly credits: Amount } | null;
}

/** Why use is unusual, with its numbers. */
export type Finding =
  | {
      readonly rule: "pace";
      /** Credits of this hour, and of one at the centre. */
      readonly seen: Amount;
      readonly usual: Amount;
      readonly z: number;
      readonly excess: number;
      readonly excessMax: number;
    }
  | {
      readonly rule: "day" | "newcomer";
      /** Credits of the last 24 hours; what they are compared with; from where on it alarms. */
      readonly seen: Amount;
      readonly usual: Amount;
      readonly bound: Amount;
      readonly daysKnown: number;
    };

/** What a use led to. */
export interface Observed {
  readonly usual: UsualUse;
  readonly newcomers: Newcomers;
  readonly finding: Finding | undefined;
}

const daysKept = 28;
const daysKnownMin = 4;
const heavyShare = 0.9;
const dayFactor = 3;
const learnedFactor = 2;
const hourMatters = 0.5;
const dayMatters = 1.5;
const quietDays = 7;
const toldAgainFactor = 2;
const hoursOfDay = 24;

/**
 * Takes one use in. `usual` is undefined for a spender that was never seen; what is told of times before the last is counted to now.
 *
 * @example observe(undefined, noNewcomers, { hour: 0, day: 0, credits: 5 }).usual.dayTotal // 5
 */
export function observe(usual: UsualUse | undefined, newcomers: Newcomers, use: Use): Observed {
  const begun = usual ?? unknown(use);
  const learned = use.day > begun.day ? endDay(begun, newcomers, use.day) : undefined;
  const ofToday = learned?.usual ?? begun;
  const ofNow = use.hour > ofToday.hour ? endHour(ofToday, use.hour) : ofToday;
  const now = {
    ...ofNow,
    hourTotal: ofNow.hourTotal + use.credits,
    dayTotal: ofNow.dayTotal + use.credits,
  };
  const around = learned?.newcomers ?? newcomers;
  const finding = findingIn(now, around);
  if (finding === undefined) return { usual: now, newcomers: around, finding };
  const after = { ...now, hasAlarmed: now.hasAlarmed || finding.rule === "pace" };
  const last24 = lastHours(now);
  const { quiet } = now;
  if (quiet !== null && now.day < quiet.untilDay && last24 <= toldAgainFactor * quiet.credits)
    return { usual: after, newcomers: around, finding: undefined };
  const told = { untilDay: now.day + quietDays, credits: last24 };
  return { usual: { ...after, quiet: told }, newcomers: around, finding };
}

/** Whoever reviewed an alarm and found it right: what was seen counts as usual from now on. */
export function acceptAsUsual(usual: UsualUse, credits: Amount): UsualUse {
  const days = [...usual.days, credits].slice(-daysKept);
  return { ...usual, days, quiet: null, hasAlarmed: true, pace: { ...usual.pace, excess: 0 } };
}

/** Hours of the last 24 with use, this one among them. */
export const activeHours = ({ hoursBefore }: UsualUse): number => hoursBefore.length + 1;

/** Credits of an active day, as a mean; undefined before the first is over. */
export const meanDay = (usual: UsualUse): Amount | undefined => mean(usual.days);

const lastHours = ({ hoursBefore, hourTotal }: UsualUse): Amount =>
  hoursBefore.reduce((sum, one) => sum + one.credits, hourTotal);

/** U1, U2. */
function findingIn(now: UsualUse, newcomers: Newcomers): Finding | undefined {
  const daysKnown = now.days.length;
  const seen = lastHours(now);
  const ofMean = meanDay(now) ?? Number.POSITIVE_INFINITY;
  if (daysKnown < daysKnownMin) {
    const around = boundOfNewcomer(now.days, newcomers);
    if (around !== undefined && seen > around.bound)
      return { rule: "newcomer", seen, ...around, daysKnown };
  } else if (seen >= dayMatters * ofMean) {
    const heavy = quantile(now.days, heavyShare) ?? 0;
    const bound = dayFactor * heavy;
    if (seen > bound) return { rule: "day", seen, usual: heavy, bound, daysKnown };
  }
  if (now.hourTotal < hourMatters * ofMean) return undefined;
  const { z, excess, isAlarming } = scoreOf(now.pace, now.hourTotal);
  if (!isAlarming) return undefined;
  const { hourTotal, pace } = now;
  return { rule: "pace", seen: hourTotal, usual: usualHour(pace), z, excess, excessMax };
}

/** Few heavy newcomers raise the bound of 99 in 100 far above what most come to, so the mean bounds it too (U1). */
function boundOfNewcomer(
  days: readonly Amount[],
  newcomers: Newcomers,
): { readonly usual: Amount; readonly bound: Amount } | undefined {
  const usual = usualOfNewcomers(newcomers);
  if (newcomers.bound === undefined || usual === undefined) return undefined;
  const most = dayFactor * Math.max(usual, ...days);
  return { usual, bound: Math.min(newcomers.bound, most) };
}

const unknown = ({ hour, day }: Use): UsualUse => ({
  firstDay: day,
  hour,
  hourTotal: 0,
  hoursBefore: [],
  day,
  dayTotal: 0,
  days: [],
  pace: noPace,
  hasAlarmed: false,
  quiet: null,
});

function endHour(usual: UsualUse, hour: number): UsualUse {
  const { hourTotal, hasAlarmed } = usual;
  const isActive = hourTotal > 0;
  const over = { hour: usual.hour, credits: hourTotal };
  const hoursBefore = [...usual.hoursBefore, ...(isActive ? [over] : [])];
  return {
    ...usual,
    hour,
    hourTotal: 0,
    hoursBefore: hoursBefore.filter((one) => one.hour > hour - hoursOfDay),
    pace: isActive ? learnHour(usual.pace, hourTotal, hasAlarmed) : usual.pace,
    hasAlarmed: false,
  };
}

/** U4. */
function endDay(
  usual: UsualUse,
  newcomers: Newcomers,
  day: number,
): { readonly usual: UsualUse; readonly newcomers: Newcomers } {
  const begun = { ...usual, day, dayTotal: 0 };
  if (usual.dayTotal <= 0) return { usual: begun, newcomers };
  const isKnown = usual.days.length >= daysKnownMin;
  const heavy = isKnown ? quantile(usual.days, heavyShare) : newcomers.bound;
  const most = (isKnown ? learnedFactor : 1) * (heavy ?? Number.POSITIVE_INFINITY);
  const learned = Math.min(usual.dayTotal, most);
  return {
    usual: { ...begun, days: [...usual.days, learned].slice(-daysKept) },
    newcomers:
      usual.day < usual.firstDay + newcomerDays ? learnNewcomer(newcomers, learned) : newcomers,
  };
}
