/** Owns how subscriptions, and what their changes come to, are told. */
import {
  type InvoiceLine,
  type Money as MoneyBody,
  type NegotiatedPrices,
  type Subscription,
  type SubscriptionChange,
  printCredits,
  printInstant,
} from "@cistern/contract";
import { lineQuantity, lineUnit } from "../../billing/index.ts";
import { unitsText } from "./units.ts";
import {
  type Clawback,
  type ClawedBack,
  type Subscription as KernelSubscription,
  type Line,
  type Lot,
  type Negotiation,
  type Plan,
  type Position,
  type SubscriptionFact,
  type Transfer,
  creditedAt,
  carriedOn,
  negotiationsOf,
} from "@cistern/kernel";

/** A subscription as it is told. */
export function subscriptionBody(one: KernelSubscription, at: Position): Subscription {
  return {
    id: one.id,
    plan: one.plan.name,
    planVersion: one.plan.version,
    ...negotiatedBodies(one.plan),
    status: one.status,
    seats: one.seats,
    startedAt: printInstant(one.startedAt),
    period: { start: printInstant(one.period.start), end: printInstant(one.period.end) },
    atEnd: one.atEnd,
    ...(one.next === null
      ? {}
      : {
          next: {
            plan: one.next.plan.name,
            planVersion: one.next.plan.version,
            seats: one.next.seats,
          },
        }),
    ...(one.plan.followedBy === undefined
      ? {}
      : {
          followedBy: {
            plan: one.plan.followedBy.plan.name,
            planVersion: one.plan.followedBy.plan.version,
            after: one.plan.followedBy.after,
          },
        }),
    includedCredits: printCredits(one.included),
    ...prepaidBody(one),
    ...shortfallBody(one),
    ...(one.allowances === undefined || one.allowances.length === 0
      ? {}
      : {
          allowances: one.allowances.map(({ meter, bucket, included, isLevel }) => ({
            meter,
            bucket,
            included: unitsText(included, isLevel),
          })),
        }),
    at,
  };
}

function prepaidBody({ plan, drawdown }: KernelSubscription): Pick<Subscription, "prepaid"> {
  if (drawdown === undefined) return {};
  const { term, begun, credits } = drawdown;
  const periodsLeft = (plan.drawdown?.periods ?? begun) - begun;
  return { prepaid: { term: term + 1, periodsLeft, credits: printCredits(credits) } };
}

function shortfallBody({ term, plan }: KernelSubscription): Pick<Subscription, "shortfallKept"> {
  const kept = carriedOn(term);
  return kept === 0n ? {} : { shortfallKept: moneyBody(kept, plan.currency) };
}

/** What holds, and what begins later. */
export function negotiatedBodies({
  negotiated,
  currency,
}: Plan): Pick<Subscription, "negotiated" | "negotiatedLater"> {
  if (negotiated === undefined) return {};
  const { later = [] } = negotiated;
  const isLater = (terms: Negotiation): boolean => later.includes(terms);
  const current = negotiationsOf(negotiated).find((terms) => !isLater(terms));
  return {
    ...(current === undefined ? {} : { negotiated: negotiatedBody(current, currency) }),
    ...(later.length === 0
      ? {}
      : { negotiatedLater: later.map((terms) => negotiatedBody(terms, currency)) }),
  };
}

/** As it was said. */
function negotiatedBody(
  { said, base, seat, until }: Negotiation,
  currency: string,
): NegotiatedPrices {
  if (said !== undefined) {
    const terms: NegotiatedPrices = JSON.parse(said);
    return terms;
  }
  return {
    ...(base === null ? {} : { base: moneyBody(base, currency) }),
    ...(seat === null ? {} : { seat: moneyBody(seat, currency) }),
    ...(until === null ? {} : { until: printInstant(until) }),
  };
}

/** What an event of a subscription came to; one that only planned something came to nothing. */
export function changeBody(
  event: { readonly subscription: KernelSubscription; readonly kind?: string } & Partial<
    Pick<SubscriptionFact<never>, "lines" | "lots" | "transfers" | "clawback">
  >,
  at: Position,
): SubscriptionChange {
  const { kind, subscription, lines = [], lots = [], transfers = [], clawback } = event;
  const taken = takenBack(transfers);
  const { currency } = subscription.plan;
  return {
    subscription: subscriptionBody(subscription, at),
    lines: lines.map((line) => lineBody(line, currency)),
    amount: moneyBody(
      lines.reduce((sum, { amount }) => sum + amount, 0n),
      currency,
    ),
    credits: printCredits(grantedBy(lots)),
    ...(taken === 0n ? {} : { creditsTaken: printCredits(taken) }),
    ...(kind === "subscription.started" && isTriedBefore(subscription)
      ? { trialUsed: true as const }
      : {}),
    ...(clawback === undefined ? {} : { heldCredits: claimBody(clawback, currency) }),
  };
}

/** Whether its plan has a trial, and it begins without one. */
const isTriedBefore = ({ plan, status }: KernelSubscription): boolean =>
  plan.trialDays > 0 && status !== "trialing";

/** What is taken, and credited, when all of it returns. */
const claimBody = (
  claim: Clawback,
  currency: string,
): NonNullable<SubscriptionChange["heldCredits"]> => ({
  credits: printCredits(claim.owed),
  upTo: moneyBody(creditedAt(claim, claim.owed) - creditedAt(claim, 0n), currency),
});

/** What an event took, and credited, of credits that an earlier change of plan claims; left out where that is nothing. */
export function clawedBackPart(
  { clawedBack }: { readonly clawedBack?: ClawedBack },
  currency: string,
): { readonly clawedBack?: { readonly credits: string; readonly amount: MoneyBody } } {
  if (clawedBack === undefined) return {};
  const sum = (of: "credits" | "money"): bigint =>
    clawedBack.taken.reduce((total, one) => total + one[of], 0n);
  return {
    clawedBack: {
      credits: printCredits(sum("credits")),
      amount: moneyBody(sum("money"), currency),
    },
  };
}

/** A line of an invoice as it is told. */
export function lineBody(line: Line, currency: string): InvoiceLine {
  const { id, kind, about, from, to, unitPrice, list, fraction, amount } = line;
  return {
    id,
    kind,
    about,
    from: printInstant(from),
    to: printInstant(to),
    quantity: lineQuantity(line),
    ...(line.isNegotiated === true ? { negotiated: true } : {}),
    unit: lineUnit(line),
    ...(unitPrice === null ? {} : { unitPrice: moneyBody(unitPrice, currency) }),
    ...(list === undefined ? {} : { list: moneyBody(list, currency) }),
    ...(fraction === null
      ? {}
      : { fraction: { part: fraction.part.toString(), whole: fraction.whole.toString() } }),
    amount: moneyBody(amount, currency),
  };
}

/** Money with its sign. */
export const moneyBody = (amount: bigint, currency: string): MoneyBody => ({
  amount: amount.toString(),
  currency,
});

const grantedBy = (lots: readonly Lot[]): bigint =>
  lots.reduce((sum, { granted }) => sum + granted, 0n);

const takenBack = (transfers: readonly Transfer[]): bigint =>
  transfers.reduce((sum, { to, credits }) => (to === "revoked" ? sum + credits : sum), 0n);
