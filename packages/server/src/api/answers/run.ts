/** Owns how runs are told. */
import { type Run, printCredits, printDuration, printInstant } from "@cistern/contract";
import {
  type Credits,
  type HoldExtended,
  type HoldOpened,
  type Run as KernelRun,
  type Position,
  type RunBounds,
  type RunStatus,
  beyond,
  setAside,
} from "@cistern/kernel";

/** A run as an event left it: of itself alone, whatever has become of the runs around it; and what it has prepaid, where the event says. */
export function runEventBody(run: KernelRun, at: Position, left?: Credits): Run {
  const by = { run: run.id };
  if (run.status !== "open") return runBody(run, { status: run.status, by }, { at, left });
  return run.pausedBy === null
    ? runBody(run, { status: "open" }, { at, left })
    : runBody(run, { status: "paused", by: { ...by, bound: run.pausedBy } }, { at, left });
}

/** What a run is told by that is opened, or raised, with its purse. */
export const openedRunBody = (event: HoldOpened, run: KernelRun, at: Position): Run =>
  runEventBody(run, at, event.credits);

/** The same of one that is raised. */
export const raisedRunBody = (event: HoldExtended, run: KernelRun, at: Position): Run =>
  runEventBody(run, at, setAside(event.whole));

/** A run as it stands. */
export function runBody(
  run: KernelRun,
  told: RunStatus,
  { at, left }: { readonly at: Position; readonly left: Credits | undefined },
): Run {
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
    ...(run.purse === undefined || left === undefined
      ? {}
      : { prepaid: { hold: run.purse, left: printCredits(left) } }),
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
