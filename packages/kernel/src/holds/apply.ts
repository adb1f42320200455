/** Owns what events of calls do: to their holds, and to all that is counted, costed, billed and owed with them. */
import { moveUnits } from "../allowances/slice.ts";
import { addBilled } from "../billed/evolve.ts";
import { addCost } from "../costs/slice.ts";
import { tell, untell } from "../levels/slice.ts";
import { charge, count } from "../limits/evolve.ts";
import { addLot } from "../pool/keep.ts";
import { owe } from "../pool/owe.ts";
import type { UsageScope } from "../pool/usage-scope.ts";
import { countAction, countInRuns, openRun, raiseRun } from "../runs/evolve.ts";
import type { State } from "../state/state.ts";
import type {
  HoldExtended,
  HoldOpened,
  HoldReleased,
  HoldSettled,
  HoldsExpired,
  UsageDebited,
  UsageRefunded,
} from "./events.ts";
import { debited, expired, extended, opened, refunded, released, settled } from "./evolve.ts";
import type { Count } from "../limits/limit.ts";
import type { Hold, Position, PurseMove } from "./hold.ts";
import { addHold, changeHold } from "./keep.ts";
import { purseWith, purseWithout } from "./purse.ts";

type CallEvent =
  | HoldOpened
  | HoldExtended
  | HoldSettled
  | HoldReleased
  | HoldsExpired
  | UsageDebited
  | UsageRefunded;

/** Carries out what became of a call. */
export function applyToHolds(state: State, event: CallEvent, position: Position): void {
  if (event.kind !== "hold.expired") countInRuns(state.runs, event.runCounts, event.at);
  switch (event.kind) {
    case "hold.opened":
      if (event.guest !== null) state.members.members.set(event.guest.id, event.guest);
      count(state.limits, event.counts);
      count(state.limits, event.pastPool ?? none);
      charge(state.limits, event.rates);
      if (event.action !== undefined) countAction(state.runs, event.runs?.[0]?.id, event.action);
      if (event.opens !== undefined) openRun(state.runs, event.opens, event.at);
      takeFrom(state, event.fromPurse);
      return addHold(state.holds, opened(event));
    case "hold.extended":
      count(state.limits, event.counts);
      count(state.limits, event.pastPool ?? none);
      charge(state.limits, event.rates);
      if (event.raises !== undefined) raiseRun(state.runs, event.raises, event.at);
      takeFrom(state, event.fromPurse);
      return changeHold(state.holds, event.hold, (hold) => extended(hold, event));
    case "hold.settled":
      return settle(state, event, position);
    case "hold.released":
      count(state.limits, event.counts);
      count(state.limits, event.pastPool ?? none);
      changeHold(state.holds, event.hold, (hold) => released(hold, event, position));
      return returnTo(state, event.toPurse);
    case "hold.expired":
      for (const one of event.holds) {
        count(state.limits, one.counts);
        count(state.limits, one.pastPool ?? none);
        countInRuns(state.runs, one.runCounts, event.at);
        moveUnits(state.allowances, state.invoices, one.units);
        changeHold(state.holds, one.hold, (hold) => expired(hold, one));
        returnTo(state, one.toPurse);
      }
      return;
    case "usage.debited":
      return addDebit(state, event);
    case "usage.refunded":
      return undo(state, event);
  }
}

function settle(state: State, event: HoldSettled, position: Position): void {
  count(state.limits, event.counts);
  count(state.limits, event.pastPool ?? none);
  addCost(state.costs, event.cost);
  addBilled(state, event.billed, event.at);
  takeFrom(state, event.fromPurse);
  changeHold(
    state.holds,
    event.hold,
    (hold) => {
      owe(state.pool, hold.id, { delta: event.debt, usage: usageOf(hold), at: event.at });
      return settled(hold, event, position);
    },
    event.recalled,
  );
  returnTo(state, event.toPurse);
}

function takeFrom({ holds }: State, move: PurseMove | undefined): void {
  if (move !== undefined) changeHold(holds, move.purse.id, (purse) => purseWithout(purse, move));
}

function returnTo({ holds }: State, move: PurseMove | undefined): void {
  if (move !== undefined) changeHold(holds, move.purse.id, (purse) => purseWith(purse, move));
}

function addDebit(state: State, event: UsageDebited): void {
  if (event.guest !== null) state.members.members.set(event.guest.id, event.guest);
  const debit = debited(event);
  count(state.limits, event.counts);
  count(state.limits, event.pastPool ?? none);
  addCost(state.costs, event.cost);
  addBilled(state, event.billed, event.at);
  owe(state.pool, debit.id, { delta: event.debt, usage: usageOf(debit), at: event.at });
  if (debit.times !== undefined) tell(state.levels, debit, { spans: debit.times, at: event.at });
  addHold(state.holds, debit);
}

function undo(state: State, event: UsageRefunded): void {
  for (const lot of event.lots) addLot(state.pool, lot);
  count(state.limits, event.counts);
  count(state.limits, event.pastPool ?? none);
  addBilled(state, event.billed, event.at);
  changeHold(
    state.holds,
    event.of,
    (hold) => {
      owe(state.pool, hold.id, { delta: -event.debt, usage: usageOf(hold), at: event.at });
      const after = refunded(hold, event);
      if (after.refunded === after.charged && after.times !== undefined)
        untell(state.levels, after, after.times);
      return after;
    },
    event.recalled,
  );
}

const none: readonly Count[] = [];

const usageOf = (hold: Hold): UsageScope => ({
  member: hold.path.member,
  groups: hold.path.groups,
  meter: hold.meter,
});
