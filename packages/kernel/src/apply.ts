/**
 * Owns how a fact changes the state. No rule is applied here: the event says which lot gave how much and which window
 * moved. What must hold after every event is asserted (K2, K7, K8, K11, K12, K13, F1). What touches
 * everybody, shares of the pool, is the one thing that is worked out here, by the rules that its period was opened with.
 */
import { keepRaised, keepReviewed } from "./alerts/slice.ts";
import { levelIn } from "./pool/balance-level.ts";
import { moveUnits } from "./allowances/slice.ts";
import { countOutcomes } from "./billed/evolve.ts";
import { assert } from "./bug.ts";
import { isClosed } from "./closing/slice.ts";
import type { Event } from "./events.ts";
import type { Balance } from "./fact.ts";
import { followEvent, meetEvent } from "./fairness/apply.ts";
import { applyToHolds } from "./holds/apply.ts";
import type { Position } from "./holds/hold.ts";
import { endPurses, forgetHolds } from "./holds/keep.ts";
import { applyToInvoices } from "./invoices/apply.ts";
import { accrue, invoicePurchase } from "./invoices/evolve.ts";
import { removeLimit, setLimit } from "./limits/evolve.ts";
import { membersIn } from "./members/events.ts";
import { addFact, judge, planEstimate } from "./outcomes/evolve.ts";
import type { PolicyAccepted } from "./policies/events.ts";
import { acceptanceKey, dropPolicy } from "./policies/slice.ts";
import { applyToLots } from "./pool/apply.ts";
import { addLot, addRolled } from "./pool/keep.ts";
import type { Lot } from "./pool/lot.ts";
import { move } from "./pool/move.ts";
import type { Totals } from "./pool/slice.ts";
import { applyToRuns } from "./runs/evolve.ts";
import { applyToRequests } from "./requests/apply.ts";
import { type State, lastAt, setWorkspace, workspaceOf } from "./state/state.ts";
import { applyToSubscription } from "./subscriptions/apply.ts";
import { meetClaims } from "./subscriptions/clawed-back.ts";
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
  const met = meetEvent(state, event);
  setWorkspace(state, workspace, event.at, { card: cardOf(event), level: levelIn(event) });
  change(state, event, position);
  if ("units" in event) moveUnits(state.allowances, state.invoices, event.units);
  if ("transfers" in event) {
    for (const lot of event.made ?? none) addRolled(state.pool, lot);
    move(state, event.transfers, event.at);
    if ("clawedBack" in event && event.clawedBack !== undefined)
      meetClaims(state, event.clawedBack);
  }
  followEvent(state, event, met);
  if ("transfers" in event) {
    forgetHolds(state.holds, event.at);
    check(state, event.balance);
  }
}

/** The version of the rate card that priced what begins with this event, or will from now on. */
function cardOf(event: Event): string | undefined {
  if (event.kind === "rate_card.changed") return event.card;
  if (event.kind === "usage.debited")
    return event.isPricedThen === true ? undefined : event.price?.card;
  return event.kind === "hold.opened" ? event.price?.card : undefined;
}

function change(state: State, event: Event, position: Position): void {
  switch (event.kind) {
    case "hold.opened":
    case "hold.settled":
    case "hold.extended":
    case "hold.released":
    case "hold.expired":
    case "usage.debited":
    case "usage.refunded":
      return applyToHolds(state, event, position);
    case "run.opened":
      if (event.guest !== null) state.members.members.set(event.guest.id, event.guest);
      return applyToRuns(state.runs, event);
    case "run.raised":
    case "run.paused":
      return applyToRuns(state.runs, event);
    case "run.closed":
      endPurses(state.holds, [event.run], event.at);
      return applyToRuns(state.runs, event);
    case "run.expired":
      endPurses(state.holds, event.runs, event.at);
      return applyToRuns(state.runs, event);
    case "workspace.created":
    case "workspace.updated":
    case "limit.reached":
    case "balance.low":
    case "balance.depleted":
    case "balance.recovered":
    case "outcome.reversed":
    case "outcome.review_raised":
    case "rate_card.changed":
    case "top_up.rule_disabled":
    case "fairness.opened":
    case "fairness.recommended":
    case "reserve.gifted":
      return;
    case "member_terms.updated":
      return state.fairness.terms.set(event.terms.member, event.terms);
    case "group_terms.updated":
      return state.fairness.groupTerms.set(event.terms.group, event.terms);
    case "member.updated":
    case "member.deactivated":
      for (const { member, freesSeat } of membersIn(event)) {
        if (freesSeat === true) state.seats.seats.set(member.id, undefined);
        state.members.members.set(member.id, member);
      }
      return undefined;
    case "alert_rule.updated":
      return state.alerts.rules.set(event.rule.id, event.rule);
    case "alert_rule.removed":
      return state.alerts.rules.set(event.rule.id, undefined);
    case "alert.raised":
      return keepRaised(state.alerts, event);
    case "alert.reviewed":
      return keepReviewed(state.alerts, event);
    case "group.updated":
      return state.members.groups.set(event.group.id, event.group);
    case "limit.updated":
      return setLimit(state.limits, event, position);
    case "limit.removed":
      return removeLimit(state.limits, event.limit);
    case "limits.updated":
      for (const limit of event.removed) removeLimit(state.limits, limit);
      for (const one of event.limits) setLimit(state.limits, one, position);
      return undefined;
    case "credit_request.created":
    case "credit_request.approved":
    case "credit_request.declined":
    case "credit_request.expired":
      return applyToRequests(state, event, position);
    case "policy.updated":
      return state.policies.policies.set(event.policy.id, event.policy);
    case "policy.removed":
      return dropPolicy(state.policies, event.policy.id);
    case "policy.accepted":
      return accepted(state, event);
    case "credits.granted":
    case "credits.effective":
    case "credits.expired":
    case "credits.revoked":
    case "credits.repaid":
    case "credits.charged_back":
    case "credits.escheated":
    case "breakage.revised":
      return applyToLots(state, event);
    case "top_up.requested":
    case "top_up.pending":
    case "top_up.failed":
    case "top_up.rule_updated":
      return toppedUp(state.topUps, event, position);
    case "top_up.succeeded":
      addLot(state.pool, event.lot);
      if (event.bonus !== undefined) addLot(state.pool, event.bonus);
      if (event.purchase !== undefined) invoicePurchase(state.invoices, event.purchase);
      return toppedUp(state.topUps, event, position);
    case "subscription.started":
    case "subscription.renewed":
    case "subscription.granted":
    case "subscription.resumed":
    case "subscription.changed":
    case "subscription.updated":
    case "subscription.paused":
    case "subscription.ended":
    case "subscription.cancelled":
    case "subscription.recognised":
    case "commitment.trued_up":
    case "credits.rolled_over":
    case "seat.assigned":
    case "seat.released":
      return applyToSubscription(state, event, position);
    case "invoice.drafted":
    case "invoice.finalized":
    case "invoice.paid":
    case "invoice.voided":
    case "invoice.uncollectible":
    case "credit_note.issued":
    case "balance.applied":
    case "balance.paid_out":
      return applyToInvoices(state.invoices, event);
    case "outcome.claimed":
    case "outcome.signalled":
    case "outcome.reopened":
    case "outcome.confirmed":
    case "outcome.disputed":
      addFact(state.outcomes, event, event.at);
      if (event.estimatesAt !== null) planEstimate(state.outcomes, event.estimatesAt);
      accrue(state.invoices, event.accruals);
      countOutcomes(state, event, event.at);
      return judge(state.outcomes, event, event.at);
    case "outcome.estimated":
      return planEstimate(state.outcomes, event.releasesAt, event.amount);
    case "outcome.estimate_released":
      return planEstimate(state.outcomes, event.estimatesAt);
    case "outcome.matured":
      accrue(state.invoices, event.accruals);
      countOutcomes(state, event, event.at);
      return judge(state.outcomes, event, event.at);
    case "period.closed": {
      const { month, start, end } = event;
      assert(end <= event.at, "M1 a month is closed when it is over");
      return state.closing.months.set(month, { month, start, end, position });
    }
  }
}

function accepted({ members, policies }: State, { acceptance, guest }: PolicyAccepted): void {
  if (guest !== null) members.members.set(guest.id, guest);
  const key = acceptanceKey(acceptance.policy, acceptance.member);
  policies.acceptances.set(key, acceptance);
}

const none: readonly Lot[] = [];

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
