/** Owns the bugs in the kernel's functions that show only where workspaces live on plans. */
import { type Event, type State, credits, isOfPlan, money } from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";
import { changing, onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** The rules with such a bug; undefined for all others. */
export function plantInPlans(bug: PlantedBug | undefined): Rules | undefined {
  switch (bug) {
    case "periodEndSkipped":
      return unasserted(seeingDue(withoutPeriodEnds));
    case "seatsOversold":
      return unasserted({ decide: onlyFor("assignSeat", seeing(withMoreSeats)) });
    case "seatNotAsked":
      return unasserted({ decide: onlyFor("openHold", seeing(withoutSeatTerms)) });
    case "paymentGrantsTwice":
      return unasserted({ decide: onlyFor("resolveTopUp", seeing(withoutPayments)) });
    case "ruleImpatient":
      return unasserted(seeingDue(withoutWaiting));
    case "outcomeBilledTwice":
      return unasserted({ decide: changing(billedTwice) });
    case "monthNeverFenced":
      return unasserted({ decide: onlyFor("closeMonth", seeing(withoutClosing)) });
    case "rolloverDoubled":
      return unasserted({
        nextDue: (...asked) => {
          const due = kernelRules.nextDue(...asked);
          return due === undefined ? undefined : doubled(due);
        },
      });
    case "spendCapForgetful":
      return unasserted({ decide: onlyFor("openHold", seeing(withNothingBilled)) });
    case "overageBilledTwice":
      return unasserted({ decide: changing(pricedTwice) });
    case "partPricedAlone":
      return unasserted({
        decide: (state, command, at, around) =>
          command.kind === "settleHold" || command.kind === "debit"
            ? kernelRules.decide(withoutTotals(state), command, at, around)
            : kernelRules.decide(state, command, at, around),
      });
    case "allowanceGivenTwice":
      return unasserted({ decide: changing(withoutUnits) });
    case "commitmentForgetsUsage":
      return unasserted(seeingDue(withoutTotals));
    case "prepaidBoughtAgain":
      return unasserted(seeingDue(withoutTerm));
    case "reservedForAll":
      return unasserted({ decide: onlyFor("openHold", seeing(withReserveOfAll)) });
    case "interimLeavesOut":
      return unasserted({ decide: changing(withOneLess) });
    case "creditNoteForgotten":
      return unasserted({ decide: changing(withoutNote) });
    case "planLimitsIgnored":
      return unasserted({ decide: onlyFor("openHold", seeing(withoutPlanLimits)) });
    default:
      return undefined;
  }
}

const seeingDue = (view: (state: State) => State): Partial<Rules> => ({
  nextDue: (state, at, calendar) => kernelRules.nextDue(view(state), at, calendar),
  nextDueAt: (state) => kernelRules.nextDueAt(view(state)),
});

function withoutPeriodEnds(state: State): State {
  const { subscriptions } = state;
  const ending = overlaid(subscriptions.ending, { firstAt: () => undefined });
  return { ...state, subscriptions: { ...subscriptions, ending } };
}

type Live = NonNullable<State["subscriptions"]["live"]["row"]>;

function withLive(state: State, change: (live: Live) => Live): State {
  const { subscriptions } = state;
  const { row } = subscriptions.live;
  if (row === undefined) return state;
  return { ...state, subscriptions: { ...subscriptions, live: { row: change(row) } } };
}

const withMoreSeats = (state: State): State =>
  withLive(state, (live) => ({ ...live, seats: live.seats + 2 }));

const withoutSeatTerms = (state: State): State =>
  withLive(state, (live) => ({ ...live, plan: { ...live.plan, seats: null } }));

const withoutTerm = (state: State): State =>
  withLive(state, ({ drawdown: _bought, ...live }) => live);

const withReserveOfAll = (state: State): State =>
  withLive(state, (live) => {
    const { reserved } = live.plan;
    if (reserved === undefined) return live;
    return { ...live, plan: { ...live.plan, reserved: { ...reserved, group: null } } };
  });

function withoutPlanLimits(state: State): State {
  const shelf = (all: State["limits"]["byScope"]["group"]) =>
    new Map(
      [...all].map(([id, some]) => [id, some.filter(({ limit }) => !isOfPlan(limit.id))] as const),
    );
  const { workspace, group, member, eachMember } = state.limits.byScope;
  const byScope = {
    workspace: shelf(workspace),
    group: shelf(group),
    member: shelf(member),
    eachMember: shelf(eachMember),
  };
  return { ...state, limits: { ...state.limits, byScope } };
}

function withoutPayments(state: State): State {
  const payments = overlaid(state.topUps.payments, { get: () => undefined });
  return { ...state, topUps: { ...state.topUps, payments } };
}

/** Once, or it would ask for ever. */
const withoutWaiting = (state: State): State =>
  (state.topUps.rule.row?.asked ?? 0) > 1
    ? state
    : { ...state, topUps: { ...state.topUps, pending: { credits: 0n, automatic: undefined } } };

function billedTwice(event: Event): Event {
  if (!("changes" in event)) return event;
  const changes = event.changes.map(({ outcome, moves }) => ({
    outcome,
    moves: moves.map((one) =>
      one.kind === "billed"
        ? { ...one, share: 2n * one.share, amount: money(2n * one.amount) }
        : one,
    ),
  }));
  return { ...event, changes };
}

function withNothingBilled(state: State): State {
  const inFlight = { billing: new Map<string, never>(), unpinned: { credits: 0n } };
  return { ...withoutTotals(state), holds: { ...state.holds, inFlight } };
}

function withoutTotals(state: State): State {
  const totals = overlaid(state.billed.totals, { get: () => undefined, values: () => [].values() });
  return { ...state, billed: { ...state.billed, totals } };
}

function withoutUnits(event: Event): Event {
  if (event.kind !== "hold.settled" && event.kind !== "usage.debited") return event;
  const { units } = event;
  return units === undefined
    ? event
    : { ...event, units: units.map((one) => ({ ...one, used: 0n })) };
}

function pricedTwice(event: Event): Event {
  if (!("billed" in event) || event.billed === undefined) return event;
  const { billed } = event;
  const accrual = { ...billed.accrual, amount: money(2n * billed.accrual.amount) };
  return { ...event, billed: { ...billed, accrual } };
}

function withoutNote(event: Event): Event {
  if (event.kind !== "credits.repaid" && event.kind !== "credits.charged_back") return event;
  const { note: _note, ...rest } = event;
  return rest;
}

function withOneLess(event: Event): Event {
  if (event.kind !== "invoice.drafted") return event;
  return { ...event, invoice: { ...event.invoice, lines: event.invoice.lines.slice(1) } };
}

const withoutClosing = (state: State): State => ({
  ...state,
  closing: { ...state.closing, latest: { row: undefined } },
});

function doubled(event: Event): Event {
  if (event.kind !== "credits.rolled_over") return event;
  const lots = event.lots.map((lot) => ({
    ...lot,
    granted: credits(2n * lot.granted),
    available: credits(2n * lot.available),
  }));
  return { ...event, lots };
}
