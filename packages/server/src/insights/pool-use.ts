/**
 * Owns how much of a pool is used, for thresholds.
 *
 * P1 the measure is the most that the pool had since its last renewal, or since a top-up that at least doubled what was left; what
 * is neither available nor held is used. P2 a threshold is crossed once. A renewal arms all anew, a top-up those that the pool
 * is below again. P3 of several that one event crosses the highest is told.
 */
import { type AlertRule, type Credits, type Event, type Position, credits } from "@cistern/kernel";
import type { Crossing } from "./crossing.ts";

/** The pool as far as thresholds go: credits that no restriction binds. */
export interface PoolUse {
  readonly most: bigint;
  readonly left: bigint;
  /** The event that armed thresholds last. */
  readonly armedBy: string;
  /** The highest threshold that was told since, by rule. */
  readonly told: Readonly<Record<string, number>>;
}

/** Before the first credits. */
export const emptyPool: PoolUse = { most: 0n, left: 0n, armedBy: "", told: {} };

const topUps: ReadonlySet<Event["kind"]> = new Set([
  "credits.granted",
  "credits.effective",
  "top_up.succeeded",
]);
const renewals: ReadonlySet<Event["kind"]> = new Set([
  "subscription.started",
  "subscription.renewed",
  "subscription.granted",
  "subscription.resumed",
]);

/** The pool after an event. */
export function poolAfter(pool: PoolUse, event: Event, { seq, index }: Position): PoolUse {
  if (!("balance" in event)) return pool;
  const left = event.balance.available + event.balance.held;
  const armedBy = `${seq}.${index}`;
  if (renewals.has(event.kind)) return { most: left, left, armedBy, told: {} };
  if (!topUps.has(event.kind) || left <= pool.left) return { ...pool, left };
  const isNew = left >= 2n * pool.left;
  const most = isNew || left > pool.most ? left : pool.most;
  // Those that it is past still were told, with the highest.
  const used = Number(((most - left) * 100n) / most);
  const told = Object.entries(pool.told).map(
    ([rule, percent]) => [rule, percent < used ? percent : used] as const,
  );
  return { most, left, armedBy, told: Object.fromEntries(told) };
}

/** Thresholds of these rules that the pool is past and that were not told; and the pool with them told. */
export function poolCrossings(
  pool: PoolUse,
  rules: readonly AlertRule[],
  workspaceId: string,
): { readonly pool: PoolUse; readonly crossings: readonly Crossing[] } {
  const crossings: Crossing[] = [];
  for (const { id: rule, watch } of rules) {
    if (watch.kind !== "pool") continue;
    const percent = highestPast(watch.percents, (one) => isPast(pool, one));
    if (percent === undefined || percent <= (pool.told[rule] ?? 0)) continue;
    const used: Credits = credits(pool.most - pool.left);
    crossings.push({
      rule,
      key: `${rule}:pool:${pool.armedBy}:${percent}`,
      subject: { kind: "workspace", id: workspaceId },
      finding: { kind: "threshold", percent, used, of: credits(pool.most), limit: null },
      grade: "notify",
    });
  }
  if (crossings.length === 0) return { pool, crossings };
  const told = { ...pool.told };
  for (const { rule, finding } of crossings)
    if (finding.kind === "threshold") told[rule] = finding.percent;
  return { pool: { ...pool, told }, crossings };
}

/** The highest percent that is past. */
export const highestPast = (
  percents: readonly number[],
  isReached: (percent: number) => boolean,
): number | undefined => percents.toSorted((a, b) => b - a).find(isReached);

const isPast = ({ most, left }: Pick<PoolUse, "most" | "left">, percent: number): boolean =>
  most > 0n && (most - left) * 100n >= BigInt(percent) * most;
