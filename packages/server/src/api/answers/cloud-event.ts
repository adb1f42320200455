/**
 * Owns what leaves as an event: each fact in the words of the API, as a function of the event alone (E1). Of facts that a call
 * became, `data` is what the call was answered, without its place; of a charge also what was used, and for whom.
 */
import { type CloudEvent, type Grant, printCredits, printInstant } from "@cistern/contract";
import {
  type Event,
  type HoldSettled,
  type Lot,
  type Position,
  type Transfer,
  type UsageDebited,
  subjectOf,
} from "@cistern/kernel";
import { alertBody, alertRuleBody } from "./alert.ts";
import { closingBody } from "./closing.ts";
import { payoutBody } from "./customer-balance.ts";
import { debitBody, refundBody } from "./debit.ts";
import { chargebackBody, repaymentBody } from "./given-back.ts";
import { giftBody, groupTermsBody, memberTermsBody, sharingBody } from "./fairness.ts";
import { offerBody } from "./fairness-replay.ts";
import { grantBody, lotAfter } from "./grant.ts";
import { extendedBody, openedBody, releaseBody, settlementBody } from "./hold.ts";
import { limitsBody, planLimitBody } from "./limit.ts";
import { groupBody, memberBody } from "./member.ts";
import { changesBody, reversalBody, saidBody, signalBody } from "./outcome.ts";
import { acceptanceBody, policyBody } from "./policy.ts";
import { lotShares, poolBalanceOf } from "./pool.ts";
import { draftedBody, toldInvoice } from "./invoice.ts";
import { openedRunBody, raisedRunBody, runEventBody } from "./run.ts";
import { requestBody } from "./request.ts";
import { seatBody, seatReleasedBody } from "./seat.ts";
import { changeBody, clawedBackPart, moneyBody, subscriptionBody } from "./subscription.ts";
import type { ToldEvent } from "./told-event.ts";
import { toldTopUp } from "./top-up.ts";
import { workspaceBody } from "./workspace.ts";

/** Where an event stands and how it is named. */
export interface Placed {
  readonly workspaceId: string;
  readonly position: Position;
  /** First 8 hex digits of the row's hash (RULES 24). */
  readonly hash: string;
  /** The workspace's, for the cost of grants. */
  readonly currency: string;
}

/** An event in a CloudEvents 1.0 envelope. */
export function cloudEvent(event: Event, placed: Placed): CloudEvent {
  const { workspaceId, position, hash } = placed;
  const subject = subjectOf(event);
  const { type, data } = toldOf(event, placed);
  const envelope = {
    specversion: "1.0",
    id: `${workspaceId}:${position.seq}.${position.index}:${hash}`,
    source: `/workspaces/${workspaceId}`,
    type,
    ...(subject === "" ? {} : { subject }),
    time: printInstant(event.at),
    datacontenttype: "application/json",
    data: withoutPlace(data),
  };
  // Type and data were paired by `toldOf`: once taken apart, the compiler no longer sees it.
  const isPaired = (one: object): one is CloudEvent => one === envelope;
  if (!isPaired(envelope)) throw new Error(`${type} is no event.`);
  return envelope;
}

/** What an event tells; a purse is told of as its run: it is nobody's call. */
function toldOf(event: Event, { position, currency }: Placed): ToldEvent {
  switch (event.kind) {
    case "workspace.created":
    case "workspace.updated":
      return { type: event.kind, data: workspaceBody(event.workspace, undefined, position) };
    case "member.updated":
    case "member.deactivated":
      return {
        type: event.kind,
        data: {
          ...memberBody(event.member, undefined, position),
          ...(event.freesSeat === true ? { freesSeat: true } : {}),
          ...("keys" in event ? { keys: event.keys?.map(({ member }) => member.id) } : {}),
        },
      };
    case "seat.assigned":
      return { type: event.kind, data: seatBody(event, position) };
    case "seat.released":
      return { type: event.kind, data: seatReleasedBody(event, position) };
    case "group.updated":
      return { type: event.kind, data: groupBody(event.group, undefined, position) };
    case "limit.updated":
    case "limit.removed":
      return { type: event.kind, data: planLimitBody(event.limit) };
    case "alert_rule.updated":
    case "alert_rule.removed":
      return { type: event.kind, data: alertRuleBody(event.rule, position) };
    case "alert.raised":
      return { type: event.kind, data: alertBody(event.alert, position) };
    case "alert.reviewed":
      return { type: event.kind, data: alertBody(event.alert, position, event.verdict) };
    case "limits.updated":
      return { type: event.kind, data: limitsBody(event, position) };
    case "credit_request.created":
    case "credit_request.approved":
    case "credit_request.declined":
      return { type: event.kind, data: requestBody(event.request, {}, position) };
    case "credit_request.expired":
      return {
        type: event.kind,
        data: {
          requests: event.requests.map((one) => withoutPlace(requestBody(one, {}, position))),
        },
      };
    case "policy.updated":
    case "policy.removed":
      return { type: event.kind, data: policyBody(event.policy, position) };
    case "policy.accepted":
      return { type: event.kind, data: acceptanceBody(event.acceptance, position) };
    case "fairness.opened":
      return { type: event.kind, data: sharingBody(event.sharing) };
    case "fairness.recommended":
      return { type: event.kind, data: offerBody(event.advice) };
    case "reserve.gifted":
      return { type: event.kind, data: giftBody(event, position) };
    case "member_terms.updated":
      return { type: event.kind, data: memberTermsBody(event.terms, position) };
    case "group_terms.updated":
      return { type: event.kind, data: groupTermsBody(event.terms, position) };
    case "rate_card.changed":
      return { type: event.kind, data: { card: event.card, previous: event.previous } };
    case "limit.reached":
      return {
        type: event.kind,
        data: {
          scope: event.scope,
          used: printCredits(event.used),
          cap: printCredits(event.cap),
          resetsAt: printInstant(event.resetsAt),
        },
      };
    case "balance.low":
    case "balance.depleted":
    case "balance.recovered":
      return {
        type: event.kind,
        data: {
          left: printCredits(event.left),
          ...(event.lowBalance === 0n ? {} : { lowBalance: printCredits(event.lowBalance) }),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "credits.granted":
      return {
        type: event.kind,
        data: {
          ...granted(event.lot, event.transfers, { position, currency }),
          ...(event.bonus === undefined ? {} : { bonusCredits: printCredits(event.bonus.granted) }),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "credits.effective":
      return {
        type: event.kind,
        data: { grants: event.lots, balance: poolBalanceOf(event.balance) },
      };
    case "credits.expired":
      return {
        type: event.kind,
        data: {
          lots: lotShares(event.transfers.filter((one) => one.to === "expired")),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "credits.revoked":
      return {
        type: event.kind,
        data: {
          ...grantBody(event.left, currency, position),
          revokedNow: printCredits(event.credits),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "credits.repaid":
      return { type: event.kind, data: repaymentBody(event, currency, position) };
    case "credits.charged_back":
      return { type: event.kind, data: chargebackBody(event, currency, position) };
    case "credits.escheated":
    case "breakage.revised":
      return {
        type: event.kind,
        data: {
          ...grantBody(event.left, currency, position),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "hold.opened":
      return event.opens === undefined
        ? { type: event.kind, data: openedBody(event, position) }
        : { type: "run.opened", data: openedRunBody(event, event.opens, position) };
    case "hold.extended":
      return event.raises === undefined
        ? { type: event.kind, data: extendedBody(event, position) }
        : { type: "run.raised", data: raisedRunBody(event, event.raises.run, position) };
    case "hold.settled":
      return {
        type: event.kind,
        data: {
          ...settlementBody(event, position),
          ...callOf(event),
          member: event.path.member,
          ...clawedBackPart(event, currency),
        },
      };
    case "hold.released":
      return {
        type: event.kind,
        data: {
          ...releaseBody(event, position),
          member: event.path.member,
          ...clawedBackPart(event, currency),
        },
      };
    case "hold.expired":
      return {
        type: event.kind,
        data: {
          holds: event.holds.map(({ hold, member, expiredAt, returned }) => ({
            id: hold,
            member,
            expiredAt: printInstant(expiredAt),
            returned: printCredits(returned),
          })),
          ...clawedBackPart(event, currency),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "subscription.started":
    case "subscription.renewed":
    case "subscription.granted":
    case "subscription.resumed":
    case "subscription.changed":
    case "subscription.paused":
    case "subscription.ended":
    case "subscription.cancelled":
      return {
        type: event.kind,
        data: {
          ...changeBody(event, position),
          ...("seatFor" in event ? { seatFor: event.seatFor } : {}),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "subscription.updated":
      return {
        type: event.kind,
        data: {
          ...changeBody(event, position),
          ...(event.seatFor === undefined ? {} : { seatFor: event.seatFor }),
        },
      };
    case "subscription.recognised":
      return {
        type: event.kind,
        data: {
          subscription: subscriptionBody(event.subscription, position),
          amount: moneyBody(event.amount, currency),
          postedAt: printInstant(event.postedAt),
        },
      };
    case "commitment.trued_up":
      return {
        type: event.kind,
        data: {
          ...changeBody(event, position),
          usage: moneyBody(event.committed.periods.at(-1)?.usage ?? 0n, currency),
          postedAt: printInstant(event.postedAt),
        },
      };
    case "invoice.drafted":
      return { type: event.kind, data: draftedBody(event.invoice, currency) };
    case "invoice.finalized":
    case "invoice.paid":
    case "invoice.voided":
    case "invoice.uncollectible":
    case "credit_note.issued":
    case "balance.applied":
      return toldInvoice(event, { position, currency });
    case "balance.paid_out":
      return { type: event.kind, data: payoutBody(event, currency, position) };
    case "credits.rolled_over":
      return {
        type: event.kind,
        data: {
          subscription: subscriptionBody(event.subscription, position),
          lots: lotShares(event.transfers.filter((one) => one.to === "expired")),
          grants: event.lots.map((lot) => granted(lot, event.transfers, { position, currency })),
          balance: poolBalanceOf(event.balance),
        },
      };
    case "outcome.claimed":
    case "outcome.reopened":
    case "outcome.confirmed":
    case "outcome.disputed":
      return { type: event.kind, data: saidBody(event, currency, position) };
    case "outcome.signalled":
      return { type: event.kind, data: signalBody(event, currency, position) };
    case "outcome.matured":
      return { type: event.kind, data: { changes: changesBody(event.changes, currency) } };
    case "outcome.estimated":
    case "outcome.estimate_released":
      return { type: event.kind, data: { amount: moneyBody(event.amount, currency) } };
    case "outcome.reversed":
      return { type: event.kind, data: reversalBody(event, currency) };
    case "outcome.review_raised":
      return {
        type: event.kind,
        data: { reason: event.reason, case: event.about, type: event.type, count: event.count },
      };
    case "top_up.requested":
    case "top_up.pending":
    case "top_up.succeeded":
    case "top_up.failed":
    case "top_up.rule_updated":
    case "top_up.rule_disabled":
      return toldTopUp(event, position);
    case "run.opened":
    case "run.raised":
    case "run.paused":
    case "run.closed":
      return { type: event.kind, data: runEventBody(event.run, position) };
    case "run.expired":
      return {
        type: event.kind,
        data: { runs: event.runs.map((run) => withoutPlace(runEventBody(run, position))) },
      };
    case "usage.debited":
      return { type: event.kind, data: { ...debitBody(event, position), ...callOf(event) } };
    case "usage.refunded":
      return {
        type: event.kind,
        data: {
          ...refundBody(event, position),
          member: event.path.member,
          ...clawedBackPart(event, currency),
        },
      };
    case "period.closed":
      return { type: event.kind, data: closingBody(event, position) };
  }
}

/** Whose usage was charged and what it was: what a bill or a report outside is made of, without asking again. */
function callOf(event: HoldSettled | UsageDebited): object {
  const { groups } = event.path;
  const [run] = event.runs ?? [];
  return {
    ...(groups.length === 0 ? {} : { groups }),
    ...(run === undefined ? {} : { run: run.id }),
    ...(event.project === null ? {} : { project: event.project }),
    ...(event.meter === null ? {} : { meter: event.meter }),
    ...(event.model === null ? {} : { model: event.model }),
    ...(event.usage === null ? {} : { usage: event.usage }),
    ...(event.attributes === null ? {} : { attributes: event.attributes }),
  };
}

function granted(
  lot: Lot,
  transfers: readonly Transfer[],
  { position, currency }: Pick<Placed, "position" | "currency">,
): Grant {
  return grantBody(lotAfter(lot, transfers), currency, position);
}

/** The place stands in the event's id. */
function withoutPlace<Body extends object>(body: Body): Omit<Body, "at"> {
  const { at: _place, ...rest }: Body & { readonly at?: unknown } = body;
  return rest;
}
