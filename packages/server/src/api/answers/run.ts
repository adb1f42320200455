/** Owns how runs are told. */
import { type Run, printCredits, printDuration, printInstant } from "@cistern/contract";
import {
  type Run as KernelRun,
  type Position,
  type RunBounds,
  type RunStatus,
  beyond,
} from "@cistern/kernel";

/** A run as an event left it: of itself alone, whatever has become of the runs around it. */
export function runEventBody(run: KernelRun, at: Position): Run {
  const by = { run: run.id };
  if (run.status !== "open") return runBody(run, { status: run.status, by }, at);
  return run.pausedBy === null
    ? runBody(run, { status: "open" }, at)
    : runBody(run, { status: "paused", by: { ...by, bound: run.pausedBy } }, at);
}

/** A run as it stands. */
export function runBody(run: KernelRun, told: RunStatus, at: Position): Run {
  const [parent] = run.ancestors;
  const { limit } = run.bounds;
  return {
    id: run.id,
    member: run.member,
    ...(parent === undefined ? {} : { parent }),
    status: told.status,
    ...("by" in told ? { because: told.by } : {}),
    ...boundsBody(run.bounds),
    idle: printDuration(run.idleMs),
    used: printCredits(run.used),
    ...(limit === null ? {} : { remaining: printCredits(beyond(limit, run.used)) }),
    steps: run.steps,
    toolCalls: run.toolCalls,
    openHolds: run.holds,
    openRuns: run.children,
    openedAt: printInstant(run.openedAt),
    ...(run.endedAt === null ? {} : { endedAt: printInstant(run.endedAt) }),
    at,
  };
}

function boundsBody({ limit, maxSteps, maxToolCalls, maxSameAction, deadline }: RunBounds) {
  return {
    ...(limit === null ? {} : { limit: printCredits(limit) }),
    ...(maxSteps === null ? {} : { maxSteps }),
    ...(maxToolCalls === null ? {} : { maxToolCalls }),
    ...(maxSameAction === null ? {} : { maxSameAction }),
    ...(deadline === null ? {} : { deadline: printInstant(deadline) }),
  };
}
