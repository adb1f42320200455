/**
 * Owns what is known of the hours of one spender, and whether hours in a row are too high: a CUSUM over active hours.
 *
 * C1 z = (log(1 + hour) - centre) / max(0.35, 1.25 x deviation); centre and deviation are exponentially weighted over active
 * hours, half a weight 48 hours back. C2 c = max(0, c + min(z, 5) - 1); alarm at 6, if the hour itself raises c. C3 what is
 * learned of an hour is at most 3 z from the centre, so that an attack teaches little. C4 c stays at 6 where an hour was too
 * small to matter, and begins anew after an alarm.
 */

/** What a spender's active hours taught. */
export interface HourlyPace {
  /** Of log(1 + credits of an hour). */
  readonly centre: number;
  readonly deviation: number;
  readonly hoursKnown: number;
  /** The sum that alarms. */
  readonly excess: number;
}

/** How high an hour is. */
export interface HourScore {
  readonly z: number;
  /** The sum if the hour ended now. */
  readonly excess: number;
  readonly isAlarming: boolean;
}

/** Before the first hour. */
export const noPace: HourlyPace = { centre: 0, deviation: 0, hoursKnown: 0, excess: 0 };

export const excessMax = 6;
const deviationMin = 0.35;
const deviationToSigma = 1.25;
const deviationAtFirst = 0.7;
const scoreMax = 5;
const slack = 1;
const learnedMax = 3;
/** Hours without which nothing is said. */
const hoursKnownMin = 8;
const newest = 1 - 2 ** (-1 / 48);

/** Credits of an hour at the centre. */
export const usualHour = (pace: HourlyPace): number => Math.expm1(pace.centre);

/** How high an hour is that has come to `credits` so far (C1, C2). It only rises as the hour goes on. */
export function scoreOf(pace: HourlyPace, credits: number): HourScore {
  if (pace.hoursKnown < hoursKnownMin) return { z: 0, excess: pace.excess, isAlarming: false };
  const z = (Math.log1p(credits) - pace.centre) / scaleOf(pace);
  const excess = Math.max(0, pace.excess + Math.min(z, scoreMax) - slack);
  return { z, excess, isAlarming: z > slack && excess >= excessMax };
}

/** What is known after an active hour is over (C3, C4). */
export function learnHour(pace: HourlyPace, credits: number, hasAlarmed: boolean): HourlyPace {
  const hoursKnown = pace.hoursKnown + 1;
  const height = Math.log1p(credits);
  if (pace.hoursKnown === 0)
    return { centre: height, deviation: deviationAtFirst, hoursKnown, excess: 0 };
  const reach = learnedMax * scaleOf(pace);
  const learned = Math.max(-reach, Math.min(reach, height - pace.centre));
  // The first hours weigh alike, so that the very first does not stay the centre for days.
  const weight = Math.max(1 / hoursKnown, newest);
  const deviationWeight = Math.max(1 / (hoursKnown + 1), newest);
  return {
    centre: pace.centre + weight * learned,
    deviation: pace.deviation + deviationWeight * (Math.abs(learned) - pace.deviation),
    hoursKnown,
    excess: hasAlarmed ? 0 : Math.min(excessMax, scoreOf(pace, credits).excess),
  };
}

const scaleOf = (pace: HourlyPace): number =>
  Math.max(deviationMin, deviationToSigma * pace.deviation);
