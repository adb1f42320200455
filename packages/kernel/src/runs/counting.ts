/**
 * Owns what calls count in runs.
 *
 * R4 a call counts in its run and in every run around it by one event. R5 steps and calls of tools are counted when they are
 * approved and never given back, so that no way in which a call ends gives one back; credits follow the call, as in caps (N1).
 */
import { type Credits, plus } from "../amount.ts";
import { countable } from "../holds/counted.ts";
import type { Hold } from "../holds/hold.ts";
import type { ActionCount, Run, RunCount, RunRef } from "./run.ts";
import { type RunSlice, actionKey, actionsKept } from "./slice.ts";

/** What a call says of itself to its run. */
export interface RunStep {
  readonly isToolCall: boolean;
  readonly action: string | null;
}

/** How an opened hold tells of its runs. */
export interface HoldRuns {
  /** Near ones first; the first is the one that the caller named. */
  readonly runs: readonly RunRef[];
  readonly runCounts: readonly RunCount[];
  /** Left out where the call does not say what it does, or nobody counts that. */
  readonly action?: ActionCount;
}

/** What a call that begins counts: a step, its credits, and what it does. Nothing where it is in no run. */
export function beginIn(
  slice: RunSlice,
  path: readonly Run[],
  { credits, isOpen, step }: { credits: Credits; isOpen: boolean; step: RunStep },
): Partial<HoldRuns> {
  const [own] = path;
  if (own === undefined) return {};
  const toolCalls = Number(step.isToolCall);
  const holds = Number(isOpen);
  return {
    runs: path.map(({ id, openedAt }) => ({ id, openedAt })),
    runCounts: path.map(({ id: run }) => ({ run, credits, steps: 1, toolCalls, holds })),
    ...actionPart(slice, own, step.action),
  };
}

function actionPart(
  slice: RunSlice,
  run: Run,
  action: string | null,
): Pick<Partial<HoldRuns>, "action"> {
  if (action === null || run.bounds.maxSameAction === null) return {};
  const known = slice.actions.get(actionKey(run.id, action));
  const slot = known?.slot ?? run.actions % actionsKept;
  return { action: { action, times: timesOf(slice, run, action) + 1, slot } };
}

/** How often an action was approved, as far as the run remembers. */
export const timesOf = (slice: RunSlice, run: Run, action: string): number =>
  slice.actions.get(actionKey(run.id, action))?.times ?? 0;

/** What becomes of a call, for its runs; left out where it is in none, or none that memory still has. */
export function goOnIn(
  slice: RunSlice,
  hold: Hold,
  after: {
    readonly status: Hold["status"];
    readonly target: Credits;
  },
): Pick<Partial<HoldRuns>, "runCounts"> {
  const refs = hold.runs ?? none;
  if (refs.length === 0) return {};
  const before = countable(hold.status, hold, hold);
  const credits = after.target - before;
  const holds = Number(after.status === "open") - Number(hold.status === "open");
  const known = refs.filter(({ id, openedAt }) => slice.runs.get(id)?.openedAt === openedAt);
  if (known.length === 0 || (credits === 0n && holds === 0)) return {};
  return {
    runCounts: known.map(({ id: run }) => ({ run, credits, steps: 0, toolCalls: 0, holds })),
  };
}

/** More was approved for a call that is open. */
export const extendIn = (
  slice: RunSlice,
  hold: Hold,
  more: Credits,
): Pick<Partial<HoldRuns>, "runCounts"> =>
  goOnIn(slice, hold, { status: "open", target: plus(countable(hold.status, hold, hold), more) });

const none: readonly RunRef[] = [];
