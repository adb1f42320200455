/** Owns how a workspace is watched, clean and under attack, with the folds of the product. */
import {
  type Newcomers,
  type UsualUse,
  noNewcomers,
  observe,
  usualOfNewcomers,
} from "../../../packages/server/src/insights/index.ts";
import { type Attack, type Reading, type UsualDay, attacksFrom, beginnings } from "./attacks.ts";
import { Draw } from "./draw.ts";
import type { HourlyUse, Population, Workspace } from "./population.ts";

/** Attacks and how many of them were found within 24 hours. */
export interface Found {
  attacks: number;
  found: number;
}

/** What the watch said of one population. */
export interface Watched {
  readonly members: number;
  /** Weeks in which a member was active. */
  readonly memberWeeks: number;
  /** Days with an alarm, by member, without an attack. */
  readonly alertDays: number;
  readonly alertDaysPerMemberWeek: number;
  /** By what the rule says first. */
  readonly alertDaysByRule: Readonly<Record<string, number>>;
  /** Where too little was known for anything to be usual. */
  readonly unknowable: number;
  readonly readings: Readonly<Record<Reading, Record<"all" | "known" | "newcomers", Found>>>;
}

/** What was known when an hour of a member began. */
interface Before {
  readonly usual: UsualUse | undefined;
  readonly newcomers: Newcomers;
}

const hoursOfDay = 24;
const daysKnownMin = 4;
/** An hour's use comes in this many parts, as calls do. */
const partsOfHour = 4;

/** Watches every workspace twice: as it was, and from each beginning of an attack on. */
export function watch({ workspaces }: Population): Watched {
  const alarms = new Map<string, string>();
  const weeks = new Set<string>();
  const readings = {
    spread: nothingFound(),
    burst: nothingFound(),
    hours: nothingFound(),
    anyDay: nothingFound(),
  };
  let unknowable = 0;
  for (const [index, workspace] of workspaces.entries()) {
    const before = watchClean(workspace, (member, hour, rule) => {
      const day = `${index} ${member} ${Math.floor(hour / hoursOfDay)}`;
      if (!alarms.has(day)) alarms.set(day, rule);
    });
    const draw = new Draw(5 + index);
    for (const [member, use] of workspace) {
      for (const hour of use.keys()) weeks.add(`${index} ${member} ${Math.floor(hour / 168)}`);
      for (const from of beginnings(use, draw)) {
        const known = before.get(`${member} ${from}`) ?? {
          usual: undefined,
          newcomers: noNewcomers,
        };
        const own = daysBefore(use, from);
        const usual = usualDay(own, known.newcomers);
        if (usual === undefined) unknowable += 1;
        else
          for (const attack of attacksFrom(use, from, usual)) {
            const isFound = isNoticed(use, attack, known);
            const group = own.length >= daysKnownMin ? "known" : "newcomers";
            for (const one of [readings[attack.reading].all, readings[attack.reading][group]]) {
              one.attacks += 1;
              one.found += Number(isFound);
            }
          }
      }
    }
  }
  const members = workspaces.reduce((sum, one) => sum + one.size, 0);
  return {
    members,
    memberWeeks: weeks.size,
    alertDays: alarms.size,
    alertDaysPerMemberWeek: alarms.size / weeks.size,
    alertDaysByRule: Object.fromEntries(
      [...Map.groupBy(alarms.values(), (rule) => rule)].map(([rule, all]) => [rule, all.length]),
    ),
    unknowable,
    readings,
  };
}

/** Keeps what was known before each hour of each member, which is what an attack then meets. */
function watchClean(
  workspace: Workspace,
  alarmed: (member: string, hour: number, rule: string) => void,
): ReadonlyMap<string, Before> {
  const states = new Map<string, UsualUse>();
  const before = new Map<string, Before>();
  let newcomers = noNewcomers;
  const all = [...workspace].flatMap(([member, use]) =>
    [...use].map(([hour, credits]) => ({ member, hour, credits })),
  );
  for (const { member, hour, credits } of all.toSorted((a, b) => a.hour - b.hour)) {
    before.set(`${member} ${hour}`, { usual: states.get(member), newcomers });
    const after = useHour({ usual: states.get(member), newcomers }, hour, credits);
    if (after.rule !== undefined) alarmed(member, hour, after.rule);
    if (after.usual !== undefined) states.set(member, after.usual);
    newcomers = after.newcomers;
  }
  return before;
}

/** Whether an alarm comes within 24 hours of the beginning. */
function isNoticed(use: HourlyUse, { from, extra }: Attack, known: Before): boolean {
  let now = known;
  for (let hour = from; hour < from + hoursOfDay; hour += 1) {
    const credits = (use.get(hour) ?? 0) + (extra.get(hour) ?? 0);
    if (credits <= 0) continue;
    const after = useHour(now, hour, credits);
    if (after.rule !== undefined) return true;
    // The rest of the workspace is as it was when the attack began.
    now = { usual: after.usual, newcomers: known.newcomers };
  }
  return false;
}

function useHour(
  known: Before,
  hour: number,
  credits: number,
): Before & { readonly rule: string | undefined } {
  let { usual, newcomers } = known;
  let rule: string | undefined;
  for (let part = 0; part < partsOfHour; part += 1) {
    const day = Math.floor(hour / hoursOfDay);
    const one = observe(usual, newcomers, { hour, day, credits: credits / partsOfHour });
    ({ usual, newcomers } = one);
    rule ??= one.finding?.rule;
  }
  return { usual, newcomers, rule };
}

/** Totals of the last 28 active days before the one of this hour, as they were. */
function daysBefore(use: HourlyUse, from: number): readonly number[] {
  const today = Math.floor(from / hoursOfDay);
  const days = new Map<number, number>();
  for (const [hour, credits] of use) {
    const day = Math.floor(hour / hoursOfDay);
    if (day < today) days.set(day, (days.get(day) ?? 0) + credits);
  }
  return [...days.values()].slice(-28);
}

/** T1 of `attacks.ts`. */
function usualDay(own: readonly number[], newcomers: Newcomers): UsualDay | undefined {
  if (own.length >= daysKnownMin)
    return { mean: own.reduce((sum, one) => sum + one, 0) / own.length, median: medianOf(own) };
  const mean = usualOfNewcomers(newcomers);
  return mean === undefined ? undefined : { mean, median: medianOf(newcomers.days) };
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const nothingFound = () => ({
  all: { attacks: 0, found: 0 },
  known: { attacks: 0, found: 0 },
  newcomers: { attacks: 0, found: 0 },
});
