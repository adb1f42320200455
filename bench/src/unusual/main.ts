/** `npm run bench -- unusual`: how often the watch over unusual use alarms, and what share of tenfold bursts it finds. */
import { writeFile } from "node:fs/promises";
import { populations } from "./population.ts";
import { type Reading, readings } from "./attacks.ts";
import { type Watched, watch } from "./watch.ts";

/** Bars of the measurement, on every trace. */
const bars = { alertDaysPerMemberWeekMax: 0.15, foundMin: 0.8 } as const;
const barred: readonly Reading[] = ["spread", "burst", "hours"];

/** What falls short, in words; none where nothing does. */
export function shortfalls(name: string, watched: Watched): readonly string[] {
  const short: string[] = [];
  if (watched.alertDaysPerMemberWeek > bars.alertDaysPerMemberWeekMax)
    short.push(`${name}: ${watched.alertDaysPerMemberWeek.toFixed(3)} alert-days per member-week`);
  for (const reading of barred) {
    const { all } = watched.readings[reading];
    if (share(all) < bars.foundMin)
      short.push(`${name}: ${percent(all)} of the attacks "${reading}" were found`);
  }
  return short;
}

/** Prints a table, writes `file`, and gives the exit code: 1 where a bar is missed. */
export async function measureUnusual(file: string): Promise<number> {
  const traces: Record<string, Watched> = {};
  const short: string[] = [];
  for (const population of await populations()) {
    const watched = watch(population);
    traces[population.name] = watched;
    short.push(...shortfalls(population.name, watched));
    console.log(describe(population.name, watched));
  }
  await writeFile(file, `${JSON.stringify({ bars, readings, traces }, null, 2)}\n`);
  for (const line of short) console.error(`SHORT ${line}`);
  return short.length === 0 ? 0 : 1;
}

function describe(name: string, watched: Watched): string {
  const { members, memberWeeks, alertDays, alertDaysPerMemberWeek, unknowable } = watched;
  const lines = Object.entries(watched.readings).map(
    ([reading, { all, known, newcomers }]) =>
      `  ${reading.padEnd(7)} found ${percent(all)} of ${all.attacks}; of members with four known days ${percent(known)} of ${known.attacks}, of newcomers ${percent(newcomers)} of ${newcomers.attacks}`,
  );
  return [
    `${name}: ${members} members, ${memberWeeks} member-weeks`,
    `  ${alertDays} alert-days, ${alertDaysPerMemberWeek.toFixed(3)} per member-week ${JSON.stringify(watched.alertDaysByRule)}`,
    ...lines,
    `  ${unknowable} beginnings where nothing is usual yet`,
  ].join("\n");
}

const share = ({ attacks, found }: { attacks: number; found: number }): number =>
  attacks === 0 ? 1 : found / attacks;
const percent = (one: { attacks: number; found: number }): string =>
  `${(100 * share(one)).toFixed(1)} %`;
