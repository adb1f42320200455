/**
 * Owns how much of caps is used, for thresholds of groups, members and the workspace's own caps.
 *
 * L1 a threshold is crossed once in a window; a rolling one arms anew when its use is below every threshold again. L2 of several that are
 * past the highest is told.
 */
import {
  type AlertRule,
  type Credits,
  type Event,
  type Instant,
  type Scope,
  type State,
  isCounting,
  scopeOf,
  usedAt,
  workspaceOf,
} from "@cistern/kernel";
import type { Crossing } from "./crossing.ts";
import { highestPast } from "./pool-use.ts";

/** The use of one cap as it stands. */
export interface CapUse {
  readonly counter: string;
  readonly scope: Scope;
  readonly limit: string;
  readonly used: Credits;
  readonly cap: Credits;
  /** Start of its window; 0 of a rolling one. */
  readonly window: number;
}

/** What was told of one cap. */
export interface CapTold {
  readonly window: number;
  /** How often it was armed anew in this window. */
  readonly armed: number;
  /** The highest threshold that was told, by rule. */
  readonly told: Readonly<Record<string, number>>;
}

/** The counters that an event counts in. */
export function countersIn(event: Event): readonly string[] {
  if (event.kind === "hold.expired")
    return event.holds.flatMap((one) => one.counts.map(({ counter }) => counter));
  return "counts" in event ? event.counts.map(({ counter }) => counter) : [];
}

/** The use of these counters now; those whose limit or window is over are left out. */
export function capsOf(state: State, at: Instant, counters: Iterable<string>): readonly CapUse[] {
  const workspaceId = workspaceOf(state)?.id ?? "";
  return [...counters].flatMap((key): CapUse[] => {
    const counter = state.limits.counters.get(key);
    const limit = counter === undefined ? undefined : state.limits.limits.get(counter.limit);
    if (counter === undefined || limit === undefined || !isCounting(limit.rule)) return [];
    if (at >= counter.end) return [];
    const { window } = limit.rule;
    return [
      {
        counter: key,
        scope: scopeOf(limit, key, workspaceId),
        limit: limit.id,
        used: usedAt(counter, window, counter, at),
        cap: limit.rule.credits,
        window: window.kind === "rolling" ? 0 : counter.start,
      },
    ];
  });
}

/** Thresholds of these rules that a cap is past and that were not told of it, and what was told of it with them. */
export function capCrossings(
  before: CapTold | undefined,
  use: CapUse,
  rules: readonly AlertRule[],
): { readonly told: CapTold; readonly crossings: readonly Crossing[] } {
  const crossings: Crossing[] = [];
  const kept = toldInWindow(before, use, rules);
  const told: Record<string, number> = { ...kept.told };
  for (const rule of rules) {
    const percents = percentsFor(rule, use.scope);
    const percent = highestPast(percents, (one) => isPast(use, one));
    if (percent === undefined || percent <= (kept.told[rule.id] ?? 0)) continue;
    told[rule.id] = percent;
    crossings.push({
      rule: rule.id,
      key: `${rule.id}:${use.counter}:${use.window}:${kept.armed}:${percent}`,
      subject: { kind: use.scope.kind, id: use.scope.id },
      finding: { kind: "threshold", percent, used: use.used, of: use.cap, limit: use.limit },
      grade: "notify",
    });
  }
  return { told: { ...kept, told }, crossings };
}

/** L1. */
function toldInWindow(
  before: CapTold | undefined,
  use: CapUse,
  rules: readonly AlertRule[],
): CapTold {
  if (before?.window !== use.window) return { window: use.window, armed: 0, told: {} };
  const isBelowAll = rules.every((rule) =>
    percentsFor(rule, use.scope).every((one) => !isPast(use, one)),
  );
  if (use.window !== 0 || !isBelowAll || Object.keys(before.told).length === 0) return before;
  return { window: 0, armed: before.armed + 1, told: {} };
}

/** Caps of the workspace itself are a matter of the pool's rules. */
function percentsFor({ watch }: AlertRule, scope: Scope): readonly number[] {
  if (watch.kind === "pool") return scope.kind === "workspace" ? watch.percents : [];
  if (watch.kind === "forecast" || watch.kind === "unusual" || watch.kind !== scope.kind) return [];
  return watch.id === null || watch.id === scope.id ? watch.percents : [];
}

const isPast = ({ used, cap }: CapUse, percent: number): boolean =>
  cap > 0n && used * 100n >= BigInt(percent) * cap;
