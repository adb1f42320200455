/**
 * Owns the runs of one workspace: open ones until they end, ended ones while calls in them may still change what they used.
 *
 * R1 a run that has ended rests here for `runKeptForMs` after it was last touched, and at most `runsKeptMax` of them do; one
 * with open holds or open children stays. R2 of each run at most `actionsKept` actions are remembered: one more takes the
 * place of the oldest. Both are bounded, whatever callers do.
 */
import { DueQueue } from "../state/due-queue.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { Run } from "./run.ts";

/** A run and the runs around it are at most so many. */
export const runDepthMax = 8;
/** Open runs of one workspace at most. */
export const openRunsMax = 10_000;
/** A run that nobody uses lives at most this long. */
export const runIdleMaxMs: number = 30 * 24 * 60 * 60 * 1_000;
/** How long a run that has ended stays in memory. */
export const runKeptForMs: number = 7 * 24 * 60 * 60 * 1_000;
/** More runs that have ended than this leave before that, those longest untouched first. */
export const runsKeptMax = 10_000;
/** Actions that are remembered of a run. */
export const actionsKept = 256;

/** An action of a run, and how often it was approved. */
export interface RunAction {
  readonly run: string;
  readonly action: string;
  readonly times: number;
  readonly slot: number;
}

/** Runs of one workspace. */
export interface RunSlice {
  readonly runs: Table<Run>;
  readonly actions: Table<RunAction>;
  /** By run and slot, the action that stands there. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<number, string>>;
  readonly idling: DueQueue;
  readonly resting: DueQueue;
  readonly totals: { open: number; resting: number };
}

/** An empty slice. */
export function runSlice(undo: UndoLog): RunSlice {
  const runs = new Table<Run>("runs", undo, isRun);
  const actions = new Table<RunAction>("runActions", undo, isAction);
  const idling = new DueQueue((id, dueAt) => idleAt(runs.get(id)) === dueAt);
  const resting = new DueQueue((id, dueAt) => restsSince(runs.get(id)) === dueAt);
  const totals = { open: 0, resting: 0 };
  runs.watch((id, before, after) => {
    totals.open += Number(after?.status === "open") - Number(before?.status === "open");
    totals.resting +=
      Number(restsSince(after) !== undefined) - Number(restsSince(before) !== undefined);
    idling.change(id, idleAt(before), idleAt(after));
    resting.change(id, restsSince(before), restsSince(after));
  });
  const slots = new Map<string, Map<number, string>>();
  actions.watch((_key, before, after) => {
    if (before !== undefined) leaveSlot(slots, before);
    if (after !== undefined) takeSlot(slots, after);
  });
  return { runs, actions, slots, idling, resting, totals };
}

/** Where an action of a run stands: ids have no `|`. */
export const actionKey = (run: string, action: string): string => `${run}|${action}`;

/** When it expires, if nothing happens in it; undefined while something is open in it. */
function idleAt(run: Run | undefined): number | undefined {
  if (run === undefined || run.status !== "open" || isBusy(run)) return undefined;
  return run.touchedAt + run.idleMs;
}

const restsSince = (run: Run | undefined): number | undefined =>
  run === undefined || run.status === "open" || isBusy(run) ? undefined : run.touchedAt;

const isBusy = ({ holds, children }: Run): boolean => holds > 0 || children > 0;

function takeSlot(slots: Map<string, Map<number, string>>, { run, slot, action }: RunAction): void {
  const own = slots.get(run) ?? new Map<number, string>();
  slots.set(run, own.set(slot, action));
}

/** Undo may have put another there before. */
function leaveSlot(
  slots: Map<string, Map<number, string>>,
  { run, slot, action }: RunAction,
): void {
  const own = slots.get(run);
  if (own?.get(slot) !== action) return;
  own.delete(slot);
  if (own.size === 0) slots.delete(run);
}

const isRun = (value: unknown): value is Run =>
  typeof value === "object" && value !== null && "bounds" in value;
const isAction = (value: unknown): value is RunAction =>
  typeof value === "object" && value !== null && "slot" in value;
