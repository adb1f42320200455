/**
 * Owns what looks like a key in strange hands: a network or models never used before, far more calls at once, use around the clock.
 *
 * H1 nothing is strange before four active days are known. H2 a network (the hold's attribute `network`) and a model are strange with
 * half a mean active day on them in one day, and known from the day after. H3 calls at once are strange above three times what nine of ten
 * days come to, and above eight. H4 the clock is strange at 20 active hours of 24, where nine of ten days have at most 12.
 */
import type { UnusualSign } from "@cistern/kernel";
import { quantile } from "./quantile.ts";

/** Habits of one spender, in constant room. */
export interface KeyHabits {
  /** The day that it counts: calls and uses of a later one close it. */
  readonly day: number;
  readonly networks: readonly string[];
  readonly models: readonly string[];
  /** Names that are new today, with the credits on all of them. */
  readonly newNetworks: Strange;
  readonly newModels: Strange;
  readonly open: number;
  readonly openPeak: number;
  readonly openPeaks: readonly number[];
  readonly hoursOfDays: readonly number[];
}

interface Strange {
  readonly names: readonly string[];
  readonly credits: number;
}

/** Before anything is known. */
export const noHabits: KeyHabits = {
  day: -1,
  networks: [],
  models: [],
  newNetworks: { names: [], credits: 0 },
  newModels: { names: [], credits: 0 },
  open: 0,
  openPeak: 0,
  openPeaks: [],
  hoursOfDays: [],
};

const namesKept = 16;
const daysKept = 28;
const daysKnownMin = 4;
const strangeShare = 0.5;
const openFactor = 3;
const openMin = 8;
const clockHours = 20;
const restfulHours = 12;
const heavyShare = 0.9;

/** After a call began. */
export function callBegan(habits: KeyHabits): KeyHabits {
  const open = habits.open + 1;
  return { ...habits, open, openPeak: Math.max(open, habits.openPeak) };
}

/** After one is over. */
export const callEnded = (habits: KeyHabits): KeyHabits => ({
  ...habits,
  open: Math.max(0, habits.open - 1),
});

/** After a use. */
export function usedBy(
  habits: KeyHabits,
  use: { readonly network: string | null; readonly model: string | null; readonly credits: number },
): KeyHabits {
  return {
    ...habits,
    newNetworks: strangeWith(habits.newNetworks, habits.networks, use.network, use.credits),
    newModels: strangeWith(habits.newModels, habits.models, use.model, use.credits),
  };
}

/** On another day, after one with use: what was new is known (H2). */
export function dayLearned(habits: KeyHabits, day: number, activeHours: number): KeyHabits {
  const { networks, models, newNetworks, newModels, openPeaks, openPeak, hoursOfDays } = habits;
  return {
    ...habits,
    day,
    networks: [...networks, ...newNetworks.names].slice(-namesKept),
    models: [...models, ...newModels.names].slice(-namesKept),
    newNetworks: { names: [], credits: 0 },
    newModels: { names: [], credits: 0 },
    openPeak: habits.open,
    openPeaks: [...openPeaks, openPeak].slice(-daysKept),
    hoursOfDays: [...hoursOfDays, activeHours].slice(-daysKept),
  };
}

/** What is strange now; `meanDay` and `activeHours` (of the last 24) are the spender's. */
export function signsOf(
  habits: KeyHabits,
  { meanDay, activeHours }: { readonly meanDay: number; readonly activeHours: number },
): readonly UnusualSign[] {
  const signs: UnusualSign[] = [];
  const { networks, models, newNetworks, newModels, openPeaks, hoursOfDays } = habits;
  if (hoursOfDays.length < daysKnownMin) return signs;
  const matters = strangeShare * meanDay;
  if (networks.length > 0 && newNetworks.credits >= matters && newNetworks.names.length > 0)
    signs.push("network");
  const usualOpen = quantile(openPeaks, heavyShare) ?? 0;
  if (habits.openPeak > Math.max(openMin, openFactor * usualOpen)) signs.push("concurrency");
  if (models.length > 0 && newModels.credits >= matters && newModels.names.length > 0)
    signs.push("model");
  const usualHours = quantile(hoursOfDays, heavyShare) ?? 0;
  if (activeHours >= clockHours && usualHours <= restfulHours) signs.push("round_the_clock");
  return signs;
}

function strangeWith(
  strange: Strange,
  known: readonly string[],
  name: string | null,
  credits: number,
): Strange {
  if (name === null || known.includes(name)) return strange;
  const names = strange.names.includes(name)
    ? strange.names
    : [...strange.names, name].slice(-namesKept);
  return { names, credits: strange.credits + credits };
}
