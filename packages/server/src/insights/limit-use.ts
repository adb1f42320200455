/**
 * Owns how much of caps is used, for thresholds of groups, members and the workspace's own caps.
 *
 * L1 a threshold is crossed once in a window; a rolling one arms anew when its use is below every threshold again. L2 of several that are
 * past the highest is told.
 */
import {
  type AlertRule,
  type AlertSubject,
  type Calendar,
  type Credits,
  type Event,
  type Instant,
  type State,
  isCounting,
  scopeOf,
  viewCap,
  workspaceOf,
} from "@cistern/kernel";
import type { Crossing } from "./crossing.ts";
import { highestPast } from "./pool-use.ts";

/** The use of one cap, or of one run, as it stands. */
export interface CapUse {
  /** Its counter; of a run its id, after `run `, which no counter has. */
  readonly counter: string;
  readonly scope: AlertSubject;
  /** null of a run, whose limit is its own. */
  readonly limit: string | null;
  readonly used: Credits;
  readonly cap: Credits;
  /** Start of its window; of a run, when it was opened; 0 of a rolling one. */
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

const runMark = "run ";

/** The counters, and the runs, that an event counts in. */
export function countersIn(event: Event): readonly string[] {
  const counting = event.kind === "hold.expired" ? event.holds : [event];
  return counting.flatMap((one) => [
    ...("counts" in one ? one.counts.map(({ counter }) => counter) : []),
    ...("runCounts" in one ? (one.runCounts ?? []).map(({ run }) => `${runMark}${run}`) : []),
  ]);
}

/** The use of these now; those that are over, or have no bound, are left out. */
export function capsOf(
  state: State,
  at: Instant,
  counters: Iterable<string>,
  calendar: Calendar,
): readonly CapUse[] {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return [];
  const ground = { calendar, timeZone: workspace.timeZone, pool: state.pool };
  return [...counters].flatMap((key): CapUse[] => {
    if (key.startsWith(runMark)) return runUse(state, key);
    const counter = state.limits.counters.get(key);
    const limit = counter === undefined ? undefined : state.limits.limits.get(counter.limit);
    if (limit === undefined || !isCounting(limit.rule)) return [];
    const { used, cap, window } = viewCap(state.limits, key, limit.rule, at, ground);
    const { kind, id } = scopeOf(limit, key, workspace.id);
    const start = limit.rule.window.kind === "rolling" ? 0 : window.start;
    return [{ counter: key, scope: { kind, id }, limit: limit.id, used, cap, window: start }];
  });
}

function runUse(state: State, key: string): CapUse[] {
  const run = state.runs.runs.get(key.slice(runMark.length));
  const cap = run?.bounds.limit ?? null;
  if (run === undefined || cap === null) return [];
  const { id, used, openedAt: window } = run;
  return [{ counter: key, scope: { kind: "run", id }, limit: null, used, cap, window }];
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
function percentsFor({ watch }: AlertRule, scope: AlertSubject): readonly number[] {
  if (watch.kind === "pool") return scope.kind === "workspace" ? watch.percents : [];
  if (watch.kind === "forecast" || watch.kind === "unusual" || watch.kind !== scope.kind) return [];
  return watch.id === null || watch.id === scope.id ? watch.percents : [];
}

const isPast = ({ used, cap }: CapUse, percent: number): boolean =>
  cap > 0n && used * 100n >= BigInt(percent) * cap;
