/**
 * Owns the bugs that sit in the kernel's functions as an engine is handed them. The kernel asserts its own invariants; where
 * such an assertion would stop a bug at once, its version goes on, so that what finds it is the history and not the kernel.
 */
import { instant } from "@cistern/kernel";
import type {
  Command,
  Credits,
  Decision,
  Event,
  Instant,
  State,
  Surroundings,
  Transfer,
} from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";
import { plantInLimits } from "./limit-bugs.ts";
import { plantInPeople } from "./people-bugs.ts";
import { plantInRuns } from "./run-bugs.ts";
import { plantInPlans } from "./plan-bugs.ts";
import { plantInRequests } from "./request-bugs.ts";
import { plantInPolicies } from "./policy-bugs.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { plantInShares } from "./share-bugs.ts";
import { changing, onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";

/** The rules with a bug, or the production rules. `nowMs` is the node's clock. */
export function plantInRules(bug: PlantedBug | undefined, nowMs: () => number): Rules {
  switch (bug) {
    case "releasedTwice":
      return unasserted({ decide: releasesAgain });
    case "settledTwice":
      return unasserted({ decide: settlesAgain });
    case "lotOrderReversed":
      return unasserted({ decide: seeing(withLotsReversed) });
    case "debtNotPaidByGrant":
      return unasserted({ decide: onlyFor("grant", seeing(withoutDebts)) });
    case "poolOversold":
      return unasserted({ decide: onlyFor("openHold", seeing(withLargerLots)) });
    case "capCountedTwice":
      return unasserted({ decide: changing(countedTwice) });
    case "rateNotCharged":
      return unasserted({ decide: changing(withoutRates) });
    case "returnedToWrongLot":
      return unasserted({ decide: returnsElsewhere });
    case "expiryByNodeClock":
      return { ...kernelRules, ...dueByClock(nowMs) };
    case "dueEventsSkipped":
      return {
        ...kernelRules,
        nextDue: (state, at, calendar) =>
          kernelRules.nextDue(withoutLotExpiries(state), at, calendar),
        nextDueAt: (state) => kernelRules.nextDueAt(withoutLotExpiries(state)),
      };
    case "undoForgotten":
      return { ...kernelRules, emptyState: neverUndone };
    default:
      return (
        plantInRuns(bug) ??
        plantInPlans(bug) ??
        plantInShares(bug) ??
        plantInPolicies(bug) ??
        plantInRequests(bug) ??
        plantInLimits(bug) ??
        plantInPeople(bug) ??
        kernelRules
      );
  }
}

function withLotsReversed(state: State): State {
  const { burning } = state.pool;
  const reversed = overlaid(burning, { rows: burning.rows.toReversed() });
  return { ...state, pool: { ...state.pool, burning: reversed } };
}

function withoutDebts(state: State): State {
  const { owing } = state.pool;
  return { ...state, pool: { ...state.pool, owing: overlaid(owing, { rows: [] }) } };
}

/** Overage in flight is what keeps holds within the debt limit. */
function withLargerLots(state: State): State {
  const { holds } = state;
  const totals = { ...holds.totals, overage: 0n };
  return { ...state, holds: { ...holds, totals } };
}

const countedTwice = (event: Event): Event =>
  event.kind === "hold.opened"
    ? { ...event, counts: event.counts.map((one) => ({ ...one, credits: 2n * one.credits })) }
    : event;

const withoutRates = (event: Event): Event =>
  event.kind === "hold.opened" ? { ...event, rates: [] } : event;

function releasesAgain(
  state: State,
  command: Command,
  at: Instant,
  around: Surroundings,
): Decision {
  const hold = command.kind === "releaseHold" ? state.holds.holds.get(command.hold) : undefined;
  if (hold?.status !== "released") return kernelRules.decide(state, command, at, around);
  const again = seeingHold(state, { ...hold, status: "open", legs: legsFor(state, hold) });
  return kernelRules.decide(again, command, at, around);
}

/** What a settled hold was charged, charged again. */
function settlesAgain(state: State, command: Command, at: Instant, around: Surroundings): Decision {
  const hold = command.kind === "settleHold" ? state.holds.holds.get(command.hold) : undefined;
  if (hold?.status !== "settled") return kernelRules.decide(state, command, at, around);
  return kernelRules.decide(seeingHold(state, { ...hold, status: "open" }), command, at, around);
}

type HoldRow = NonNullable<ReturnType<State["holds"]["holds"]["get"]>>;

function seeingHold(state: State, seen: HoldRow): State {
  const { holds } = state.holds;
  const table = overlaid(holds, {
    get: (id: string) => (id === seen.id ? seen : holds.get(id)),
  });
  return { ...state, holds: { ...state.holds, holds: table } };
}

/** A released hold has no legs any more: a lot that others have pinned gives as much. */
function legsFor(state: State, { authorized }: HoldRow): HoldRow["legs"] {
  for (const lot of state.pool.lots.values())
    if (lot.held > 0n && lot.phase === "live")
      return [{ lot: lot.id, credits: lot.held < authorized ? lot.held : authorized }];
  return [];
}

function returnsElsewhere(
  state: State,
  command: Command,
  at: Instant,
  around: Surroundings,
): Decision {
  const decision = kernelRules.decide(state, command, at, around);
  if (decision.kind !== "accepted" || decision.event.kind !== "hold.settled") return decision;
  const { transfers } = decision.event;
  const index = transfers.findIndex((one) => one.from === "held" && one.to === "available");
  const wrong = transfers[index];
  const other = wrong === undefined ? undefined : otherLot(state, wrong);
  if (wrong === undefined || other === undefined) return decision;
  const moved = transfers.with(index, { ...wrong, lot: other });
  return { ...decision, event: { ...decision.event, transfers: moved } };
}

function otherLot(state: State, { lot, credits }: Transfer): string | undefined {
  const wanted = (held: Credits): boolean => held >= credits;
  for (const one of state.pool.lots.values())
    if (one.id !== lot && one.phase === "live" && one.appliesTo === null && wanted(one.held))
      return one.id;
  return undefined;
}

function withoutLotExpiries(state: State): State {
  const ending = overlaid(state.pool.ending, { firstAt: () => undefined, upTo: () => [] });
  return { ...state, pool: { ...state.pool, ending } };
}

/** Farther than clocks within the guard are from one another. */
const skewMs = 1_000;

function dueByClock(nowMs: () => number): Partial<Rules> {
  return {
    nextDue: (state, _at, calendar) => kernelRules.nextDue(state, instant(nowMs()), calendar),
    nextDueAt: (state) => {
      const dueAt = kernelRules.nextDueAt(state);
      return dueAt === undefined || dueAt <= nowMs() ? dueAt : dueAt + skewMs;
    },
  };
}

function neverUndone(): State {
  const state = kernelRules.emptyState();
  const { undo } = state;
  return { ...state, undo: overlaid(undo, { undoTo: () => undo.forgetTo(undo.mark()) }) };
}
