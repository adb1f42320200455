/** Owns whether an event is what a command asked for: of each subject its own file says it. */
import type { Command, Event } from "@cistern/kernel";
import { carriesOutGrant, carriesOutMoney, carriesOutTopUp } from "./money-claims.ts";
import { carriesOutInvoice, carriesOutOutcome, carriesOutPlan } from "./plan-claims.ts";
import { carriesOutRequest } from "./request-claims.ts";
import {
  carriesOutAlert,
  carriesOutLimit,
  carriesOutOfPeople,
  carriesOutPolicy,
  carriesOutRun,
  carriesOutShare,
} from "./rule-claims.ts";
import { carriesOutSpending } from "./spending-claims.ts";

/** Whether `event` carries out `command`: the same thing done, to the same one, in the same amount. */
export function carriesOut(event: Event, command: Command): boolean {
  switch (command.kind) {
    case "createWorkspace":
    case "updateWorkspace":
    case "putMember":
    case "deactivateMember":
    case "putGroup":
      return carriesOutOfPeople(event, command);
    case "putLimit":
    case "removeLimit":
    case "putLimits":
    case "splitLimit":
      return carriesOutLimit(event, command);
    case "putAlertRule":
    case "removeAlertRule":
    case "raiseAlert":
    case "reviewAlert":
      return carriesOutAlert(event, command);
    case "openRun":
    case "raiseRun":
    case "pauseRun":
    case "closeRun":
      return carriesOutRun(event, command);
    case "requestCredits":
    case "approveRequest":
    case "declineRequest":
      return carriesOutRequest(event, command);
    case "putPolicy":
    case "removePolicy":
    case "acceptPolicy":
      return carriesOutPolicy(event, command);
    case "chooseFairness":
    case "recommendFairness":
    case "giftReserve":
    case "setGuarantee":
    case "setGroupGuarantee":
    case "setReach":
      return carriesOutShare(event, command);
    case "grant":
    case "revoke":
      return carriesOutGrant(event, command);
    case "requestTopUp":
    case "resolveTopUp":
    case "putTopUpRule":
      return carriesOutTopUp(event, command);
    case "repay":
    case "chargeBack":
    case "escheat":
    case "reviseBreakage":
      return carriesOutMoney(event, command);
    case "putSubscription":
    case "cancelSubscription":
    case "setPeriodEnd":
    case "assignSeat":
    case "releaseSeat":
      return carriesOutPlan(event, command);
    case "invoiceNow":
    case "finalizeInvoice":
    case "payInvoice":
    case "voidInvoice":
    case "creditInvoice":
    case "payOutBalance":
    case "closeMonth":
      return carriesOutInvoice(event, command);
    case "claimOutcome":
    case "signalCase":
    case "reopenOutcome":
    case "confirmOutcome":
    case "disputeOutcome":
      return carriesOutOutcome(event, command);
    case "openHold":
    case "extendHold":
    case "settleHold":
    case "releaseHold":
    case "debit":
    case "refund":
      return carriesOutSpending(event, command);
  }
}
