/**
 * Owns how the kernel's refusals are told: the one exhaustive mapping of its codes to the contract's problems. A detail states
 * the fact with its values, then the next step.
 */
import { type BindingScope, type Problem, printCredits, printInstant } from "@cistern/contract";
import { type Instant, type Position, type Rejection, type Scope, isOfPlan } from "@cistern/kernel";
import { rateLimitOf, ruleText } from "../answers/rate-limit.ts";
import { inMoney, moneyText, repaymentText } from "./refused-money.ts";
import { type Refusal, freesAt, refuse, secondsUntil } from "./problem.ts";

/** When and on what a refusal was decided, and what was asked. */
export interface RefusedAt {
  readonly workspaceId: string;
  readonly decidedAt: Instant;
  readonly at: Position;
  /** How the detail names the call: "The hold". */
  readonly asker: string;
  /** That of the workspace: of refusals that tell of its money (`tellsMoney`). */
  readonly currency?: string;
}

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
      return refuse(
        "pool_exhausted",
        `${refused.asker} asks for ${printCredits(rejection.requested)} credits; ${printCredits(rejection.available)} are available. Grant credits, or ask for less.${freesAt(rejection.retryAt)}`,
        shortage(rejection),
      );
    case "unknown_group":
      return refuse(
        "unknown_group",
        `There is no group ${rejection.group}. Register it with PUT /v1/workspaces/${refused.workspaceId}/groups/${rejection.group}.`,
      );
    case "unknown_limit":
      return refuse("unknown_limit", `There is no limit ${rejection.limit}.`);
    case "limit_of_plan":
      return refuse(
        "limit_of_plan",
        `The limit ${rejection.limit} is none of the workspace's own: what begins with plan: comes with its plan. Change it in the catalog and migrate the subscription, or set a limit of another name, which holds beside it.`,
      );
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
      });
  }
}

type Of<Code extends Rejection["code"]> = Extract<Rejection, { readonly code: Code }>;

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

function rateLimited(rejection: Of<"rate_limited">, { asker, decidedAt }: RefusedAt): Refusal {
  const { scope, rule, requested, remaining, retryAt } = rejection;
  const print = (units: bigint): string =>
    rule.unit === "requests" ? units.toString() : printCredits(units);
  const missing = requested > remaining ? requested - remaining : 0n;
  return {
    ...refuse(
      "rate_limited",
      `${asker} asks for ${print(requested)} ${rule.unit}; ${nameOf(scope)} has ${print(remaining)} left of ${ruleText(rule)} (limit ${scope.limit ?? ""}).${retryAt === null ? " It is more than may ever come at once." : ` Retry at ${printInstant(retryAt)}.`}`,
      {
        scope: scopeOf(scope),
        requested: print(requested),
        available: print(remaining),
        missing: print(missing),
        ...(rule.unit === "requests" ? { unit: "requests" } : {}),
        ...(retryAt === null ? {} : { retryAt: printInstant(retryAt) }),
      },
    ),
    retryAfter: retryAt === null ? 1 : secondsUntil(retryAt, decidedAt),
    rateLimit: rateLimitOf(
      [{ limit: scope.limit ?? "", rule, remaining, resetsAt: retryAt ?? decidedAt }],
      decidedAt,
    ),
  };
}

function limitReached(rejection: Of<"limit_reached">, { asker }: RefusedAt): Refusal {
  const { scope, requested, available, cap, used, retryAt } = rejection;
  const inherited =
    scope.kind === "member" && scope.inherited === true ? ", set for each member" : "";
  const way =
    scope.limit !== undefined && isOfPlan(scope.limit)
      ? "It comes with the plan: ask for less, or change the plan."
      : "Raise the limit, or ask for less.";
  return refuse(
    "limit_reached",
    `${asker} asks for ${printCredits(requested)} credits; ${nameOf(scope)} has ${printCredits(available)} left of ${printCredits(cap)} (limit ${scope.limit ?? ""}${inherited}, ${printCredits(used)} used). ${way}${freesAt(retryAt)}`,
    shortage(rejection),
  );
}

/**
 * What calls in flight hold is free by `retryAt` at the latest, when they expire; most end long before. So `Retry-After` asks back
 * soon, and the problem says when there is nothing left to wait for.
 */
const heldRetrySecondsMax = 5;

function creditsHeld(rejection: Of<"credits_held">, { asker, decidedAt }: RefusedAt): Refusal {
  const { requested, available, retryAt } = rejection;
  return {
    ...refuse(
      "credits_held",
      `${asker} asks for ${printCredits(requested)} credits; ${printCredits(available)} are available, and calls in flight hold the rest. Retry when they have ended.`,
      shortage(rejection),
    ),
    retryAfter: heldRetryAfter(retryAt, decidedAt),
  };
}

function allowanceExhausted(
  rejection: Of<"allowance_exhausted">,
  { asker, workspaceId }: RefusedAt,
): Refusal {
  const { plan, meter, bucket, requested, available, included, used, held, resetsAt } = rejection;
  const renewal = resetsAt === null ? "" : ` It begins anew at ${printInstant(resetsAt)}.`;
  return refuse(
    "allowance_exhausted",
    `${asker} asks for ${requested} ${bucket} of ${meter}; the plan ${plan} has ${available} left of ${included} in this period (${used} used, ${held} held).${renewal} Ask for less, or take a plan with more: PUT /v1/workspaces/${workspaceId}/subscription.`,
    {
      ...unitShortage(rejection),
      ...(resetsAt === null ? {} : { retryAt: printInstant(resetsAt) }),
    },
  );
}

function allowanceHeld(rejection: Of<"allowance_held">, { asker, decidedAt }: RefusedAt): Refusal {
  const { plan, meter, bucket, requested, available, held, retryAt } = rejection;
  return {
    ...refuse(
      "allowance_held",
      `${asker} asks for ${requested} ${bucket} of ${meter}; the plan ${plan} has ${available} left, and calls in flight hold ${held}. Retry when they have ended.`,
      {
        ...unitShortage(rejection),
        ...(retryAt === null ? {} : { retryAt: printInstant(retryAt) }),
      },
    ),
    retryAfter: heldRetryAfter(retryAt, decidedAt),
  };
}

const unitShortage = ({
  requested,
  available,
  bucket,
}: Of<"allowance_exhausted" | "allowance_held">): Pick<
  Problem,
  "requested" | "available" | "missing" | "unit"
> => ({
  requested: `${requested}`,
  available: `${available}`,
  missing: `${requested - available}`,
  unit: bucket,
});

const heldRetryAfter = (retryAt: Instant | null, now: Instant): number =>
  retryAt === null ? 1 : Math.min(heldRetrySecondsMax, secondsUntil(retryAt, now));

function shortage(
  rejection: Of<"limit_reached" | "credits_held" | "pool_exhausted">,
): Pick<Problem, "scope" | "requested" | "available" | "missing" | "retryAt"> {
  const { scope, requested, available, missing, retryAt } = rejection;
  return {
    scope: scopeOf(scope),
    requested: printCredits(requested),
    available: printCredits(available),
    missing: printCredits(missing),
    ...(retryAt === null ? {} : { retryAt: printInstant(retryAt) }),
  };
}

/** A scope as it is told; the kernel's has the same fields. */
export function scopeOf(scope: Scope): BindingScope {
  return scope;
}

function nameOf(scope: Scope): string {
  return scope.kind === "workspace" ? "the workspace" : `${scope.kind} ${scope.id}`;
}
