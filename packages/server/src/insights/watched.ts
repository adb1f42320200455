/** Owns what is kept of a watched workspace: one row for all of it, and one for each spender. */
import type { AlertRule, Member } from "@cistern/kernel";
import type { DayCounts } from "./arrivals.ts";
import { type Outlook, noOutlook } from "./forecast.ts";
import { type KeyHabits, noHabits } from "./key-habits.ts";
import { type Newcomers, noNewcomers } from "./newcomers.ts";
import { type PoolUse, emptyPool } from "./pool-use.ts";
import type { UsualUse } from "./unusual-use.ts";

/** The workspace as a whole. */
export interface WatchedWorkspace {
  readonly id: string;
  readonly timeZone: string;
  readonly rules: readonly AlertRule[];
  readonly pool: PoolUse;
  readonly outlook: Outlook;
  /** Use of all together; null before the first. */
  readonly usual: UsualUse | null;
  readonly newcomers: Newcomers;
  /** Members that were active today, and on active days before, at most 28. */
  readonly activeToday: { readonly day: number; readonly count: number };
  readonly activeOfDays: readonly number[];
  readonly joins: DayCounts;
  readonly shortLived: DayCounts;
  /** The last day on which something was told that is told once a day. */
  readonly toldOn: Readonly<Record<string, number>>;
}

/** One spender. */
export interface Spender {
  readonly kind: Member["kind"];
  readonly usual: UsualUse | null;
  readonly habits: KeyHabits;
  /** Those that act for it, by the day of their first use. */
  readonly sponsored: DayCounts;
  /** How far it may go above its share, in thousandths: as somebody set it, or as it was before an alert lowered it. */
  readonly reach: number;
  /** Whether an alert lowered it: it is to be, or it is. */
  readonly lowered: "no" | "asked" | "done";
  /** The last day on which strange signs were told, and how many. */
  readonly signsTold: { readonly day: number; readonly count: number };
}

/** A workspace before its first event. */
export const unwatched: WatchedWorkspace = {
  id: "",
  timeZone: "UTC",
  rules: [],
  pool: emptyPool,
  outlook: noOutlook,
  usual: null,
  newcomers: noNewcomers,
  activeToday: { day: -1, count: 0 },
  activeOfDays: [],
  joins: [],
  shortLived: [],
  toldOn: {},
};

/** A spender before its first use. */
export const unknownSpender: Spender = {
  kind: "person",
  usual: null,
  habits: noHabits,
  sponsored: [],
  reach: 1_000,
  lowered: "no",
  signsTold: { day: 0, count: 0 },
};
