/**
 * Owns what a period costs and brings: lines, credits, and how their price is split between access and credits.
 *
 * G1 the price of a bundle is split by stand-alone selling prices (R3, access before credits); without credits that carry
 * money it is all access.
 */
import { type Credits, type Money, credits, money, noCredits, noMoney } from "../amount.ts";
import type { Fraction, Line } from "../invoices/line.ts";
import { split } from "../rounding.ts";
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
  readonly credits: Credits;
}

/** Charges a whole period in advance. */
export function periodCharge(plan: Plan, seats: number, period: Period): PeriodCharge {
  const lines = [
    ...(plan.base === null
      ? []
      : [feeLine(plan, "base_fee", { fee: plan.base, quantity: 1n }, period)]),
    ...(plan.seats === null
      ? []
      : [feeLine(plan, "seats", { fee: plan.seats.fee, quantity: BigInt(seats) }, period)]),
  ].filter(({ amount }) => amount !== 0n);
  const amount = sumOf(lines);
  const included = includedCredits(plan, seats);
  const { access, creditsCost } = allocate(
    amount,
    accessValue(plan, seats),
    creditsValue(plan, included),
  );
  return { lines, amount, access, creditsCost, credits: included };
}

/** Credits that a whole period includes. */
export function includedCredits({ included }: Plan, seats: number): Credits {
  if (included === null) return noCredits;
  return included.per === "plan" ? included.credits : credits(included.credits * BigInt(seats));
}

/** Stand-alone selling price of a period's access. */
export const accessValue = ({ base, seats: terms }: Plan, seats: number): bigint =>
  (base?.standalone ?? 0n) + (terms?.fee.standalone ?? 0n) * BigInt(seats);

/** A weight: the stand-alone selling price of so many credits, times the credits that it is said of. */
export const creditsValue = ({ included }: Plan, amount: Credits): Fraction =>
  included === null || included.standalone === null
    ? { part: 0n, whole: 1n }
    : { part: included.standalone * amount, whole: included.credits };

/** G1. */
export function allocate(
  amount: Money,
  access: bigint,
  { part, whole }: Fraction,
): { readonly access: Money; readonly creditsCost: Money } {
  if (amount === 0n || part === 0n) return { access: amount, creditsCost: noMoney };
  const [toAccess = 0n, toCredits = 0n] = split(amount, [access * whole, part]);
  return { access: money(toAccess), creditsCost: money(toCredits) };
}

/** The sum of lines. */
export const sumOf = (lines: readonly LineDraft[]): Money =>
  money(lines.reduce((sum, { amount }) => sum + amount, 0n));

const feeLine = (
  plan: Plan,
  kind: "base_fee" | "seats",
  { fee, quantity }: { fee: Fee; quantity: bigint },
  { start, end }: Period,
): LineDraft => ({
  kind,
  about: plan.name,
  from: start,
  to: end,
  quantity,
  unitPrice: fee.amount,
  fraction: null,
  amount: money(fee.amount * quantity),
  account: "Receivable",
});
