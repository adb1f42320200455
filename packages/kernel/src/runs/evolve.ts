/** Owns what events do to runs: those of their own, and what calls count in them. */
import { credits } from "../amount.ts";
import { assert } from "../bug.ts";
import type { Instant } from "../instant.ts";
import type { RunClosed, RunOpened, RunPaused, RunRaised, RunsExpired } from "./events.ts";
import type { ActionCount, Run, RunCount } from "./run.ts";
import { type RunSlice, actionKey, runKeptForMs, runsKeptMax } from "./slice.ts";

type RunEvent = RunOpened | RunRaised | RunPaused | RunClosed | RunsExpired;

/** Carries out what became of runs themselves. */
export function applyToRuns(slice: RunSlice, event: RunEvent): void {
  switch (event.kind) {
    case "run.opened":
      return openRun(slice, event.run, event.at);
    case "run.raised":
      return raiseRun(slice, event, event.at);
    case "run.paused":
      slice.runs.set(event.run.id, event.run);
      break;
    case "run.closed":
      end(slice, event.run);
      break;
    case "run.expired":
      for (const run of event.runs) end(slice, run);
      break;
  }
  forgetRuns(slice, event.at);
}

/** A run is there; what was prepaid opens with its purse. */
export function openRun(slice: RunSlice, run: Run, at: Instant): void {
  changeChildren(slice, run, 1);
  slice.runs.set(run.id, run);
  forgetRuns(slice, at);
}

/** A run with higher bounds, or without its pause. */
export function raiseRun(
  slice: RunSlice,
  { run, restarts }: { readonly run: Run; readonly restarts: boolean },
  at: Instant,
): void {
  if (restarts) forgetActions(slice, run.id);
  slice.runs.set(run.id, run);
  forgetRuns(slice, at);
}

/** What a call counts, in every run around it at once. */
export function countInRuns(
  slice: RunSlice,
  counts: readonly RunCount[] = none,
  at: Instant,
): void {
  for (const count of counts) {
    const before = slice.runs.get(count.run);
    assert(before !== undefined, "R3 what is counted is counted in a run that is there");
    const after = counted(before, count, at);
    assert(after.used >= 0n && after.holds >= 0, `R3 run ${count.run} gives back what it counted`);
    slice.runs.replace(count.run, before, after);
  }
  if (counts.length > 0) forgetRuns(slice, at);
}

const none: readonly RunCount[] = [];

/** An action once more; what stood in its place is forgotten. */
export function countAction(
  slice: RunSlice,
  run: string | undefined,
  { action, times, slot }: ActionCount,
): void {
  assert(run !== undefined, "R2 an action is counted in the run that does it");
  const oldest = slice.slots.get(run)?.get(slot);
  if (oldest !== undefined && oldest !== action)
    slice.actions.set(actionKey(run, oldest), undefined);
  slice.actions.set(actionKey(run, action), { run, action, times, slot });
  const before = slice.runs.get(run);
  if (times === 1 && before !== undefined)
    slice.runs.replace(run, before, { ...before, actions: before.actions + 1 });
}

const counted = (run: Run, count: RunCount, at: Instant): Run => ({
  ...run,
  used: credits(run.used + count.credits),
  steps: run.steps + count.steps,
  toolCalls: run.toolCalls + count.toolCalls,
  holds: run.holds + count.holds,
  touchedAt: at,
});

function end(slice: RunSlice, run: Run): void {
  forgetActions(slice, run.id);
  slice.runs.set(run.id, run);
  changeChildren(slice, run, -1);
}

function changeChildren({ runs }: RunSlice, run: Run, by: 1 | -1): void {
  const [parent] = run.ancestors;
  const before = parent === undefined ? undefined : runs.get(parent);
  if (before === undefined) return;
  const touchedAt = run.endedAt ?? run.openedAt;
  runs.replace(before.id, before, { ...before, children: before.children + by, touchedAt });
}

function forgetActions({ actions, slots }: RunSlice, run: string): void {
  for (const action of slots.get(run)?.values() ?? [])
    actions.set(actionKey(run, action), undefined);
}

/** Those that have ended leave memory in the order in which they were last touched; a few at each event keep pace. */
function forgetRuns({ runs, resting, totals }: RunSlice, at: Instant): void {
  for (let dropped = 0; dropped < 8; dropped += 1) {
    const first = resting.first();
    if (first === undefined) return;
    if (first.dueAt + runKeptForMs > at && totals.resting <= runsKeptMax) return;
    runs.set(first.id, undefined);
  }
}
