/**
 * Owns what a change in the middle of a period costs, gives and takes (FINANCE, section 6; RULES 15).
 *
 * X1 time that was paid for is credited at what was charged, time to come is charged at the new price; seats alone are one
 * line. One rounding a line. X2 money and credits go by the same fraction of the whole period. X3 what is bought is shared
 * among access and credits by `revenue/allocate.ts`. X4 lots of other origin are never touched.
 */
import { type Credits, type Money, credits, money, noCredits, noMoney } from "../amount.ts";
import type { Booking } from "../invoices/booking.ts";
import type { Calendar, Instant } from "../instant.ts";
import type { Fraction } from "../invoices/line.ts";
import { modify } from "../revenue/allocate.ts";
import { half } from "../rounding.ts";
import {
  type LineDraft,
  accessValue,
  creditsValue,
  feesOf,
  includedCredits,
  markOf,
  sumOf,
  weighed,
} from "./charge.ts";
import type { Plan } from "./plan.ts";
import { grantSpan, proratedCredits, proratedMoney, timeLeft } from "./proration.ts";
import { deferredAt } from "./recognise.ts";
import type { Subscription } from "./subscription.ts";

/** What a subscription is changed to. */
export interface Terms {
  readonly plan: Plan;
  readonly seats: number;
}

/** What a change comes to, before anything is granted or taken. */
export interface Change {
  readonly lines: readonly LineDraft[];
  /** What the lines come to: below zero is to the customer's credit. */
  readonly net: Money;
  readonly fraction: Fraction;
  /** Credits that the rest of the period includes on top; 0 where it includes fewer. */
  readonly more: Credits;
  /** Credits that the rest of the period includes no longer. */
  readonly fewer: Credits;
}

/** Works out a change at an instant of the period. */
export function changeAt(
  subscription: Subscription,
  to: Terms,
  { at, calendar }: { at: Instant; calendar: Calendar },
): Change {
  const fraction = timeLeft(subscription, at, calendar);
  const lines = linesOf(subscription, to, { at, fraction });
  const included = includedCredits(to.plan, to.seats);
  const step = to.plan.grantStep;
  const ofGrant = timeLeft(grantSpan(subscription), at, calendar);
  const prorated = (a: Credits, b: Credits): Credits =>
    a > b ? proratedCredits(credits(a - b), ofGrant, step) : noCredits;
  return {
    lines,
    net: sumOf(lines),
    fraction,
    more: prorated(included, subscription.included),
    fewer: prorated(subscription.included, included),
  };
}

function linesOf(
  { plan, seats, period }: Subscription,
  to: Terms,
  { at, fraction }: { at: Instant; fraction: Fraction },
): readonly LineDraft[] {
  const about = { from: at, to: period.end, fraction } as const;
  if (plan.version === to.plan.version) {
    if (plan.seats === null || seats === to.seats) return [];
    const quantity = BigInt(to.seats - seats);
    const { amount } = plan.seats.fee;
    const mark = markOf(plan.negotiated?.seat);
    const fee = { fee: "seats", per: plan.cadence } as const;
    const line = {
      about: plan.name,
      quantity,
      unitPrice: amount,
      ...mark,
      ...about,
      ...fee,
    } as const;
    const charged = proratedMoney(money(amount * quantity), fraction);
    const kind = quantity > 0n ? "remaining_time" : "unused_time";
    return withAccount([{ ...line, kind, amount: charged }]);
  }
  const back = feesOf(plan, seats).map((fee) => ({
    fee,
    sign: -1n,
    kind: "unused_time" as const,
    per: plan.cadence,
  }));
  const on = feesOf(to.plan, to.seats).map((fee) => ({
    fee,
    sign: 1n,
    kind: "remaining_time" as const,
    per: to.plan.cadence,
  }));
  return withAccount(
    [...back, ...on].map(({ fee, sign, kind, per }) => ({
      kind,
      about: fee.about,
      quantity: sign * fee.quantity,
      unitPrice: fee.unit.amount,
      ...(fee.isNegotiated === true ? { isNegotiated: true as const } : {}),
      ...about,
      fee: fee.kind,
      per,
      amount: proratedMoney(money(sign * fee.quantity * fee.unit.amount), fraction),
    })),
  );
}

/** A change is owed, or to the customer's credit, as a whole (FINANCE, E11, E12). */
function withAccount(lines: readonly Omit<LineDraft, "account" | "key">[]): readonly LineDraft[] {
  const net = lines.reduce((sum, { amount }) => sum + amount, 0n);
  const account = net < 0n ? "CustomerBalance" : "Receivable";
  return lines.map((line) => ({ ...line, account, key: null }));
}

/** Where the money of a change goes. */
export interface ChangeShares {
  /** Added to access; below zero where it is taken from it. */
  readonly access: Money;
  /** For the new lot, with what it takes over. */
  readonly lot: Money;
}

/**
 * Shares the price of what is bought in the middle of a period. `takenOver` is money of lots that the new one replaces
 * (`prospective`), with the credits that come with it.
 */
export function sharesOf(
  subscription: Subscription,
  to: Terms,
  change: Change & {
    readonly at: Instant;
    readonly calendar: Calendar;
    readonly takenOver: { readonly money: bigint; readonly credits: Credits };
  },
): ChangeShares {
  const { fraction, net, more, takenOver, at, calendar } = change;
  const part = (value: bigint): bigint => half(value * fraction.part, fraction.whole);
  const { plan, seats } = subscription;
  const accessAfter = accessValue(to.plan, to.seats);
  const accessMore = accessAfter - accessValue(plan, seats);
  const bought = creditsValue(to.plan, credits(takenOver.credits + more));
  const shares = modify(to.plan.modification, net, [
    {
      key: "access",
      deferred: deferredAt(subscription, at, calendar),
      // Where nothing has a price of its own, the money of the change is for access.
      ssp: bought === 0n && part(accessAfter) === 0n ? 1n : part(accessAfter),
      addedSsp: accessMore > 0n ? part(accessMore) : 0n,
    },
    {
      key: "credits",
      deferred: takenOver.money,
      ssp: bought,
      addedSsp: creditsValue(to.plan, more),
    },
  ]);
  return { access: money(shares[0]?.change ?? 0n), lot: money(shares[1]?.deferred ?? 0n) };
}

/**
 * What the credits that a change adds are worth, where they carry no money of their own: as they would share what is paid for the
 * change if they did, whichever way it is accounted for. What access defers is no measure: it holds what credits before them are worth.
 */
export const worthOfMore = (
  subscription: Subscription,
  to: Terms,
  change: Change & { readonly at: Instant; readonly calendar: Calendar },
): Money =>
  sharesOf(
    { ...subscription, plan: weighed(subscription.plan) },
    { ...to, plan: { ...weighed(to.plan), modification: "separate" } },
    { ...change, takenOver: { money: noMoney, credits: noCredits } },
  ).lot;

/** Bookings that are not nothing. */
export const booking = (account: Booking["account"], amount: bigint): readonly Booking[] =>
  amount === 0n ? [] : [{ account, amount: money(amount) }];
