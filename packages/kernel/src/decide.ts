import type { Command } from "./commands/command.ts";
import { chooseFairness } from "./commands/choose-fairness.ts";
import { putAlertRule, raiseAlert, removeAlertRule, reviewAlert } from "./commands/alert.ts";
import { claimOutcome } from "./commands/claim-outcome.ts";
import { closeMonth } from "./commands/close-month.ts";
import { debit } from "./commands/debit.ts";
import { extendHold } from "./commands/extend-hold.ts";
import { giftReserve, setGroupGuarantee, setGuarantee, setReach } from "./commands/fairness.ts";
import { grant, revoke } from "./commands/grant.ts";
import { creditInvoice, finalizeInvoice, payInvoice, voidInvoice } from "./commands/invoice.ts";
import { invoiceNow } from "./commands/invoice-now.ts";
import { putLimit, removeLimit } from "./commands/limit.ts";
import { putLimits, splitLimit } from "./commands/limits.ts";
import { escheat, reviseBreakage } from "./commands/lot-money.ts";
import { deactivateMember, putGroup, putMember } from "./commands/member.ts";
import { confirmOutcome, disputeOutcome, reopenOutcome, signalCase } from "./commands/outcome.ts";
import { payOutBalance } from "./commands/pay-out.ts";
import { openHold } from "./commands/open-hold.ts";
import { acceptPolicy, putPolicy, removePolicy } from "./commands/policy.ts";
import { recommendFairness } from "./commands/recommend-fairness.ts";
import { refund } from "./commands/refund.ts";
import { releaseHold } from "./commands/release-hold.ts";
import { chargeBack, repay } from "./commands/repay.ts";
import { closeRun, openRun, pauseRun, raiseRun } from "./commands/run.ts";
import { approveRequest, declineRequest, requestCredits } from "./commands/request.ts";
import { assignSeat, releaseSeat } from "./commands/seat.ts";
import { settleHold } from "./commands/settle-hold.ts";
import { cancelSubscription, putSubscription, setPeriodEnd } from "./commands/subscription.ts";
import { putTopUpRule, requestTopUp, resolveTopUp } from "./commands/top-up.ts";
import { createWorkspace, updateWorkspace } from "./commands/workspace.ts";
import { type Decision, type Surroundings, reject } from "./decision.ts";
import { withSharing } from "./fairness/open.ts";
import type { Instant } from "./instant.ts";
import { type State, workspaceOf } from "./state/state.ts";

/**
 * Decides one command at one instant. Reads the state and never writes it; `apply` carries out what was accepted. All that
 * is due up to `at` must have been applied before (`nextDue`).
 *
 * @example
 * const decision = decide(state, command, at, { calendar, rateCard });
 * if (decision.kind === "accepted") apply(state, decision.event, position);
 */
export function decide(
  state: State,
  command: Command,
  at: Instant,
  around: Surroundings,
): Decision {
  const decision = decided(state, command, at, around);
  if (decision.kind === "rejected") return decision;
  const event = withSharing(state, decision.event, around.calendar);
  return event === decision.event ? decision : { ...decision, event };
}

function decided(state: State, command: Command, at: Instant, around: Surroundings): Decision {
  if (command.kind !== "createWorkspace" && workspaceOf(state) === undefined)
    return reject({ code: "unknown_workspace" });
  switch (command.kind) {
    case "createWorkspace":
      return createWorkspace(state, command, at);
    case "updateWorkspace":
      return updateWorkspace(state, command, at);
    case "putMember":
      return putMember(state, command, at);
    case "deactivateMember":
      return deactivateMember(state, command, at);
    case "putGroup":
      return putGroup(command, at);
    case "putLimit":
      return putLimit(state, command, at);
    case "removeLimit":
      return removeLimit(state, command, at);
    case "putLimits":
      return putLimits(state, command, at);
    case "splitLimit":
      return splitLimit(state, command, at);
    case "requestCredits":
      return requestCredits(state, command, at);
    case "approveRequest":
      return approveRequest(state, command, at, around);
    case "declineRequest":
      return declineRequest(state, command, at);
    case "putPolicy":
      return putPolicy(state, command, at);
    case "removePolicy":
      return removePolicy(state, command, at);
    case "acceptPolicy":
      return acceptPolicy(state, command, at);
    case "grant":
      return grant(state, command, at, around);
    case "revoke":
      return revoke(state, command, at);
    case "repay":
      return repay(state, command, at);
    case "chargeBack":
      return chargeBack(state, command, at);
    case "escheat":
      return escheat(state, command, at);
    case "reviseBreakage":
      return reviseBreakage(state, command, at);
    case "openHold":
      return openHold(state, command, at, around);
    case "extendHold":
      return extendHold(state, command, at, around);
    case "settleHold":
      return settleHold(state, command, at, around);
    case "releaseHold":
      return releaseHold(state, command, at);
    case "debit":
      return debit(state, command, at, around);
    case "refund":
      return refund(state, command, at);
    case "openRun":
      return openRun(state, command, at, around);
    case "raiseRun":
      return raiseRun(state, command, at, around);
    case "pauseRun":
      return pauseRun(state, command, at);
    case "closeRun":
      return closeRun(state, command, at);
    case "putSubscription":
      return putSubscription(state, command, at, around);
    case "assignSeat":
      return assignSeat(state, command, at, around);
    case "releaseSeat":
      return releaseSeat(state, command, at);
    case "setPeriodEnd":
      return setPeriodEnd(state, command, at, around);
    case "cancelSubscription":
      return cancelSubscription(state, at, around);
    case "invoiceNow":
      return invoiceNow(state, at);
    case "finalizeInvoice":
      return finalizeInvoice(state, command, at);
    case "payInvoice":
      return payInvoice(state, command, at);
    case "voidInvoice":
      return voidInvoice(state, command, at);
    case "creditInvoice":
      return creditInvoice(state, command, at);
    case "payOutBalance":
      return payOutBalance(state, command, at);
    case "claimOutcome":
      return claimOutcome(state, command, at, around);
    case "signalCase":
      return signalCase(state, command, at);
    case "reopenOutcome":
      return reopenOutcome(state, command, at);
    case "confirmOutcome":
      return confirmOutcome(state, command, at);
    case "disputeOutcome":
      return disputeOutcome(state, command, at);
    case "requestTopUp":
      return requestTopUp(state, command, at);
    case "resolveTopUp":
      return resolveTopUp(state, command, at, around);
    case "putTopUpRule":
      return putTopUpRule(state, command, at);
    case "chooseFairness":
      return chooseFairness(state, command, at);
    case "recommendFairness":
      return recommendFairness(state, command, at);
    case "giftReserve":
      return giftReserve(state, command, at);
    case "setGuarantee":
      return setGuarantee(state, command, at);
    case "setGroupGuarantee":
      return setGroupGuarantee(state, command, at);
    case "setReach":
      return setReach(state, command, at);
    case "putAlertRule":
      return putAlertRule(state, command, at);
    case "removeAlertRule":
      return removeAlertRule(state, command, at);
    case "raiseAlert":
      return raiseAlert(state, command, at, around);
    case "reviewAlert":
      return reviewAlert(state, command, at);
    case "closeMonth":
      return closeMonth(state, command, at, around);
  }
}
