/**
 * Owns whether the bounds of runs let a call through: each run from near to far, and in it steps, calls of tools, the action,
 * then credits (RULES 2).
 *
 * R6 an approved call passes every run around it: a child may be promised more than its parent has left, and never gets it.
 */
import { type Credits, beyond, noCredits } from "../amount.ts";
import type { Rejection } from "../rejections.ts";
import { timesOf } from "./counting.ts";
import type { Run } from "./run.ts";
import type { RunSlice } from "./slice.ts";

/** What is asked of runs. An extension asks for credits alone. */
export interface RunAsk {
  readonly credits: Credits;
  /** Left out of an extension. */
  readonly step?: { readonly isToolCall: boolean; readonly action: string | null };
}

/** Why the bounds of these runs, near ones first, refuse; undefined: they do not. */
export function boundReached(
  slice: RunSlice,
  path: readonly Run[],
  ask: RunAsk,
): Rejection | undefined {
  for (const [index, run] of path.entries()) {
    const rejection =
      stepsReached(run, ask) ??
      (index === 0 ? loopOf(slice, run, ask) : undefined) ??
      creditsReached(run, ask.credits);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}

function stepsReached(run: Run, { step }: RunAsk): Rejection | undefined {
  if (step === undefined) return undefined;
  const { maxSteps, maxToolCalls } = run.bounds;
  if (maxSteps !== null && run.steps >= maxSteps)
    return stepBound(run, "maxSteps", run.steps, maxSteps);
  return step.isToolCall && maxToolCalls !== null && run.toolCalls >= maxToolCalls
    ? stepBound(run, "maxToolCalls", run.toolCalls, maxToolCalls)
    : undefined;
}

const stepBound = (
  run: Run,
  bound: "maxSteps" | "maxToolCalls",
  used: number,
  most: number,
): Rejection => ({
  code: "run_limit_reached",
  run: run.id,
  bound,
  requested: 1n,
  available: 0n,
  used: BigInt(used),
  most: BigInt(most),
});

/** The action was approved as often as it may be. */
function loopOf(slice: RunSlice, run: Run, { step }: RunAsk): Rejection | undefined {
  const { maxSameAction } = run.bounds;
  const action = step?.action ?? null;
  if (action === null || maxSameAction === null) return undefined;
  const times = timesOf(slice, run, action);
  return times >= maxSameAction ? { code: "runaway_loop", run: run.id, action, times } : undefined;
}

function creditsReached(run: Run, requested: Credits): Rejection | undefined {
  const { limit } = run.bounds;
  if (limit === null) return undefined;
  const available = beyond(limit, run.used);
  if (requested <= available || requested === noCredits) return undefined;
  return {
    code: "run_limit_reached",
    run: run.id,
    bound: "limit",
    requested,
    available,
    used: run.used,
    most: limit,
  };
}
