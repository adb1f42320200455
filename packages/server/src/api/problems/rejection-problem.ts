/**
 * Owns how the kernel's refusals are told: the one exhaustive mapping of its codes to the contract's problems. A detail states
 * the fact with its values, then the next step.
 */
import { printCredits, printInstant } from "@cistern/contract";
import type { Rejection } from "@cistern/kernel";
import { runRefusal } from "./run-refusal.ts";
import { refusedRequest } from "./refused-request.ts";
import { inMoney, moneyText, repaymentText } from "./refused-money.ts";
import { notAllowed, policyNotAccepted } from "./policed.ts";
import { type Refusal, freesAt, refuse } from "./problem.ts";
import type { Of, RefusedAt } from "./refused-at.ts";
import { sharedOut } from "./share-shortage.ts";
import {
  allowanceExhausted,
  allowanceHeld,
  creditsHeld,
  poolExhausted,
  limitReached,
  rateLimited,
} from "./shortage.ts";

/** The answer to a command that the kernel refused. */
export function rejectionRefusal(rejection: Rejection, refused: RefusedAt): Refusal {
  const refusal = tell(rejection, refused);
  const known = { decidedAt: printInstant(refused.decidedAt), at: refused.at };
  return { ...refusal, problem: { ...refusal.problem, ...known } };
}

function tell(rejection: Rejection, refused: RefusedAt): Refusal {
  switch (rejection.code) {
    case "unknown_workspace":
      return refuse("unknown_workspace", `There is no workspace ${refused.workspaceId}.`);
    case "workspace_exists":
      return refuse(
        "workspace_exists",
        `There is a workspace ${rejection.workspace} already. Change it with PATCH /v1/workspaces/${rejection.workspace}, or take another id.`,
      );
    case "workspace_suspended":
      return refuse(
        "workspace_suspended",
        `Workspace ${refused.workspaceId} is suspended; open holds may still end. Set its status to active to go on.`,
      );
    case "member_inactive":
      return refuse(
        "member_inactive",
        `Member ${rejection.member} is deactivated. PUT the member again to bring it back.`,
      );
    case "unknown_member":
      return refuse("unknown_member", unknownMember(rejection, refused.workspaceId));
    case "seat_required":
      return refuse(
        "seat_required",
        `The plan ${rejection.plan} lets members with a seat spend, and ${rejection.member} is on none. Give it (or, of an agent or a key, its sponsor) one with PUT /v1/workspaces/${refused.workspaceId}/seats/${rejection.member}.`,
      );
    case "feature_not_in_plan":
      return refuse(
        "feature_not_in_plan",
        `The plan ${rejection.plan} does not include the ${rejection.kind} ${rejection.feature}. GET /v1/workspaces/${refused.workspaceId}/entitlements says what it includes; use one of those, or change the plan.`,
      );
    case "policy_not_accepted":
      return policyNotAccepted(rejection, refused);
    case "not_allowed":
      return notAllowed(rejection, refused);
    case "seats_exhausted":
      return refuse(
        "seats_exhausted",
        `All ${rejection.paid} seat(s) that are paid for, now and in the next period, are assigned (${rejection.assigned}). ${moreSeats(rejection.atMost, refused.workspaceId)}`,
      );
    case "seats_assigned":
      return refuse(
        "seats_assigned",
        `${rejection.assigned} seats are assigned, and ${rejection.asked} would be paid for. Take seats back with DELETE /v1/workspaces/${refused.workspaceId}/seats/{member} first.`,
      );
    case "seat_not_assigned":
      return refuse("seat_not_assigned", `Member ${rejection.member} has no seat.`);
    case "unknown_run":
      return refuse(
        "unknown_run",
        `There is no run ${rejection.run}. Leave "run" out, or open the run first.`,
      );
    case "run_of_another":
    case "run_ended":
    case "run_paused":
    case "run_deadline_passed":
    case "run_limit_reached":
    case "runaway_loop":
    case "run_exists":
    case "too_many_runs":
      return runRefusal(rejection, refused);
    case "unknown_meter":
      return refuse(
        "unknown_meter",
        `The rate card has no meter ${rejection.meter}. Name one that it has, or ask for "credits".`,
      );
    case "unknown_model":
      return refuse("unknown_model", unknownModel(rejection));
    case "rate_limited":
      return rateLimited(rejection, refused);
    case "limit_reached":
      return limitReached(rejection, refused);
    case "allowance_exhausted":
      return allowanceExhausted(rejection, refused);
    case "allowance_held":
      return allowanceHeld(rejection, refused);
    case "never_this_period":
    case "reserved_for_others":
    case "borrow_limit":
      return sharedOut(rejection, refused);
    case "fairness_off":
      return refuse(
        "fairness_off",
        `Workspace ${refused.workspaceId} shares its pool by no policy, so nothing is reserved that could be given. Set its fairness first.`,
      );
    case "not_an_owner":
      return refuse(
        "not_an_owner",
        `${rejection.member} is no owner of workspace ${refused.workspaceId}. Its owners are ${rejection.owners.join(", ")}: one of them decides this.`,
      );
    case "gift_exceeds_reserve":
      return refuse(
        "gift_exceeds_reserve",
        `${printCredits(rejection.reserved)} credits are reserved for ${rejection.member} now. Give at most that.`,
        { available: printCredits(rejection.reserved) },
      );
    case "credits_held":
      return creditsHeld(rejection, refused);
    case "spend_cap_reached":
      return refuse(
        "spend_cap_reached",
        `${refused.asker} may add ${moneyText(rejection.asked, rejection.currency)} with the calls in flight; ${moneyText(rejection.billed, rejection.currency)} of the period's cap of ${moneyText(rejection.cap, rejection.currency)} are billed. Ask for less, or raise the cap with another plan.${freesAt(rejection.resetsAt)}`,
        {
          scope: { kind: "workspace", id: rejection.workspace },
          ...(rejection.resetsAt === null ? {} : { retryAt: printInstant(rejection.resetsAt) }),
        },
      );
    case "pool_exhausted":
      return poolExhausted(rejection, refused);
    case "unknown_group":
      return refuse(
        "unknown_group",
        `There is no group ${rejection.group}. Register it with PUT /v1/workspaces/${refused.workspaceId}/groups/${rejection.group}.`,
      );
    case "unknown_alert_rule":
      return refuse("unknown_alert_rule", `There is no alert rule ${rejection.rule}.`);
    case "unknown_alert":
      return refuse(
        "unknown_alert",
        `No alert ${rejection.alert} waits for a review: there is none, or somebody has reviewed it.`,
      );
    case "unknown_limit":
      return refuse("unknown_limit", `There is no limit ${rejection.limit}.`);
    case "unknown_policy":
      return refuse("unknown_policy", `There is no policy ${rejection.policy}.`);
    case "policy_text_differs":
      return refuse(
        "policy_text_differs",
        rejection.stands === null
          ? `Policy ${rejection.policy} has no text that could be accepted.`
          : `Version ${rejection.version} of policy ${rejection.policy} was accepted; ${rejection.stands} stands. Show that one, and accept it.`,
      );
    case "limit_of_plan":
      return refuse(
        "limit_of_plan",
        `The limit ${rejection.limit} is none of the workspace's own: what begins with plan: comes with its plan. Change it in the catalog and migrate the subscription, or set a limit of another name, which holds beside it.`,
      );
    case "unknown_request":
    case "request_open":
    case "request_over":
    case "request_outdated":
    case "not_an_approver":
      return refusedRequest(rejection, refused);
    case "unknown_grant":
      return refuse("unknown_grant", `There is no grant ${rejection.grant}.`);
    case "unknown_hold":
      return rejection.hold.startsWith("dbt_")
        ? refuse("unknown_debit", `There is no debit ${rejection.hold}.`)
        : refuse("unknown_hold", `There is no hold ${rejection.hold}.`);
    case "hold_already_settled":
      return refuse(
        "hold_already_settled",
        `Hold ${rejection.hold} is settled already. More usage is a debit; less is a refund.`,
      );
    case "hold_released":
      return refuse(
        "hold_released",
        `Hold ${rejection.hold} is released already. Report usage that happened as a debit.`,
      );
    case "hold_expired":
      return refuse(
        "hold_expired",
        `Hold ${rejection.hold} expired at ${printInstant(rejection.expiredAt)}. Settle it within 30 days of that, or report the usage as a debit.`,
      );
    case "refund_exceeds_charge":
      return refuse(
        "refund_exceeds_charge",
        `${printCredits(rejection.left)} credits of ${rejection.of} are left to refund. Ask for at most that.`,
        { available: printCredits(rejection.left) },
      );
    case "revoke_exceeds_grant":
      return refuse(
        "revoke_exceeds_grant",
        `${printCredits(rejection.left)} credits of grant ${rejection.grant} are left to revoke. Ask for at most that.`,
        { available: printCredits(rejection.left) },
      );
    case "no_subscription":
      return refuse(
        "no_subscription",
        `Workspace ${refused.workspaceId} has no subscription. Begin one with PUT /v1/workspaces/${refused.workspaceId}/subscription and a plan.`,
      );
    case "unknown_invoice":
      return refuse("unknown_invoice", `There is no invoice ${rejection.invoice}.`);
    case "unknown_top_up":
      return refuse("unknown_top_up", `There is no top-up ${rejection.topUp}.`);
    case "top_up_status":
      return refuse(
        "top_up_status",
        `Top-up ${rejection.topUp} is ${rejection.status}${rejection.payment === null ? "" : `, with payment ${rejection.payment}`}. It is paid once, and fails before that.`,
      );
    case "pack_not_in_plan":
      return refuse(
        "pack_not_in_plan",
        `Plan ${rejection.plan} does not offer pack ${rejection.pack}.`,
      );
    case "invoice_status":
      return refuse(
        "invoice_status",
        `Invoice ${rejection.invoice} is ${rejection.status}. A draft is issued; an issued one is paid, credited, voided or given up.`,
      );
    case "nothing_to_invoice":
      return refuse(
        "nothing_to_invoice",
        "Nothing is pending that comes to an amount. GET …/invoices/upcoming shows what is, GET …/invoices the drafts that wait to be issued.",
      );
    case "payment_known":
      return refuse(
        "payment_known",
        `Payment ${rejection.payment} is booked already, for ${rejection.topUp === undefined ? `invoice ${rejection.invoice}` : `top-up ${rejection.topUp}`}. Another payment needs another id.`,
      );
    case "payment_exceeds_due":
      return refuse(
        "payment_exceeds_due",
        `Invoice ${rejection.invoice} has ${inMoney(rejection.due, refused)} due. Pay more than 0 and at most that, or say "excessToBalance": true: then what is beyond it goes to the customer's balance.`,
      );
    case "payout_exceeds_balance":
      return refuse(
        "payout_exceeds_balance",
        `A payout of ${inMoney(rejection.asked, refused)} was asked for; ${inMoney(rejection.free, refused)} are free, and ${inMoney(rejection.waiting, refused)} wait for the invoice that gives them back. Pay out more than 0 and at most what is free.`,
      );
    case "credit_exceeds_invoice":
      return refuse(
        "credit_exceeds_invoice",
        `Invoice ${rejection.invoice} has ${inMoney(rejection.left, refused)} left to credit. Credit more than 0 and at most that.`,
      );
    case "outcome_not_in_plan":
      return refuse(
        "outcome_not_in_plan",
        `The plan ${rejection.plan} does not pay for outcomes of type ${rejection.type}. Name a type that it has, or change the plan.`,
      );
    case "unknown_outcome":
      return refuse(
        "unknown_outcome",
        `There is no outcome ${rejection.outcome}, or its case has rested for more than 120 days.`,
      );
    case "outcome_disputed":
      return refuse(
        "outcome_disputed",
        `A dispute of outcome ${rejection.outcome} waits already. Resolve it with "resolution".`,
      );
    case "outcome_not_disputed":
      return refuse(
        "outcome_not_disputed",
        `No dispute of outcome ${rejection.outcome} waits. Raise one without "resolution" first.`,
      );
    case "grant_over":
      return refuse(
        "grant_over",
        `Grant ${rejection.grant} is ${rejection.phase}. Only what is left of a grant can be changed.`,
      );
    case "repayment_exceeds_payment":
      return refuse("repayment_exceeds_payment", repaymentText(rejection, refused));
    case "period_closed":
      return refuse(
        "period_closed",
        `The books are closed up to and with ${rejection.month}, and this is dated ${printInstant(rejection.asked)}. Date it at or after ${printInstant(rejection.openFrom)}.`,
      );
    case "currency_mismatch":
      return refuse(
        "currency_mismatch",
        `The money is in ${rejection.given}; workspace ${refused.workspaceId} keeps its books in ${rejection.expected}. State it in ${rejection.expected}.`,
      );
    case "invalid_request":
      return refuse("invalid_request", rejection.reason, {
        violations: [rejection, ...(rejection.more ?? [])].map(({ field, reason }) => ({
          pointer: `/${field}`,
          detail: reason,
        })),
        ...(rejection.buckets === undefined ? {} : { buckets: rejection.buckets }),
      });
  }
}

function moreSeats(atMost: Of<"seats_exhausted">["atMost"], workspaceId: string): string {
  if (atMost === undefined)
    return `Buy more with PUT /v1/workspaces/${workspaceId}/seats, or take one back.`;
  const { plan, isPlanned } = atMost;
  return isPlanned
    ? `The plan ${plan}, which is planned for the next period, has no more: take one back, or plan another with PUT /v1/workspaces/${workspaceId}/subscription.`
    : `The plan ${plan} has no more: take one back, or change to another with PUT /v1/workspaces/${workspaceId}/subscription.`;
}

function unknownMember({ member, reason }: Of<"unknown_member">, workspaceId: string): string {
  const register = `Register it with PUT /v1/workspaces/${workspaceId}/members/${member}.`;
  switch (reason) {
    case "known_members_only":
      return `Member ${member} is not registered, and the workspace takes known members only. ${register}`;
    case "too_many_guests":
      return `Member ${member} is not registered, and the workspace has as many guests as it takes. ${register}`;
    case "not_registered":
      return `Member ${member} is not registered. ${register}`;
  }
}

function unknownModel({ meter, model }: Of<"unknown_model">): string {
  return model === null
    ? `The rate card prices ${meter} by model. Name the "model".`
    : `The rate card has no row for ${meter} with model ${model}. Name one that it has, or ask for "credits".`;
}
