/**
 * Owns how one price is shared among the things it buys (ASC 606-10-32-31, IFRS 15.76), and what a change of the contract
 * makes of it (606-10-25-12/13, IFRS 15.20/21).
 *
 * S1 parts add up to the whole (I4): R3 over stand-alone selling prices, in the order given (access before credits).
 * S2 what a contract defers after a change is what it deferred before plus the price of the change.
 */
import { half, split } from "../rounding.ts";

/** Something sold, by the price that it would have alone, in minor units. */
export interface Obligation {
  readonly key: string;
  readonly ssp: bigint;
}

/** A share of a price. */
export interface Share {
  readonly key: string;
  readonly amount: bigint;
}

/**
 * Shares a price among what it buys. A price of 0 is 0 for each, whatever the stand-alone prices. Throws `Bug` when there is
 * something to share and nothing has a price alone.
 *
 * @example allocate(20_000n, [{ key: "access", ssp: 15_000n }, { key: "credits", ssp: 10_000n }]) // 12_000n, 8_000n
 */
export function allocate(price: bigint, obligations: readonly Obligation[]): readonly Share[] {
  const shares =
    price === 0n
      ? []
      : split(
          price,
          obligations.map(({ ssp }) => ssp),
        );
  return obligations.map(({ key }, index) => ({ key, amount: shares[index] ?? 0n }));
}

/** How a change of plan is accounted for: as a contract of its own, or by sharing anew all that is left. */
export type ModificationMethod = "separate" | "prospective";

/** One thing that a contract still owes, at the instant of a change. */
export interface ModifiedPart {
  readonly key: string;
  /** Not recognised yet, before the change. */
  readonly deferred: bigint;
  /** Stand-alone price of what is owed of it after the change. */
  readonly ssp: bigint;
  /** Stand-alone price of what the change adds to it; 0 where it adds nothing. */
  readonly addedSsp: bigint;
}

/** One thing that a contract owes after a change. */
export interface ModifiedShare {
  readonly key: string;
  readonly deferred: bigint;
  /** `deferred` after the change less before. */
  readonly change: bigint;
}

/**
 * Shares the price of a change (below zero where money goes back) among the parts of a contract.
 *
 * `separate` gives the price to what the change adds, by the stand-alone prices of that; what was there keeps its money. A
 * change that gives money back, or adds nothing, is no contract of its own: it is always `prospective`.
 */
export function modify(
  method: ModificationMethod,
  price: bigint,
  parts: readonly ModifiedPart[],
): readonly ModifiedShare[] {
  const isSeparate = method === "separate" && price >= 0n && parts.some((one) => one.addedSsp > 0n);
  const before = parts.reduce((total, one) => total + one.deferred, 0n);
  const shares = isSeparate
    ? allocate(price, obligationsOf(parts, "addedSsp"))
    : allocate(before + price, obligationsOf(parts, "ssp"));
  return parts.map(({ key, deferred }, index) => {
    const share = shares[index]?.amount ?? 0n;
    const after = isSeparate ? deferred + share : share;
    return { key, deferred: after, change: after - deferred };
  });
}

const obligationsOf = (
  parts: readonly ModifiedPart[],
  weight: "ssp" | "addedSsp",
): readonly Obligation[] => parts.map((part) => ({ key: part.key, ssp: part[weight] }));

/** The lot that a plan granted, and what a downgrade would take from it, in credits and money. */
export interface ClawbackTerms {
  /** Prorated difference of the two prices, as a positive amount. */
  readonly price: bigint;
  /** Prorated difference of the credits. */
  readonly credits: bigint;
  /** What can still be taken. */
  readonly available: bigint;
  readonly granted: bigint;
  readonly cost: bigint;
}

/**
 * What an immediate downgrade or seat removal takes back and pays back (RULES 15): the money is less by what the credits
 * that cannot be taken are worth, never below 0.
 */
export function clawback(terms: ClawbackTerms): {
  readonly credits: bigint;
  readonly money: bigint;
} {
  const { price, credits: wanted, available, granted, cost } = terms;
  const taken = wanted < available ? wanted : available;
  const worth = half(cost * (wanted - taken), granted);
  return { credits: taken, money: price > worth ? price - worth : 0n };
}
