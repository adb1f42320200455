/** Owns the bugs in the kernel's functions that requests for more are there for. */
import { type Raise, type State, instant, instantMax } from "@cistern/kernel";
import type { Rules } from "cistern/engine";
import { changing, onlyFor, seeing, unasserted } from "./bent-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** The rules with such a bug; undefined for all others. */
export function plantInRequests(bug: PlantedBug | undefined): Rules | undefined {
  switch (bug) {
    case "raiseNeverEnds":
      return unasserted({ decide: onlyFor("openHold", seeing(withRaisesForEver)) });
    case "lentForEver":
      return unasserted({
        decide: changing((event) =>
          event.kind === "hold.opened"
            ? { ...event, counts: event.counts.map(({ lent: _lent, ...one }) => one) }
            : event,
        ),
      });
    default:
      return undefined;
  }
}

function withRaisesForEver(state: State): State {
  const raised = new Map(
    [...state.limits.raised].map(([key, raises]) => [key, raises.map(unending)]),
  );
  return { ...state, limits: { ...state.limits, raised } };
}

const unending = (raise: Raise): Raise =>
  raise.kind === "standing" ? raise : { ...raise, at: raise.until, until: instant(instantMax) };
