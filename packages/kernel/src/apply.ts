/**
 * Owns how a fact changes the state. No rule is applied here: the event says which lot gave how much and which window
 * moved. What must hold after every event is asserted (K2, K7, K8, K11, K12, K13).
 */
import { enterSpan, moveUnits } from "./allowances/slice.ts";
import { credits, minus, noCredits } from "./amount.ts";
import { addBilled, setTerm } from "./billed/evolve.ts";
import { assert } from "./bug.ts";
import { isClosed } from "./closing/slice.ts";
import { addCost } from "./costs/slice.ts";
import type { Balance, Event, ProlongedLot } from "./events.ts";
import {
  checkHold,
  debited,
  expired,
  extended,
  opened,
  paid,
  refunded,
  released,
  settled,
} from "./holds/evolve.ts";
import type { Hold, Position } from "./holds/hold.ts";
import { keptForMs, keptMax } from "./holds/slice.ts";
import type { Instant } from "./instant.ts";
import { afterCount } from "./limits/cap.ts";
import { tell, untell } from "./levels/slice.ts";
import type { Count, Limit, RateCharge } from "./limits/limit.ts";
import { chargedBack, escheated, repaid, revised } from "./pool/given-back.ts";
import type { UsageScope } from "./pool/usage-scope.ts";
import { type Lot, type LotDraft, type Transfer, carryOut, checkLot } from "./pool/lot.ts";
import type { Totals } from "./pool/slice.ts";
import { accrue, creditUnpaid, invoice, settleInvoice, waitAgain } from "./invoices/evolve.ts";
import { addFact, enterPeriod, judge, planEstimate } from "./outcomes/evolve.ts";
import { leavePeriod } from "./outcomes/stretch.ts";
import { noteCard } from "./rating/plan-cards.ts";
import { assignable } from "./seats/seat-of.ts";
import { type State, lastAt, setWorkspace, workspaceOf } from "./state/state.ts";
import { reserveOf } from "./subscriptions/reserved.ts";
import { claim, meetClaims, waive } from "./subscriptions/clawed-back.ts";
import type { Subscription } from "./subscriptions/subscription.ts";
import { toppedUp } from "./topups/evolve.ts";

/** Carries out one event that stands at `position` in the journal. Throws `Bug` when an invariant breaks. */
export function apply(state: State, event: Event, position: Position): void {
  assert(event.at >= lastAt(state), "K7 time is monotone per workspace");
  const workspace =
    event.kind === "workspace.created" || event.kind === "workspace.updated"
      ? event.workspace
      : workspaceOf(state);
  assert(workspace !== undefined, "the first event of a journal creates the workspace");
  const postedAt = event.postedAt ?? event.at;
  assert(postedAt <= event.at, "M2 nothing is posted in the future");
  assert(!isClosed(state.closing, postedAt), "M2 nothing is posted into a closed month");
  setWorkspace(state, workspace, event.at, cardOf(event));
  change(state, event, position);
  if ("units" in event) moveUnits(state.allowances, state.invoices, event.units);
  if ("transfers" in event) {
    for (const lot of event.made ?? none) addRolled(state, lot);
    move(state, event.transfers, event.at);
    if ("clawedBack" in event && event.clawedBack !== undefined)
      meetClaims(state, event.clawedBack);
    forget(state, event.at);
    check(state, event.balance);
  }
}

/** The version of the rate card that priced what begins with this event. */
function cardOf(event: Event): string | undefined {
  if (event.kind === "usage.debited")
    return event.isPricedThen === true ? undefined : event.price?.card;
  return event.kind === "hold.opened" ? event.price?.card : undefined;
}

function change(state: State, event: Event, position: Position): void {
  switch (event.kind) {
    case "workspace.created":
    case "workspace.updated":
    case "limit.reached":
    case "outcome.review_raised":
    case "rate_card.changed":
    case "top_up.rule_disabled":
      return;
    case "member.updated":
    case "member.deactivated":
      if (event.freesSeat === true) state.seats.seats.set(event.member.id, undefined);
      return state.members.members.set(event.member.id, event.member);
    case "group.updated":
      return state.members.groups.set(event.group.id, event.group);
    case "limit.updated":
      return setLimit(state, event, position);
    case "limit.removed":
      dropUse(state, event.limit);
      return state.limits.limits.set(event.limit.id, undefined);
    case "credits.granted":
      addLot(state, event.lot);
      return event.bonus === undefined ? undefined : addLot(state, event.bonus);
    case "top_up.requested":
    case "top_up.pending":
    case "top_up.failed":
    case "top_up.rule_updated":
      return toppedUp(state.topUps, event, position);
    case "top_up.succeeded":
      addLot(state, event.lot);
      if (event.bonus !== undefined) addLot(state, event.bonus);
      return toppedUp(state.topUps, event, position);
    case "credits.effective":
      for (const id of event.lots) setPhase(state, id, "live");
      return;
    case "credits.expired":
      for (const id of event.lots) setPhase(state, id, "expired");
      return;
    case "credits.revoked":
      return revokeOn(state, event);
    case "credits.repaid":
      if (event.unpaid !== undefined) creditUnpaid(state.invoices, event.unpaid);
      return setLot(state, repaid(lotOf(state, event.lot), event));
    case "credits.charged_back":
      for (const one of event.lots) {
        setLot(state, chargedBack(lotOf(state, one.lot), one));
        waive(state, one.lot);
      }
      return;
    case "credits.escheated":
      waive(state, event.lot);
      return setLot(state, escheated(lotOf(state, event.lot)));
    case "breakage.revised":
      return setLot(state, revised(lotOf(state, event.lot), event.breakage));
    case "hold.opened":
      if (event.guest !== null) state.members.members.set(event.guest.id, event.guest);
      count(state, event.counts);
      charge(state, event.rates);
      return addHold(state, opened(event));
    case "hold.extended":
      count(state, event.counts);
      charge(state, event.rates);
      return changeHold(state, event.hold, (hold) => extended(hold, event));
    case "hold.settled":
      count(state, event.counts);
      addCost(state.costs, event.cost);
      addBilled(state, event.billed, event.at);
      return changeHold(
        state,
        event.hold,
        (hold) => {
          owe(state, hold.id, { delta: event.debt, usage: usageOf(hold), at: event.at });
          return settled(hold, event, position);
        },
        event.recalled,
      );
    case "hold.released":
      count(state, event.counts);
      return changeHold(state, event.hold, (hold) => released(hold, event, position));
    case "hold.expired":
      for (const one of event.holds) {
        count(state, one.counts);
        moveUnits(state.allowances, state.invoices, one.units);
        changeHold(state, one.hold, (hold) => expired(hold, one));
      }
      return;
    case "usage.debited": {
      if (event.guest !== null) state.members.members.set(event.guest.id, event.guest);
      const debit = debited(event);
      count(state, event.counts);
      addCost(state.costs, event.cost);
      addBilled(state, event.billed, event.at);
      owe(state, debit.id, { delta: event.debt, usage: usageOf(debit), at: event.at });
      if (debit.times !== undefined)
        tell(state.levels, debit, { spans: debit.times, at: event.at });
      return addHold(state, debit);
    }
    case "subscription.started":
    case "subscription.renewed":
    case "subscription.granted":
    case "subscription.resumed":
    case "subscription.changed":
    case "subscription.paused":
    case "subscription.ended":
    case "subscription.cancelled":
      for (const lot of event.lots) addLot(state, lot);
      for (const { lot, expiresAt } of event.prolonged ?? noneProlonged)
        setLot(state, { ...lotOf(state, lot), expiresAt });
      setSubscription(state, event.subscription, event.at);
      if (event.clawback !== undefined) claim(state, event.clawback, event.at);
      if ("seatFor" in event) seat(state, event);
      return invoice(state.invoices, event);
    case "commitment.trued_up": {
      const { committed, subscription, lines, booked } = event;
      setTerm(state, committed, event.at);
      setSubscription(state, subscription, event.at);
      return invoice(state.invoices, { lines, booked, transfers: [], invoice: null });
    }
    case "invoice.drafted":
      return invoice(state.invoices, { ...event, lines: [], booked: [], transfers: [] });
    case "invoice.voided":
      if (event.waiting !== undefined) waitAgain(state.invoices, event.waiting);
      return settleInvoice(state.invoices, event);
    case "invoice.finalized":
      state.invoices.issuedLines.set(event.invoice.id, {
        invoice: event.invoice.id,
        lines: event.lines,
      });
      return settleInvoice(state.invoices, event);
    case "invoice.uncollectible":
    case "credit_note.issued":
      return settleInvoice(state.invoices, event);
    case "invoice.paid":
      state.invoices.payments.set(event.payment, {
        id: event.payment,
        invoice: event.invoice.id,
      });
      return settleInvoice(state.invoices, event);
    case "outcome.claimed":
    case "outcome.signalled":
    case "outcome.reopened":
    case "outcome.confirmed":
    case "outcome.disputed":
      addFact(state.outcomes, event, event.at);
      if (event.estimatesAt !== null) planEstimate(state.outcomes, event.estimatesAt);
      accrue(state.invoices, event.accruals);
      return judge(state.outcomes, event, event.at);
    case "outcome.estimated":
      return planEstimate(state.outcomes, event.releasesAt, event.amount);
    case "outcome.estimate_released":
      return planEstimate(state.outcomes, event.estimatesAt);
    case "outcome.matured":
      accrue(state.invoices, event.accruals);
      return judge(state.outcomes, event, event.at);
    case "seat.assigned":
      state.seats.seats.set(event.seat.member, event.seat);
      return checkSeats(state);
    case "seat.released":
      return state.seats.seats.set(event.seat.member, undefined);
    case "subscription.updated":
      setSubscription(state, event.subscription, event.at);
      return seat(state, event);
    case "subscription.recognised":
      return setSubscription(state, event.subscription, event.at);
    case "credits.rolled_over":
      for (const id of event.from) setPhase(state, id, "expired");
      for (const { lot, rollover } of event.owed ?? [])
        setLot(state, { ...lotOf(state, lot), rollover });
      for (const lot of event.lots) addLot(state, lot);
      return setSubscription(state, event.subscription, event.at);
    case "usage.refunded":
      for (const lot of event.lots) addLot(state, lot);
      count(state, event.counts);
      addBilled(state, event.billed, event.at);
      return changeHold(
        state,
        event.of,
        (hold) => {
          owe(state, hold.id, { delta: -event.debt, usage: usageOf(hold), at: event.at });
          const after = refunded(hold, event);
          if (after.refunded === after.charged && after.times !== undefined)
            untell(state.levels, after, after.times);
          return after;
        },
        event.recalled,
      );
    case "period.closed": {
      const { month, start, end } = event;
      assert(end <= event.at, "M1 a month is closed when it is over");
      return state.closing.months.set(month, { month, start, end, position });
    }
  }
}

function setSubscription(state: State, after: Subscription, at: Instant): void {
  enterPeriod(state.outcomes, after, at);
  leavePeriod(state.outcomes, after, at);
  enterSpan(state.allowances, after, at);
  const { live } = state.subscriptions;
  const { seats } = state.seats;
  // T3; revenue of one that ended before is recognised while the next one lives.
  const reserve = reserveOf(live.row);
  if (reserve !== undefined && reserveOf(after)?.key !== reserve.key && live.row?.id === after.id)
    state.limits.rates.set(reserve.key, undefined);
  const isOver = after.status === "ended" || after.plan.seats === null;
  if (isOver && live.row?.id === after.id)
    for (const [member] of seats.entries()) seats.set(member, undefined);
  state.subscriptions.subscriptions.set(after.id, after);
  noteCard(state.planCards, live.row?.plan.rateCard ?? null, at);
}

function seat(
  state: State,
  { seatFor: member, at }: { readonly seatFor?: string; readonly at: Instant },
): void {
  if (member !== undefined) state.seats.seats.set(member, { member, since: at });
  checkSeats(state);
}

function checkSeats({ seats, subscriptions }: State): void {
  const live = subscriptions.live.row;
  const most = live === undefined ? 0 : assignable(live);
  assert(seats.seats.size <= most, "T1 no more seats are assigned than are paid for");
}

function addLot(state: State, lot: Lot): void {
  assert(state.pool.lots.get(lot.id) === undefined, `a lot is granted once: ${lot.id}`);
  state.pool.lots.set(lot.id, lot);
}

/** What returned to a lot that owes it to a rollover is a lot of its own from here on. */
function addRolled(state: State, lot: Lot): void {
  const source = lotOf(state, lot.reference ?? "");
  const { rollover } = source;
  assert(rollover !== undefined, "what rolls on late was owed to a rollover");
  const quota = minus(rollover.quota, lot.granted);
  setLot(state, { ...source, rollover: { ...rollover, quota, made: rollover.made + 1 } });
  addLot(state, lot);
}

const none: readonly Lot[] = [];
const noneProlonged: readonly ProlongedLot[] = [];

const setLot = (state: State, lot: Lot): void => state.pool.lots.set(lot.id, lot);

function addHold(state: State, hold: Hold): void {
  const { holds } = state.holds;
  assert(holds.get(hold.id) === undefined, "K4 a hold is opened, and a debit made, once");
  checkHold(hold);
  holds.replace(hold.id, undefined, hold);
}

/** `recalled` stands in for a hold that memory no longer has; it is in memory again from here on. */
function changeHold(
  state: State,
  id: string,
  become: (hold: Hold) => Hold,
  recalled: Hold | null = null,
): void {
  const { holds } = state.holds;
  const row = holds.get(id);
  const before = row ?? recalled;
  assert(before !== null, "K4 a hold exists while something happens to it");
  const after = become(before);
  checkHold(after);
  holds.replace(id, row, after);
}

/** Transfers of one lot that follow each other change its row once. A lot is checked when all have been carried out. */
function move(state: State, transfers: readonly Transfer[], at: Instant): void {
  const { lots } = state.pool;
  let earlier: string[] | undefined;
  let row: Lot | undefined;
  let lot: LotDraft | undefined;
  for (const transfer of transfers) {
    if (lot?.id !== transfer.lot) {
      if (lot !== undefined) {
        lots.replace(lot.id, row, lot);
        earlier ??= [];
        earlier.push(lot.id);
      }
      row = lotOf(state, transfer.lot);
      lot = { ...row };
    }
    carryOut(lot, transfer);
    if (lot.owedRevoke > 0n && settlesOwed(transfer) && lot.phase !== "revoked")
      lot.owedRevoke = minus(lot.owedRevoke, transfer.credits);
    if (transfer.debt !== undefined) pay(state, transfer, transfer.debt, at);
  }
  if (lot === undefined) return;
  lots.replace(lot.id, row, lot);
  checkLot(lot);
  for (const id of earlier ?? []) checkLot(lotOf(state, id));
}

/** A partial revoke takes credits when they return, from a hold or by a refund: that return is what pays it. */
const settlesOwed = ({ from, to, rebases }: Transfer): boolean =>
  (from === "held" || from === "consumed") && to === "revoked" && rebases !== true;

function lotOf(state: State, id: string): Lot {
  const lot = state.pool.lots.get(id);
  assert(lot !== undefined, `lot ${id} that something happens to exists`);
  return lot;
}

function pay(state: State, transfer: Transfer, of: string, at: Instant): void {
  const debt = state.pool.debts.get(of);
  assert(debt !== undefined, `the debt of ${of} that credits pay exists`);
  owe(state, of, { delta: -transfer.credits, usage: debt.usage, at });
  changeHold(state, of, (hold) => paid(hold, transfer, at));
}

function owe(
  state: State,
  of: string,
  { delta, usage, at }: { delta: bigint; usage: UsageScope; at: Instant },
): void {
  if (delta === 0n) return;
  const debt = state.pool.debts.get(of);
  const owed = credits((debt?.credits ?? 0n) + delta);
  state.pool.debts.set(
    of,
    owed === 0n ? undefined : { of, usage, credits: owed, since: debt?.since ?? at },
  );
}

function count(state: State, counts: readonly Count[]): void {
  const { counters, limits } = state.limits;
  for (const one of counts) {
    const before = counters.get(one.counter);
    const isRolling =
      before === undefined ? isRollingCap(limits.get(one.limit)) : before.buckets.length > 0;
    counters.replace(one.counter, before, afterCount(before, one, isRolling));
  }
}

const isRollingCap = (limit: Limit | undefined): boolean =>
  limit?.rule.kind === "cap" && limit.rule.window.kind === "rolling";

function charge(state: State, charges: readonly RateCharge[]): void {
  for (const { rate, limit, arrival } of charges) state.limits.rates.set(rate, { limit, arrival });
}

/** A rule that restarts counts from this place of the journal on. */
function setLimit(
  state: State,
  { limit, restarts }: Extract<Event, { readonly kind: "limit.updated" }>,
  { seq, index }: Position,
): void {
  const before = state.limits.limits.get(limit.id);
  if (restarts) dropUse(state, limit);
  const epoch = before === undefined || restarts ? `${seq}.${index}` : before.epoch;
  state.limits.limits.set(limit.id, { ...limit, epoch });
}

function dropUse(state: State, limit: Limit): void {
  for (const table of [state.limits.counters, state.limits.rates])
    for (const [key, row] of table.entries()) if (row.limit === limit.id) table.set(key, undefined);
}

function setPhase(state: State, id: string, phase: "live" | "expired"): void {
  state.pool.lots.set(id, { ...lotOf(state, id), phase });
}

function revokeOn(state: State, event: Extract<Event, { readonly kind: "credits.revoked" }>): void {
  const lot = lotOf(state, event.lot);
  const owedRevoke = event.isWhole ? noCredits : credits(lot.owedRevoke + event.owed);
  state.pool.lots.set(lot.id, { ...lot, phase: event.isWhole ? "revoked" : lot.phase, owedRevoke });
}

/** Ended holds leave memory in the order in which they were last touched (H1); a few at each event keep pace. */
function forget(state: State, at: Instant): void {
  const { holds, resting, totals } = state.holds;
  for (let dropped = 0; dropped < 8; dropped += 1) {
    const first = resting.first();
    if (first === undefined) return;
    if (first.dueAt + keptForMs > at && totals.resting <= keptMax) return;
    holds.set(first.id, undefined);
  }
}

function check(state: State, stated: Balance): void {
  const { totals } = state.pool;
  assert(isStated(totals, stated), "E1 the balance that the event states is the balance after it");
  assert(
    totals.debt === 0n || totals.available === 0n,
    "K11 debt and available credits never coexist",
  );
  assert(
    totals.held === state.holds.totals.legs,
    "K12 the lots' held is what open holds have set aside",
  );
}

const isStated = (totals: Readonly<Totals>, stated: Balance): boolean =>
  totals.available === stated.available &&
  totals.held === stated.held + stated.restrictedHeld &&
  totals.restrictedAvailable === stated.restrictedAvailable &&
  totals.restrictedHeld === stated.restrictedHeld &&
  totals.consumed === stated.consumed &&
  totals.debt === stated.debt;

const usageOf = (hold: Hold): UsageScope => ({
  member: hold.path.member,
  groups: hold.path.groups,
  meter: hold.meter,
});
