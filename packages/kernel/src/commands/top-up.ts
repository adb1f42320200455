/**
 * Owns how credits are bought: asked for, paid for, and, by a rule, without anybody asking.
 *
 * T3 a payment becomes credits once for ever, whoever tells of it first; told again it is answered from there (`priorAnswer`).
 * Money that came is never refused for what was said before: a success after a failure counts. What is told after a success is.
 */
import { type Credits, type Money, credits, creditsMax, money, noMoney } from "../amount.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import { type Instant, after } from "../instant.ts";
import { Draft } from "../pool/draft.ts";
import { newLot } from "../pool/lot.ts";
import { feeAbove } from "./invoice.ts";
import { purchaseIdOf, purchaseOf } from "../invoices/purchase.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { hasRoom, isOffered, monthOf, packsMax } from "../topups/automatic.ts";
import type { TopUpRuleDisabled } from "../topups/events.ts";
import { type Pack, creditsOf } from "../topups/pack.ts";
import { type TopUp, type TopUpRule, failuresMax, isWaiting } from "../topups/top-up.ts";
import { sold } from "./grant.ts";

/** Asks for credits that are paid for now. */
export interface RequestTopUp {
  readonly kind: "requestTopUp";
  readonly topUp: string;
  readonly pack: Pack;
  readonly quantity: number;
  readonly note: string | null;
}

/** What is known of the payment of a top-up. */
export type TopUpOutcome =
  | {
      readonly kind: "succeeded";
      /** Without tax; null: the price. */
      readonly amount: Money | null;
      readonly tax: Money;
      /** What the payment provider kept. */
      readonly fee: Money;
      /** Of these; null: the workspace's. */
      readonly currency: string | null;
    }
  | { readonly kind: "processing" }
  | { readonly kind: "requires_action"; readonly action: string }
  | { readonly kind: "declined"; readonly reason: string };
/** Books what is known of the payment of a top-up. */
export interface ResolveTopUp {
  readonly kind: "resolveTopUp";
  readonly topUp: string;
  /** Counts once for ever. null: none is known, and then it has not succeeded. */
  readonly payment: string | null;
  readonly outcome: TopUpOutcome;
  /** The ids of the lot that it becomes, and of its bonus. */
  readonly grant: string;
  readonly bonusGrant: string;
}

/** Sets when the workspace buys by itself. An enabled rule begins anew: no failure counts any more. */
export interface PutTopUpRule {
  readonly kind: "putTopUpRule";
  readonly isEnabled: boolean;
  readonly pack: Pack;
  readonly threshold: Credits;
  readonly target: Credits;
  readonly monthlyCeiling: Money;
  /** Of the ceiling. */
  readonly currency: string;
  /** What the ids of its requests begin with. */
  readonly series: string;
}

const hourMs = 60 * 60 * 1_000;
/** After the first failure in a row, the second, and those that follow. */
const backoffMs = [hourMs, 6 * hourMs, 24 * hourMs];

/** Asks for packs; nothing is granted before they are paid for. */
export function requestTopUp(state: State, command: RequestTopUp, at: Instant): Decision {
  const { topUp: id, pack, quantity, note } = command;
  const refusal = refusePack(state, pack);
  if (refusal !== undefined) return reject(refusal);
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > packsMax)
    return reject(invalid("quantity", `A top-up is of 1 to ${packsMax} packs.`));
  if (!hasRoom(state, pack, quantity)) return reject(tooMany);
  const topUp: TopUp = {
    id,
    isAutomatic: false,
    pack,
    quantity,
    amount: money(pack.price * BigInt(quantity)),
    credits: credits(creditsOf(pack, quantity)),
    note,
    requestedAt: at,
    status: "requested",
    payment: null,
    detail: null,
    grants: [],
    resolvedAt: null,
  };
  return accept({ kind: "top_up.requested", at, topUp, rule: null });
}

/** Books what is known of its payment. */
export function resolveTopUp(
  state: State,
  command: ResolveTopUp,
  at: Instant,
  around: Surroundings,
): Decision {
  const topUp = state.topUps.topUps.get(command.topUp);
  if (topUp === undefined) return reject({ code: "unknown_top_up", topUp: command.topUp });
  const { outcome, payment } = command;
  if (outcome.kind === "succeeded") return succeed(state, topUp, { command, outcome, at, around });
  const known = { ...topUp, payment: payment ?? topUp.payment };
  if (!isWaiting(topUp)) return reject(wrongStatus(topUp));
  if (outcome.kind === "declined") return fail(state, known, outcome.reason, at);
  const detail = outcome.kind === "requires_action" ? outcome.action : null;
  const pending: TopUp = { ...known, status: outcome.kind, detail };
  const isSaid =
    topUp.status === pending.status &&
    topUp.payment === pending.payment &&
    topUp.detail === pending.detail;
  return isSaid
    ? reject(wrongStatus(topUp))
    : accept({ kind: "top_up.pending", at, topUp: pending });
}

/** Sets the rule. What it was granted this month, and what it has asked for, stays. */
export function putTopUpRule(state: State, command: PutTopUpRule, at: Instant): Decision {
  const { pack, threshold, target, monthlyCeiling, isEnabled, series } = command;
  const refusal = refusePack(state, pack) ?? refuseTerms(state, command);
  if (refusal !== undefined) return reject(refusal);
  const before = state.topUps.rule.row;
  const fresh = { failures: 0, retryAt: null, month: null, asked: 0 };
  const kept = before ?? fresh;
  const rule: TopUpRule = {
    isEnabled,
    pack,
    threshold,
    target,
    monthlyCeiling,
    failures: isEnabled ? 0 : kept.failures,
    retryAt: isEnabled ? null : kept.retryAt,
    month: kept.month,
    series,
    asked: kept.asked,
  };
  return accept({ kind: "top_up.rule_updated", at, rule });
}

interface Success {
  readonly command: ResolveTopUp;
  readonly outcome: Extract<TopUpOutcome, { readonly kind: "succeeded" }>;
  readonly at: Instant;
  readonly around: Surroundings;
}

function succeed(state: State, topUp: TopUp, { command, outcome, at, around }: Success): Decision {
  const { payment } = command;
  if (payment === null) return reject(invalid("payment", "A payment that succeeded has an id."));
  const refusal = refusePayment(state, topUp, payment) ?? refuseMoney(state, topUp, outcome);
  if (refusal !== undefined) return reject(refusal);
  const { lot, bonus } = boughtLots(state, topUp, { command, outcome, at, around });
  // What waits has its room already.
  if (state.pool.totals.granted + topUp.credits > creditsMax) return reject(tooMany);
  const draft = new Draft(state.pool);
  draft.put(lot);
  if (bonus !== undefined) draft.put(bonus);
  draft.payDebts();
  const { tax, fee } = outcome;
  const purchase = purchaseOf(state, topUp, { tax, at });
  return accept({
    kind: "top_up.succeeded",
    at,
    topUp: {
      ...topUp,
      status: "succeeded",
      payment,
      detail: null,
      grants: [lot.id, ...(bonus === undefined ? [] : [bonus.id])],
      invoice: purchase.invoice.id,
      resolvedAt: at,
    },
    lot,
    ...(bonus === undefined ? {} : { bonus }),
    payment: { kind: "received", tax, fee },
    purchase,
    rule: afterSuccess(state, topUp, at, around),
    ...draft.finish(),
  });
}

/** One lot for all packs, and one for all that comes with them. */
function boughtLots(
  state: State,
  { id, pack, quantity, amount }: TopUp,
  { command, outcome, at, around }: Success,
): ReturnType<typeof sold> {
  const timeZone = workspaceOf(state)?.timeZone ?? "UTC";
  const { expiresAfter, breakage } = pack;
  const many = (one: bigint) => credits(one * BigInt(quantity));
  const lot = newLot({
    id: command.grant,
    source: "purchase",
    priority: pack.priority,
    granted: many(pack.credits),
    cost: amount,
    grantedAt: at,
    effectiveAt: at,
    expiresAt:
      expiresAfter === null ? null : around.calendar.boundary(at, expiresAfter, 1, timeZone),
    reference: id,
    invoiced: { invoice: purchaseIdOf({ id }) },
  });
  const terms = {
    payment: { kind: "received", tax: outcome.tax, fee: outcome.fee },
    ...(breakage === null ? {} : { breakage }),
    ...(pack.escheats === true ? { escheats: true } : {}),
    ...(pack.bonus === 0n
      ? {}
      : { bonus: { grant: command.bonusGrant, credits: many(pack.bonus), ssp: null } }),
  } as const;
  return sold(terms, lot);
}

/** A payment that comes through arms the rule again; what the rule asked for counts in the month of its grant (U2). */
function afterSuccess(
  state: State,
  { isAutomatic, amount }: TopUp,
  at: Instant,
  { calendar }: Surroundings,
): TopUpRule | null {
  const rule = state.topUps.rule.row;
  if (rule === undefined) return null;
  const armed: TopUpRule = { ...rule, failures: 0, retryAt: null };
  if (!isAutomatic) return armed;
  const month = monthOf(state, rule, at, calendar);
  return { ...armed, month: { ...month, spent: money(month.spent + amount) } };
}

function fail(state: State, topUp: TopUp, reason: string, at: Instant): Decision {
  const failed: TopUp = { ...topUp, status: "failed", detail: reason, resolvedAt: at };
  const rule = topUp.isAutomatic ? state.topUps.rule.row : undefined;
  if (rule === undefined) return accept({ kind: "top_up.failed", at, topUp: failed, rule: null });
  const failures = rule.failures + 1;
  const waitMs = backoffMs[Math.min(failures, backoffMs.length) - 1] ?? hourMs;
  const notice: TopUpRuleDisabled = {
    kind: "top_up.rule_disabled",
    at,
    topUp: topUp.id,
    failures,
    detail: reason,
  };
  return accept(
    {
      kind: "top_up.failed",
      at,
      topUp: failed,
      rule: { ...rule, failures, retryAt: after(at, waitMs) },
    },
    rule.isEnabled && failures === failuresMax ? [notice] : [],
  );
}

function refusePack(state: State, pack: Pack): Rejection | undefined {
  const expected = workspaceOf(state)?.currency ?? "";
  if (pack.currency !== expected)
    return { code: "currency_mismatch", given: pack.currency, expected };
  const plan = state.subscriptions.live.row?.plan;
  if (plan !== undefined && !isOffered(state, pack))
    return { code: "pack_not_in_plan", pack: pack.name, plan: plan.name };
  return undefined;
}

function refuseTerms(state: State, command: PutTopUpRule): Rejection | undefined {
  const { pack, threshold, target, monthlyCeiling, currency } = command;
  const expected = workspaceOf(state)?.currency ?? "";
  if (currency !== expected) return { code: "currency_mismatch", given: currency, expected };
  if (threshold === 0n) return invalid("threshold", "A threshold is more than 0 credits.");
  if (target < threshold) return invalid("target", "The target is not below the threshold.");
  if (monthlyCeiling < pack.price)
    return invalid("monthlyCeiling", "The ceiling leaves room for one pack at least.");
  return undefined;
}

/** One grant for each payment, and one payment for each top-up. */
function refusePayment(
  { topUps, invoices }: State,
  topUp: TopUp,
  payment: string,
): Rejection | undefined {
  const paid = topUps.payments.get(payment);
  if (paid !== undefined)
    return { code: "payment_known", payment, invoice: null, topUp: paid.topUp };
  const invoice = invoices.payments.get(payment)?.invoice;
  if (invoice !== undefined) return { code: "payment_known", payment, invoice };
  const isPaid = topUp.status === "succeeded" || topUp.status === "charged_back";
  return isPaid ? wrongStatus(topUp) : undefined;
}

function refuseMoney(
  state: State,
  { amount: price }: TopUp,
  { amount, tax, fee, currency }: Success["outcome"],
): Rejection | undefined {
  const expected = workspaceOf(state)?.currency ?? "";
  if (currency !== null && currency !== expected)
    return { code: "currency_mismatch", given: currency, expected };
  if (amount !== null && amount !== price)
    return invalid(
      "amount",
      `The price is ${price} minor units: neither more nor less pays for it.`,
    );
  if (tax < noMoney) return invalid("tax", "Tax is not negative.");
  if (fee < noMoney) return invalid("fee", "A fee is not negative.");
  return fee > price + tax ? feeAbove(price + tax) : undefined;
}

const wrongStatus = ({ id, status, payment }: TopUp): Rejection => ({
  code: "top_up_status",
  topUp: id,
  status,
  payment,
});

const invalid = (field: string, reason: string): Rejection => ({
  code: "invalid_request",
  field,
  reason,
});

const tooMany = invalid("quantity", "A workspace is granted at most 10^12 credits in all.");
