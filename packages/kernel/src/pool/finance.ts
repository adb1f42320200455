/**
 * Owns what is particular about the money of some lots (tax, a bonus, expected breakage, money given back, a base that a
 * priced change restarted), and the series by which any lot's cost is posted. Most lots have nothing particular: they have no
 * `finance` at all, and cost no more than that question.
 *
 * R4 posted = R1(cost * gone / granted) (RULES 14). From a base on it is the base's money over the base's credits; below it
 * (credits come back that were used before) usage goes back at what it had come to by then. R5 with expected breakage it
 * is the proportional series of E6, of which usage is the plain series of what is consumed.
 */
import { type Credits, type Money, money, noMoney } from "../amount.ts";
import { proportional } from "../revenue/breakage.ts";
import { half } from "../rounding.ts";

/** Where the money of revoked credits goes when it is not breakage. */
export const awayAccounts = [
  "Cash",
  "Chargebacks",
  "UnclaimedProperty",
  "CustomerBalance",
] as const;
/** One of them. */
export type AwayAccount = (typeof awayAccounts)[number];

/** A point from which a lot's series runs anew: what was left then, and what had gone and been posted by then. */
export interface LotBase {
  readonly credits: Credits;
  readonly money: Money;
  readonly gone: Credits;
  readonly consumed: Credits;
  readonly posted: Money;
  /** Of `posted`, with what was consumed. */
  readonly used: Money;
}

/** What is particular about the money of a lot. */
export interface LotFinance {
  /** Tax paid with it; no part of its cost. */
  readonly tax: Money;
  /** Of that, given back. */
  readonly taxReturned: Money;
  /** Nobody paid for it: a compensation, which is worth its cost and is never paid back. */
  readonly isUnpaid: boolean;
  /** The lot that came with it as a bonus, and was given a share of the price. */
  readonly bonus: string | null;
  /** The lot that its credits and its money moved here from; null for one that was sold. */
  readonly origin: string | null;
  /** Basis points expected never to be used; null recognises none before the lot ends. */
  readonly breakage: number | null;
  readonly base: LotBase | null;
  /** Money that left the lot other than as revenue, by the account that took it; part of `posted` too. */
  readonly away: Readonly<Record<AwayAccount, Money>>;
  /** Given back though it stays recognised. */
  readonly goodwill: Money;
  /** Taken by a chargeback, in all; null when there was none. */
  readonly disputed: Money | null;
  /** Where the money of credits goes that return to this revoked lot; null is breakage. */
  readonly fate: AwayAccount | null;
  /** What expires of it is owed to the state by law, and never breakage. */
  readonly escheats: boolean;
}

/** What a series needs to know of a lot. */
export interface Costed {
  readonly granted: Credits;
  readonly cost: Money;
  readonly finance?: LotFinance;
}

/** A lot with nothing particular. */
export const plainFinance: LotFinance = {
  tax: noMoney,
  taxReturned: noMoney,
  isUnpaid: false,
  bonus: null,
  origin: null,
  breakage: null,
  base: null,
  away: {
    Cash: noMoney,
    Chargebacks: noMoney,
    UnclaimedProperty: noMoney,
    CustomerBalance: noMoney,
  },
  goodwill: noMoney,
  disputed: null,
  fate: null,
  escheats: false,
};

/** The money of a lot that has left it when `gone` credits have, of which `consumed` were used (R4, R5). */
export function recognisedAt(lot: Costed, gone: bigint, consumed: bigint): bigint {
  const { cost, granted, finance } = lot;
  if (finance === undefined) return half(cost * gone, granted);
  const { base, breakage } = finance;
  if (base !== null && gone < base.gone)
    return base.posted - half(base.used * (base.gone - gone), base.consumed);
  const from = base ?? { credits: granted, money: cost, gone: 0n, consumed: 0n, posted: 0n };
  // Usage of before the base may have come back since.
  const used = consumed > from.consumed ? consumed - from.consumed : 0n;
  return (
    from.posted +
    proportional({
      cost: from.money,
      granted: from.credits,
      consumed: used,
      otherwiseGone: gone - from.gone - used,
      breakageBps: breakage ?? 0,
    })
  );
}

/** Of the money of a lot, what counts as usage when so much is consumed (R5). */
export function usageAt({ cost, granted, finance }: Costed, consumed: bigint): bigint {
  const base = finance?.base ?? null;
  if (base === null || consumed <= base.consumed) return half(cost * consumed, granted);
  return (
    half(cost * base.consumed, granted) +
    half(base.money * (consumed - base.consumed), base.credits)
  );
}

/** Where the money of a lot's expired credits goes when it is not breakage. */
export const onExpiry = ({ finance }: Costed): AwayAccount | null =>
  finance?.escheats === true ? "UnclaimedProperty" : null;

/** All that was given back of what a lot cost. */
export const givenBack = ({ away, goodwill, disputed }: LotFinance): bigint =>
  away.Cash + goodwill + (disputed ?? 0n);

/** Tax of a lot that stays with it when so much of its cost has moved to other lots; the rest went along. */
export const taxLeft = ({ cost, finance }: Costed, moved: bigint): bigint => {
  const { tax } = finance ?? plainFinance;
  // Beside a larger bonus a lot's share of the price may be nothing, and of the tax be something.
  return tax === 0n || cost === 0n ? tax : half(tax * (cost - moved), cost);
};

/** Tax that goes back when `returned` of the cost has gone back in all, less what went before (R2). */
export const taxBack = (lot: Costed, returned: bigint): Money => {
  const { tax, taxReturned } = lot.finance ?? plainFinance;
  if (lot.cost === 0n) return money(tax - taxReturned);
  return money(tax === 0n ? 0n : half(tax * returned, lot.cost) - taxReturned);
};
