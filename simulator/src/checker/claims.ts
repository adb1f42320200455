/** Owns whether an event is what a command asked for. */
import type {
  AllowanceMove,
  Amount,
  Level,
  Command,
  Event,
  HoldSettled,
  Interval,
  LimitRule,
  Price,
  SettleHold,
  Subscription,
} from "@cistern/kernel";
import { textOf } from "../history/text-of.ts";
import { carriesOutRequest } from "./request-claims.ts";
import { type Free, exactCost, levelCost, rounded } from "./rating.ts";

/** Whether `event` carries out `command`: the same thing done, to the same one, in the same amount. */
export function carriesOut(event: Event, command: Command): boolean {
  switch (command.kind) {
    case "createWorkspace":
      return event.kind === "workspace.created" && isWithin(command.workspace, event.workspace);
    case "updateWorkspace":
      return event.kind === "workspace.updated" && isWithin(command.changes, event.workspace);
    case "putMember":
      return (
        event.kind === "member.updated" &&
        event.member.id === command.member &&
        event.member.kind === command.memberKind &&
        event.member.sponsor === command.sponsor &&
        event.member.groups.join() === command.groups.join()
      );
    case "deactivateMember":
      return event.kind === "member.deactivated" && event.member.id === command.member;
    case "putGroup":
      return event.kind === "group.updated" && event.group.id === command.group;
    case "putLimit":
      return (
        event.kind === "limit.updated" &&
        event.limit.id === command.limit &&
        isWithin({ scope: command.scope, rule: command.rule }, event.limit)
      );
    case "removeLimit":
      return event.kind === "limit.removed" && event.limit.id === command.limit;
    case "putAlertRule":
      return event.kind === "alert_rule.updated" && isWithin(command.rule, event.rule);
    case "removeAlertRule":
      return event.kind === "alert_rule.removed" && event.rule.id === command.rule;
    case "raiseAlert":
      return event.kind === "alert.raised" && event.alert.crossing === command.crossing;
    case "reviewAlert":
      return event.kind === "alert.reviewed" && event.alert.id === command.alert;
    case "putLimits":
      return (
        event.kind === "limits.updated" &&
        event.limits.length === command.limits.length &&
        event.limits.every(({ limit }, index) => isWithin({ ...command.limits[index] }, limit)) &&
        event.removed.map(({ id }) => id).join() === command.remove.join()
      );
    case "splitLimit":
      return (
        event.kind === "limits.updated" &&
        event.limits.reduce((sum, { limit: { rule } }) => sum + cappedAt(rule), 0n) ===
          command.credits
      );
    case "openRun":
      return (
        event.kind === "run.opened" &&
        event.run.id === command.run &&
        event.run.member === command.member &&
        (event.run.ancestors[0] ?? null) === command.parent &&
        isWithin({ bounds: command.bounds }, event.run)
      );
    case "raiseRun":
      return event.kind === "run.raised" && event.run.id === command.run;
    case "pauseRun":
      return event.kind === "run.paused" && event.run.id === command.run;
    case "closeRun":
      return event.kind === "run.closed" && event.run.id === command.run;
    case "requestCredits":
    case "approveRequest":
    case "declineRequest":
      return carriesOutRequest(event, command);
    case "putPolicy":
      return event.kind === "policy.updated" && isWithin(command.policy, event.policy);
    case "removePolicy":
      return event.kind === "policy.removed" && event.policy.id === command.policy;
    case "acceptPolicy":
      return (
        event.kind === "policy.accepted" &&
        event.acceptance.policy === command.policy &&
        event.acceptance.member === command.member &&
        event.acceptance.text.version === command.version
      );
    case "closeMonth":
      return event.kind === "period.closed" && event.month === command.month;
    case "grant":
    case "revoke":
      return carriesOutGrant(event, command);
    case "requestTopUp":
    case "resolveTopUp":
    case "putTopUpRule":
      return carriesOutTopUp(event, command);
    case "putSubscription":
      return (
        "subscription" in event &&
        (command.plan === null ||
          [event.subscription, event.subscription.next].some(
            (one) => (one === null ? undefined : one.plan.name) === command.plan?.name,
          ))
      );
    case "chooseFairness":
      return (
        event.kind === "workspace.updated" && event.workspace.fairness?.chosenBy === command.by
      );
    case "recommendFairness":
      return event.kind === "fairness.recommended" && isWithin(command.advice, event.advice);
    case "giftReserve":
      return (
        event.kind === "reserve.gifted" &&
        event.gift === command.gift &&
        event.from === command.from &&
        event.to === command.to &&
        event.credits === command.credits
      );
    case "setGuarantee":
      return (
        event.kind === "member_terms.updated" &&
        event.terms.member === command.member &&
        event.terms.guarantee === command.credits
      );
    case "setReach":
      return (
        event.kind === "member_terms.updated" &&
        event.terms.member === command.member &&
        event.terms.reach === command.reach
      );
    case "assignSeat":
      return (
        ("seat" in event &&
          event.kind === "seat.assigned" &&
          event.seat.member === command.member) ||
        ("seatFor" in event && event.seatFor === command.member)
      );
    case "releaseSeat":
      return event.kind === "seat.released" && event.seat.member === command.member;
    case "cancelSubscription":
      return event.kind === "subscription.cancelled";
    case "invoiceNow":
      return event.kind === "invoice.drafted" && event.invoice.isInterim === true;
    case "finalizeInvoice":
      return event.kind === "invoice.finalized" && event.invoice.number === command.number;
    case "payInvoice":
      return (
        event.kind === "invoice.paid" &&
        event.payment === command.payment &&
        (command.amount === null || event.amount === command.amount)
      );
    case "voidInvoice":
      return "invoice" in event && event.invoice?.status === command.status;
    case "creditInvoice":
      return event.kind === "credit_note.issued" && event.amount === command.amount;
    case "payOutBalance":
      return (
        event.kind === "balance.paid_out" &&
        (command.amount === null || event.amount === command.amount)
      );
    case "setPeriodEnd":
      return "subscription" in event && endsSo(event.subscription, command.atEnd);
    case "repay":
    case "chargeBack":
    case "escheat":
    case "reviseBreakage":
      return carriesOutMoney(event, command);
    case "claimOutcome":
      return event.kind === "outcome.claimed" && event.of?.claim.outcome === command.outcome;
    case "signalCase":
      return event.kind === "outcome.signalled" && event.fact.kind === command.signal;
    case "reopenOutcome":
      return event.kind === "outcome.reopened" && event.of?.claim.outcome === command.outcome;
    case "confirmOutcome":
      return event.kind === "outcome.confirmed" && event.of?.claim.outcome === command.outcome;
    case "disputeOutcome":
      return event.kind === "outcome.disputed" && event.of?.claim.outcome === command.outcome;
    case "openHold":
    case "extendHold":
    case "settleHold":
    case "releaseHold":
    case "debit":
    case "refund":
      return carriesOutSpending(event, command);
  }
}

/** A pause has no period to end with: it ends at once. */
const endsSo = ({ atEnd, status }: Subscription, wanted: Subscription["atEnd"]): boolean =>
  atEnd === wanted || (wanted === "end" && status === "ended");

function carriesOutGrant(
  event: Event,
  command: Extract<Command, { kind: "grant" | "revoke" }>,
): boolean {
  if (command.kind === "revoke")
    return (
      event.kind === "credits.revoked" &&
      event.lot === command.grant &&
      event.isWhole === (command.credits === null) &&
      (command.credits === null || event.credits + event.owed === command.credits)
    );
  if (event.kind !== "credits.granted") return false;
  const { lot, at } = event;
  const effectiveAt = command.effectiveAt ?? at;
  return (
    lot.id === command.grant &&
    lot.granted === command.credits &&
    lot.cost + (event.bonus?.cost ?? 0n) === command.cost &&
    event.bonus?.granted === command.bonus?.credits &&
    textOf(event.payment ?? null) === textOf(command.payment ?? null) &&
    (lot.finance?.breakage ?? undefined) === command.breakage &&
    (lot.finance?.escheats ?? false) === (command.escheats ?? false) &&
    lot.source === command.source &&
    lot.priority === command.priority &&
    lot.expiresAt === command.expiresAt &&
    lot.grantedAt === at &&
    lot.effectiveAt === effectiveAt &&
    lot.phase === (effectiveAt > at ? "pending" : "live") &&
    textOf(lot.appliesTo) === textOf(command.appliesTo)
  );
}

function carriesOutTopUp(
  event: Event,
  command: Extract<Command, { kind: "requestTopUp" | "resolveTopUp" | "putTopUpRule" }>,
): boolean {
  if (command.kind === "putTopUpRule") {
    const { isEnabled, pack, threshold, target, monthlyCeiling } = command;
    return (
      event.kind === "top_up.rule_updated" &&
      isWithin({ isEnabled, pack, threshold, target, monthlyCeiling }, event.rule)
    );
  }
  if (!("topUp" in event) || typeof event.topUp === "string") return false;
  const { topUp } = event;
  if (topUp.id !== command.topUp) return false;
  if (command.kind === "requestTopUp")
    return (
      event.kind === "top_up.requested" &&
      topUp.quantity === command.quantity &&
      textOf(topUp.pack) === textOf(command.pack)
    );
  const { outcome, payment } = command;
  if (payment !== null && topUp.payment !== payment) return false;
  return topUp.status === (outcome.kind === "declined" ? "failed" : outcome.kind);
}

function carriesOutMoney(
  event: Event,
  command: Extract<Command, { kind: "repay" | "chargeBack" | "escheat" | "reviseBreakage" }>,
): boolean {
  switch (command.kind) {
    case "repay":
      return (
        event.kind === "credits.repaid" &&
        event.lot === command.grant &&
        event.goodwill === (command.goodwill ?? 0n) &&
        (command.credits === null || event.credits === command.credits)
      );
    case "chargeBack":
      return (
        event.kind === "credits.charged_back" &&
        // Told again, it takes what has moved on from the grant since.
        event.lots.some(
          ({ lot, left }) => lot === command.grant || left.finance?.origin === command.grant,
        ) &&
        event.fee === command.fee
      );
    case "escheat":
      return event.kind === "credits.escheated" && event.lot === command.grant;
    case "reviseBreakage":
      return (
        event.kind === "breakage.revised" &&
        event.lot === command.grant &&
        event.breakage === command.breakage
      );
  }
}

type Spending = Extract<
  Command,
  {
    kind: "openHold" | "extendHold" | "settleHold" | "releaseHold" | "debit" | "refund";
  }
>;

function carriesOutSpending(event: Event, command: Spending): boolean {
  switch (command.kind) {
    case "openHold":
      return (
        event.kind === "hold.opened" &&
        event.hold === command.hold &&
        event.path.member === command.member &&
        event.meter === command.meter &&
        event.project === command.project &&
        event.credits === creditsOf(command.amount, event.price, { free: freeOf(event.units) }) &&
        event.expiresAt === event.at + command.ttlMs
      );
    case "extendHold":
      return (
        event.kind === "hold.extended" &&
        event.hold === command.hold &&
        event.credits === command.credits &&
        (command.ttlMs === null || event.expiresAt === event.at + command.ttlMs)
      );
    case "settleHold":
      return (
        event.kind === "hold.settled" &&
        event.hold === command.hold &&
        event.fingerprint === command.fingerprint &&
        event.isFinal === (command.isFinal || event.isLate) &&
        event.outcome === command.outcome &&
        isSettled(event, command.amount)
      );
    case "releaseHold":
      return (
        event.kind === "hold.released" &&
        event.hold === command.hold &&
        event.fingerprint === command.fingerprint
      );
    case "debit":
      return (
        event.kind === "usage.debited" &&
        event.debit === command.debit &&
        event.path.member === command.member &&
        isDebited(event, command.amount) &&
        event.occurredAt === Math.min(happenedAt(command) ?? event.at, event.at)
      );
    case "refund":
      return (
        event.kind === "usage.refunded" &&
        event.refund === command.refund &&
        event.of === command.of &&
        (command.credits === null || event.credits === command.credits)
      );
  }
}

/** What nobody pays of usage in a trial is left out of what it is charged, and is the vendor's loss; what could have paid it the books know. */
function isDebited(event: Extract<Event, { kind: "usage.debited" }>, amount: Amount | Level) {
  const { charged, debt, billed, price, fresh, units, loss = 0n } = event;
  const cost = creditsOf(amount, price, { fresh, free: freeOf(units) });
  const isPaid = debt === 0n && billed === undefined && charged + loss === cost;
  return charged === cost || isPaid;
}

/** A level is of the time when it began. */
const happenedAt = ({ amount, occurredAt }: Extract<Command, { kind: "debit" }>) =>
  amount.kind === "level" ? amount.over.start : occurredAt;

/** Credits as said, or units at the price that the card gave, rounded once, half up; of a level for the times that were new, which the books know. */
function creditsOf(
  amount: Amount | Level,
  price: Price | null,
  { fresh, free }: { readonly fresh?: readonly Interval[] | undefined; readonly free: Free },
): bigint | undefined {
  if (amount.kind === "credits") return amount.credits;
  if (amount.kind === "level") {
    const times = fresh ?? [amount.over];
    const heldMs = times.reduce((sum, { start, end }) => sum + end - start, 0);
    return levelCost(amount.usage, price, { heldMs, free });
  }
  const exact = exactCost(amount.usage, price, free);
  return exact === undefined ? undefined : rounded(exact);
}

/** Units that an allowance takes of a call, by bucket. */
function freeOf(units: readonly AllowanceMove[] = []): Free {
  const free = new Map<string, bigint>();
  for (const { bucket, held, used } of units)
    free.set(bucket, (free.get(bucket) ?? 0n) + held + used);
  return free;
}

/** What usage costs after the parts before it, the books know. */
function isSettled(event: HoldSettled, amount: SettleHold["amount"]): boolean {
  if (amount.kind === "usage") return textOf(event.usage) === textOf(amount.usage);
  const isSaid = amount.kind === "credits" && event.charged + event.loss === amount.credits;
  return event.usage === null && (isSaid || amount.kind === "unmeasured");
}

/** The ids that a command brings for what it makes. */
export function idMade(command: Command): string | undefined {
  switch (command.kind) {
    case "openHold":
      return command.hold;
    case "debit":
      return command.debit;
    case "refund":
      return command.refund;
    case "grant":
      return command.grant;
    case "claimOutcome":
      return command.outcome;
    case "requestTopUp":
      return command.topUp;
    case "creditInvoice":
      return command.creditNote;
    case "giftReserve":
      return command.gift;
    default:
      return undefined;
  }
}

/** The id of what an event made, where a caller brought it. */
export function idMadeBy(event: Event): string | undefined {
  switch (event.kind) {
    case "hold.opened":
      return event.hold;
    case "usage.debited":
      return event.debit;
    case "usage.refunded":
      return event.refund;
    case "credits.granted":
      return event.lot.id;
    case "outcome.claimed":
      return event.of?.claim.outcome;
    case "top_up.requested":
      return event.topUp.id;
    case "credit_note.issued":
      return event.creditNote;
    case "reserve.gifted":
      return event.gift;
    default:
      return undefined;
  }
}

/** Whether what happens needs no command. */
export const happensByItself = (event: Event): boolean =>
  event.kind === "invoice.drafted"
    ? event.invoice.isInterim !== true
    : (event.kind === "top_up.requested" && event.topUp.isAutomatic) || alwaysDue.has(event.kind);

const alwaysDue: ReadonlySet<Event["kind"]> = new Set<Event["kind"]>([
  "hold.expired",
  "run.expired",
  "credits.expired",
  "credits.effective",
  "credits.rolled_over",
  "limit.reached",
  "rate_card.changed",
  "subscription.renewed",
  "subscription.granted",
  "subscription.paused",
  "subscription.ended",
  "subscription.recognised",
  "commitment.trued_up",
  "balance.applied",
  "outcome.matured",
  "outcome.estimated",
  "outcome.estimate_released",
  "outcome.review_raised",
  "top_up.rule_disabled",
  "fairness.opened",
  "credit_request.expired",
]);

const cappedAt = (rule: LimitRule): bigint =>
  rule.kind === "cap" && "credits" in rule ? (rule.credits ?? 0n) : 0n;

function isWithin(part: object, whole: object): boolean {
  const members = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([name, value]) => textOf(value) === textOf(members.get(name)));
}
