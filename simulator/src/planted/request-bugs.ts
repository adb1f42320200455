/** Owns the bugs in the kernel's functions that requests for more are there for. */
import { type Raise, type State, instant, instantMax } from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";
import { changing, onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";
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
    case "answeredTwice":
      return unasserted({ decide: onlyFor("approveRequest", seeing(withAllWaiting)) });
    case "anybodyAnswers":
      return unasserted({ decide: onlyFor("approveRequest", seeing(withoutOwners)) });
    case "requestNeverExpires":
      return unasserted({
        nextDue: (state, at, calendar) => kernelRules.nextDue(withoutExpiry(state), at, calendar),
        nextDueAt: (state) => kernelRules.nextDueAt(withoutExpiry(state)),
      });
    default:
      return undefined;
  }
}

function withAllWaiting(state: State): State {
  const { requests } = state.requests;
  const get = (id: string) => {
    const request = requests.get(id);
    return request?.end?.kind === "approved" ? { ...request, end: null } : request;
  };
  return { ...state, requests: { ...state.requests, requests: overlaid(requests, { get }) } };
}

function withoutOwners(state: State): State {
  const { row } = state.current;
  if (row === undefined) return state;
  return { ...state, current: { row: { ...row, workspace: { ...row.workspace, owners: [] } } } };
}

function withoutExpiry(state: State): State {
  const expiring = overlaid(state.requests.expiring, { firstAt: () => undefined });
  return { ...state, requests: { ...state.requests, expiring } };
}

function withRaisesForEver(state: State): State {
  const raised = new Map(
    [...state.limits.raised].map(([key, raises]) => [key, raises.map(unending)]),
  );
  return { ...state, limits: { ...state.limits, raised } };
}

const unending = (raise: Raise): Raise =>
  raise.kind === "standing" ? raise : { ...raise, at: raise.until, until: instant(instantMax) };
