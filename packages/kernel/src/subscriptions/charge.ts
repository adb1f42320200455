/**
 * Owns what a period costs and brings: its fees, its credits, and the stand-alone selling prices that share a bundle's price.
 *
 * G1 the price of a bundle is shared by these, access before credits (`revenue/allocate.ts`); without credits that carry money
 * of their own all of it is access. G2 what such credits are worth is what G1 would give them by their own price, or all of it
 * where they have none: the books defer access alone, but nobody is paid back for credits that are gone (RULES 15).
 */
import { type Credits, type Money, credits, money, noCredits, noMoney } from "../amount.ts";
import type { Cadence } from "../instant.ts";
import type { Line } from "../invoices/line.ts";
import { type Obligation, allocate } from "../revenue/allocate.ts";
import { half } from "../rounding.ts";
import type { Fee, Plan } from "./plan.ts";
import type { Period } from "./subscription.ts";

/** A line before it has an id. */
export type LineDraft = Omit<Line, "id">;

/** What a period costs, and the credits that it brings. */
export interface PeriodCharge {
  readonly lines: readonly LineDraft[];
  readonly amount: Money;
  readonly access: Money;
  /** Of `amount`, what is for the credits. */
  readonly creditsCost: Money;
  /** Of `amount`, what credits are worth that carry no money of their own (G2); 0 of all others. */
  readonly creditsWorth: Money;
  /** Of one grant. */
  readonly credits: Credits;
}

/** One fee of a plan: for how many of what. */
export interface PlanFee {
  readonly kind: "base_fee" | "seats" | "reserved_capacity";
  readonly about: string;
  readonly quantity: bigint;
  readonly unit: Fee;
  /** It is not the fee of the list. */
  readonly isNegotiated?: true;
}

/** Charges a whole period in advance; its credits come in so many grants. */
export function periodCharge(plan: Plan, seats: number, period: Period, grants = 1): PeriodCharge {
  const lines = feesOf(plan, seats).map((fee) => feeLine(fee, period, plan.cadence));
  const amount = sumOf(lines);
  const included = includedCredits(plan, seats);
  const granted = credits(included * BigInt(grants));
  const [access, bought] = shareOut(amount, plan, { seats, granted });
  const [, worth] = isRatable(plan)
    ? shareOut(amount, weighed(plan), { seats, granted })
    : [noMoney, noMoney];
  return {
    lines,
    amount,
    access,
    creditsCost: bought,
    creditsWorth: worth,
    credits: included,
  };
}

/** What of a price is for access, and what for credits (G1). */
function shareOut(
  amount: Money,
  plan: Plan,
  { seats, granted }: { seats: number; granted: Credits },
): readonly [Money, Money] {
  const parts = obligations(accessValue(plan, seats), creditsValue(plan, granted));
  const [access, bought] = allocate(amount, parts);
  return [money(access?.amount ?? 0n), money(bought?.amount ?? 0n)];
}

/** Whether a plan's credits carry no money of their own. */
export const isRatable = ({ included }: Plan): boolean => included?.standalone === null;

/** A plan as if its ratable credits carried money of their own (G2); any other as it is. */
export function weighed(plan: Plan): Plan {
  const { included, base, seats, reserved } = plan;
  if (included === null || included.standalone !== null) return plan;
  if (included.worth !== undefined)
    return { ...plan, included: { ...included, standalone: included.worth } };
  return {
    ...plan,
    base: base === null ? null : withoutValue(base),
    seats: seats === null ? null : { ...seats, fee: withoutValue(seats.fee) },
    ...(reserved === undefined
      ? {}
      : { reserved: { ...reserved, fee: withoutValue(reserved.fee) } }),
    // Beside nothing, whatever is more than nothing is all.
    included: { ...included, standalone: money(included.credits) },
  };
}

const withoutValue = (fee: Fee): Fee => ({ ...fee, standalone: noMoney });

/** What so many credits of a plan are worth for a whole period of it (G2). */
export function ratableWorth(plan: Plan, seats: number, amount: Credits): Money {
  const included = includedCredits(plan, seats);
  if (!isRatable(plan) || included === 0n) return noMoney;
  const price = money(periodPrice(plan, seats));
  const [, worth] = shareOut(price, weighed(plan), { seats, granted: included });
  return money(half(worth * amount, included));
}

/** The fees of a plan; those of nothing are left out. */
export function feesOf(plan: Plan, seats: number): readonly PlanFee[] {
  const { base, seats: terms, reserved, name: about, negotiated } = plan;
  const fees: PlanFee[] = [];
  if (base !== null)
    fees.push({
      kind: "base_fee",
      about,
      quantity: 1n,
      unit: base,
      ...markOf(negotiated?.base),
    });
  if (terms !== null)
    fees.push({
      kind: "seats",
      about,
      quantity: BigInt(seats),
      unit: terms.fee,
      ...markOf(negotiated?.seat),
    });
  if (reserved !== undefined)
    fees.push({ kind: "reserved_capacity", about, quantity: 1n, unit: reserved.fee });
  return fees.filter(({ quantity, unit }) => quantity * unit.amount !== 0n);
}

/** Whether an amount was negotiated, as a line says it. */
export const markOf = (amount: Money | null | undefined): { readonly isNegotiated?: true } =>
  amount == null ? {} : { isNegotiated: true };

/** What a whole period costs. */
export const periodPrice = (plan: Plan, seats: number): bigint =>
  feesOf(plan, seats).reduce((sum, { quantity, unit }) => sum + quantity * unit.amount, 0n);

/** Credits that a whole period includes. */
export function includedCredits({ included }: Plan, seats: number): Credits {
  if (included === null) return noCredits;
  return included.per === "plan" ? included.credits : credits(included.credits * BigInt(seats));
}

/** Stand-alone selling price of a period's access. */
export const accessValue = ({ base, seats: terms, reserved }: Plan, seats: number): bigint =>
  (base?.standalone ?? 0n) +
  (reserved?.fee.standalone ?? 0n) +
  (terms?.fee.standalone ?? 0n) * BigInt(seats);

/** Stand-alone selling price of so many of a plan's credits; 0 where they carry no money of their own. */
export const creditsValue = ({ included }: Plan, amount: Credits): bigint =>
  included === null || included.standalone === null
    ? 0n
    : half(included.standalone * amount, included.credits);

/** G1. A price must have something to go to. */
const obligations = (access: bigint, bought: bigint): readonly Obligation[] => [
  { key: "access", ssp: access === 0n && bought === 0n ? 1n : access },
  { key: "credits", ssp: bought },
];

/** The sum of lines. */
export const sumOf = (lines: readonly LineDraft[]): Money =>
  money(lines.reduce((sum, { amount }) => sum + amount, 0n));

const feeLine = (
  { kind, about, quantity, unit, isNegotiated }: PlanFee,
  { start, end }: Period,
  per: Cadence,
): LineDraft => ({
  kind,
  about,
  from: start,
  to: end,
  quantity,
  unitPrice: unit.amount,
  ...(isNegotiated === true ? { isNegotiated } : {}),
  fraction: null,
  per,
  amount: money(unit.amount * quantity),
  account: "Receivable",
  key: null,
});
