/**
 * Owns whether a pool will end before its period does.
 *
 * F1 the pace is the mean of the last seven whole days without the highest and the lowest of them; of three or four days it is their
 * median; of fewer there is none. F2 the pool ends at `at + left / pace`; told is what ends at least a day before the period.
 * F3 it is looked at with the first use of each hour, and told once in a period until a top-up or a renewal. F4 the period is that over
 * which the pool is shared (RULES 30), whether or not it is: the window of the plan's credits, else the sharing period, else until the last
 * expiry of what was granted, else the calendar month.
 */
import {
  type AlertRule,
  type Event,
  type Instant,
  type Subscription,
  credits,
  instant,
} from "@cistern/kernel";
import type { Crossing } from "./crossing.ts";
import type { PoolUse } from "./pool-use.ts";
import { quantile } from "./quantile.ts";

/** What was spent of late, and until when it has to last. */
export interface Outlook {
  readonly day: number;
  readonly today: bigint;
  /** Whole days before, the oldest first: at most seven, idle ones too. */
  readonly days: readonly bigint[];
  readonly hour: number;
  /** F4: the ends that are known, whether or not they have come. */
  readonly ends: PeriodEnds;
  /** What armed the pool when it was told last, and of which period, by rule. */
  readonly told: Readonly<Record<string, string>>;
}

interface PeriodEnds {
  readonly plan: number | null;
  readonly sharing: number | null;
  readonly expiry: number | null;
}

/** Before the first use. */
export const noOutlook: Outlook = {
  day: -1,
  today: 0n,
  days: [],
  hour: -1,
  ends: { plan: null, sharing: null, expiry: null },
  told: {},
};

const daysKept = 7;
const daysKnownMin = 3;
const daysTrimmedMin = 5;
const dayMs = 24 * 60 * 60 * 1_000;

/** What an event says of when credits have to last until. */
export function withPeriod(outlook: Outlook, event: Event): Outlook {
  const ends = endsAfter(outlook.ends, event);
  return ends === outlook.ends ? outlook : { ...outlook, ends };
}

function endsAfter(before: PeriodEnds, event: Event): PeriodEnds {
  let ends = before;
  if ("subscription" in event) ends = { ...ends, plan: windowEnd(event.subscription, event.at) };
  if (event.kind === "workspace.updated" && event.workspace.fairness?.preset === "off")
    ends = { ...ends, sharing: null };
  if ("sharing" in event && event.sharing !== undefined)
    ends = { ...ends, sharing: event.sharing.end };
  if (event.kind === "credits.granted" && event.lot.expiresAt !== null)
    ends = { ...ends, expiry: Math.max(ends.expiry ?? 0, event.lot.expiresAt) };
  return ends;
}

/** Of the credits of a plan, where it has some and goes on. */
function windowEnd({ status, plan, grants, period }: Subscription, at: Instant): number | null {
  const hasCredits = plan.included !== null || plan.drawdown !== undefined;
  if (!hasCredits || status === "ended" || status === "paused") return null;
  return grants?.ends.find((end) => end > at) ?? period.end;
}

/** F4. */
const periodEnd = ({ plan, sharing, expiry }: PeriodEnds, at: Instant): number | undefined =>
  [plan, sharing, expiry].find((end) => end !== null && end > at) ?? undefined;

/** After a use of the pool. */
export function spentOn(outlook: Outlook, day: number, amount: bigint): Outlook {
  if (outlook.day < 0) return { ...outlook, day, today: amount };
  if (day <= outlook.day) return { ...outlook, today: outlook.today + amount };
  const idle = Array.from({ length: Math.min(daysKept, day - outlook.day - 1) }, () => 0n);
  const days = [...outlook.days, outlook.today, ...idle].slice(-daysKept);
  return { ...outlook, day, today: amount, days };
}

/** F1, in micro-credits a day; undefined where too little is known. */
function paceOf({ days }: Outlook): bigint | undefined {
  if (days.length < daysKnownMin) return undefined;
  const sorted = days.map(Number).toSorted((a, b) => a - b);
  const pace =
    days.length < daysTrimmedMin
      ? (quantile(sorted, 0.5) ?? 0)
      : sorted.slice(1, -1).reduce((sum, one) => sum + one, 0) / (sorted.length - 2);
  return BigInt(Math.round(pace));
}

/** F2, F3. */
export function forecastCrossings(
  outlook: Outlook,
  {
    at,
    hour,
    monthEnd,
  }: { readonly at: Instant; readonly hour: number; readonly monthEnd: () => Instant },
  pool: PoolUse,
  rules: readonly AlertRule[],
  workspaceId: string,
): { readonly outlook: Outlook; readonly crossings: readonly Crossing[] } {
  if (hour <= outlook.hour) return { outlook, crossings: [] };
  const looked = { ...outlook, hour };
  const pace = paceOf(outlook);
  if (pace === undefined || pace === 0n) return { outlook: looked, crossings: [] };
  const periodEndsAt = periodEnd(outlook.ends, at) ?? monthEnd();
  const lastsMs = Number((pool.left * BigInt(dayMs)) / pace);
  if (at + lastsMs > periodEndsAt - dayMs) return { outlook: looked, crossings: [] };
  const span = `${pool.armedBy}:${periodEndsAt}`;
  const due = rules.filter(
    ({ id, watch }) => watch.kind === "forecast" && outlook.told[id] !== span,
  );
  const finding = {
    kind: "forecast",
    left: credits(pool.left),
    pace: credits(pace),
    emptyAt: instant(at + lastsMs),
    periodEndsAt: instant(periodEndsAt),
  } as const;
  const crossings = due.map(({ id: rule }): Crossing => ({
    rule,
    key: `${rule}:forecast:${span}`,
    subject: { kind: "workspace", id: workspaceId },
    finding,
    grade: "notify",
  }));
  const told = { ...outlook.told };
  for (const { id } of due) told[id] = span;
  return { outlook: { ...looked, told }, crossings };
}
