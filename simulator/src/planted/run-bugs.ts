/** Owns the bugs of runs: what is counted in them, what they are asked, and when they end. */
import type { Event, Run, RunCount, State } from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";
import { changing, onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** The rules with a bug of runs; undefined: it is none of them. */
export function plantInRuns(bug: PlantedBug | undefined): Rules | undefined {
  switch (bug) {
    case "runStepGivenBack":
      return unasserted({ decide: changing(stepGivenBack) });
    case "runDebitsForgotten":
      return unasserted({ decide: changing(nearestAlone) });
    case "runLimitOfNearestAlone":
      return unasserted({ decide: onlyFor("openHold", seeing(withoutLimitsAround)) });
    case "runPauseIgnored":
      return unasserted({ decide: seeing((state) => seeingRuns(state, unpaused)) });
    case "runNeverIdles":
      return {
        ...kernelRules,
        nextDue: (state, at, calendar) => kernelRules.nextDue(neverIdle(state), at, calendar),
        nextDueAt: (state) => kernelRules.nextDueAt(neverIdle(state)),
      };
    default:
      return undefined;
  }
}

const changed = (event: Event, change: (counts: readonly RunCount[]) => readonly RunCount[]) =>
  "runCounts" in event && event.runCounts !== undefined
    ? { ...event, runCounts: change(event.runCounts) }
    : event;

const stepGivenBack = (event: Event): Event =>
  event.kind === "hold.released"
    ? changed(event, (counts) => counts.map((one) => ({ ...one, steps: -1 })))
    : event;

const nearestAlone = (event: Event): Event =>
  event.kind === "usage.debited" ? changed(event, (counts) => counts.slice(0, 1)) : event;

/** A run in which others stand has no limit any more. */
const withoutLimitsAround = (state: State): State =>
  seeingRuns(state, (run) =>
    run.children === 0 ? run : { ...run, bounds: { ...run.bounds, limit: null } },
  );

const unpaused = (run: Run): Run => ({ ...run, pausedBy: null });

function seeingRuns(state: State, seen: (run: Run) => Run): State {
  const { runs } = state.runs;
  const table = overlaid(runs, {
    get: (id: string) => {
      const run = runs.get(id);
      return run === undefined ? undefined : seen(run);
    },
  });
  return { ...state, runs: { ...state.runs, runs: table } };
}

function neverIdle(state: State): State {
  const idling = overlaid(state.runs.idling, { firstAt: () => undefined, upTo: () => [] });
  return { ...state, runs: { ...state.runs, idling } };
}
