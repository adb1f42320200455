/**
 * Owns whether a pool will end before its period does.
 *
 * F1 the pace is the mean of the last seven whole days without the highest and the lowest of them; of three or four days it is their
 * median; of fewer there is none. F2 the pool ends at `at + left / pace`; told is what ends at least a day before the period.
 * F3 it is looked at with the first use of each hour, and told once until a top-up or a renewal.
 */
import { type AlertRule, type Event, type Instant, credits, instant } from "@cistern/kernel";
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
  readonly periodEndsAt: number | null;
  /** What armed the pool when it was told last, by rule. */
  readonly told: Readonly<Record<string, string>>;
}

/** Before the first use. */
export const noOutlook: Outlook = {
  day: -1,
  today: 0n,
  days: [],
  hour: -1,
  periodEndsAt: null,
  told: {},
};

const daysKept = 7;
const daysKnownMin = 3;
const daysTrimmedMin = 5;
const dayMs = 24 * 60 * 60 * 1_000;

/** When credits have to last until: the end of the subscription's period, else the last expiry of what was granted. */
export function withPeriod(outlook: Outlook, event: Event): Outlook {
  if ("subscription" in event) {
    const { status, period } = event.subscription;
    return { ...outlook, periodEndsAt: status === "ended" ? null : period.end };
  }
  if (event.kind !== "credits.granted" || event.lot.expiresAt === null) return outlook;
  return { ...outlook, periodEndsAt: Math.max(outlook.periodEndsAt ?? 0, event.lot.expiresAt) };
}

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
  { at, hour }: { readonly at: Instant; readonly hour: number },
  pool: PoolUse,
  rules: readonly AlertRule[],
  workspaceId: string,
): { readonly outlook: Outlook; readonly crossings: readonly Crossing[] } {
  if (hour <= outlook.hour) return { outlook, crossings: [] };
  const looked = { ...outlook, hour };
  const pace = paceOf(outlook);
  const { periodEndsAt } = outlook;
  if (pace === undefined || pace === 0n || periodEndsAt === null || periodEndsAt <= at)
    return { outlook: looked, crossings: [] };
  const lastsMs = Number((pool.left * BigInt(dayMs)) / pace);
  if (at + lastsMs > periodEndsAt - dayMs) return { outlook: looked, crossings: [] };
  const due = rules.filter(
    ({ id, watch }) => watch.kind === "forecast" && outlook.told[id] !== pool.armedBy,
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
    key: `${rule}:forecast:${pool.armedBy}`,
    subject: { kind: "workspace", id: workspaceId },
    finding,
    grade: "notify",
  }));
  const told = { ...outlook.told };
  for (const { id } of due) told[id] = pool.armedBy;
  return { outlook: { ...looked, told }, crossings };
}
