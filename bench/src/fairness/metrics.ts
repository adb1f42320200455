/** Owns the figures by which a policy is judged (FAIRNESS, section 3). All are fractions of 1 unless said. */
import type { Played } from "./pool.ts";
import { periodMs } from "./workload.ts";

/** What one policy did with one period. */
export interface Score {
  /** Credits refused of those that light members asked for. */
  readonly lightDenial: number;
  /** The part that the light member got who got least of what it asked for. */
  readonly worstLightFill: number;
  /** Distance to the fair split that somebody who knows all demand beforehand would make. */
  readonly shortfall: number;
  /** Jain's index of what each got of its fair split. */
  readonly jain: number;
  /** The least that anybody got of its fair split. */
  readonly minRatio: number;
  /** Credits used of those that could be: the pool, or all demand. */
  readonly use: number;
  /** Credits refused although the period ended with as many left, of those asked for. */
  readonly needlessDenial: number;
  /** When a light member was refused first, as a fraction of the period; 1: never. */
  readonly firstLightDenial: number;
  /** The mean of the logarithm of what each got of its fair split, not below 0.001. */
  readonly meanLogRatio: number;
}

/** Scores a period. A member is light where it wants its share at most, unless the workload says who is. */
export function score(
  { asked, used, firstRefusedAtMs }: Played,
  budget: bigint,
  isLight: (member: number) => boolean = (member) =>
    (asked[member] ?? 0n) * BigInt(asked.length) <= budget,
): Score {
  const fair = waterFilling(asked, budget);
  const light = asked.flatMap((want, member) => (want > 0n && isLight(member) ? [member] : []));
  const refused = (member: number): bigint => (asked[member] ?? 0n) - (used[member] ?? 0n);
  const lightAsked = sum(light.map((member) => asked[member] ?? 0n));
  const lightRefused = sum(light.map(refused));
  const demand = sum(asked);
  const spent = sum(used);
  const left = budget - spent;
  const ratios = fair.flatMap((most, member) =>
    most > 0n ? [Math.min(1, part(used[member] ?? 0n, most))] : [],
  );
  const missed = sum(fair.map((most, member) => atLeast(0n, most - (used[member] ?? 0n))));
  return {
    lightDenial: part(lightRefused, lightAsked),
    worstLightFill: Math.min(
      1,
      ...light.map((member) => part(used[member] ?? 0n, asked[member] ?? 0n)),
    ),
    shortfall: part(missed, sum(fair)),
    jain: jain(ratios),
    minRatio: Math.min(1, ...ratios),
    use: part(spent, budget < demand ? budget : demand),
    needlessDenial: part(demand - spent < left ? demand - spent : left, demand),
    firstLightDenial:
      Math.min(periodMs, ...light.map((member) => firstRefusedAtMs[member] ?? periodMs)) / periodMs,
    meanLogRatio: mean(ratios.map((ratio) => Math.log(Math.max(ratio, 0.001)))),
  };
}

/** The means of several scores, figure by figure. */
export function meanScore(scores: readonly Score[]): Score {
  const of = (name: keyof Score): number => mean(scores.map((one) => one[name]));
  return {
    lightDenial: of("lightDenial"),
    worstLightFill: of("worstLightFill"),
    shortfall: of("shortfall"),
    jain: of("jain"),
    minRatio: of("minRatio"),
    use: of("use"),
    needlessDenial: of("needlessDenial"),
    firstLightDenial: of("firstLightDenial"),
    meanLogRatio: of("meanLogRatio"),
  };
}

/** (sum of r)^2 / (n * sum of r^2): 1 where all got the same part, 1/n where one got everything. */
export function jain(ratios: readonly number[]): number {
  const total = ratios.reduce((so, ratio) => so + ratio, 0);
  const squares = ratios.reduce((so, ratio) => so + ratio * ratio, 0);
  return squares === 0 ? 1 : (total * total) / (ratios.length * squares);
}

/** The fair split of a budget among equals who want so much: nobody more than it wants, and the rest alike. */
export function waterFilling(demand: readonly bigint[], budget: bigint): bigint[] {
  const given = demand.map(() => 0n);
  const byDemand = demand
    .map((want, member) => ({ want, member }))
    .toSorted((a, b) => (a.want < b.want ? -1 : a.want > b.want ? 1 : 0));
  let left = budget;
  for (const [index, { want, member }] of byDemand.entries()) {
    const level = left / BigInt(byDemand.length - index);
    const gets = want < level ? want : level;
    given[member] = gets;
    left -= gets;
  }
  return given;
}

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((so, value) => so + value, 0) / values.length;

/** a / b as a number, exact to nine digits; 0 where there is nothing to take a part of. */
export const part = (a: bigint, b: bigint): number =>
  b === 0n ? 0 : Number((a * 1_000_000_000n) / b) / 1_000_000_000;

export const sum = (values: readonly bigint[]): bigint =>
  values.reduce((so, value) => so + value, 0n);

const atLeast = (least: bigint, value: bigint): bigint => (value > least ? value : least);
