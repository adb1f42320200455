/**
 * Owns the two quantities of the system and their checked arithmetic.
 *
 * A1 credits are integers of 10^-6 credit, never below zero; sums stay within 9 * 10^18, so that they fit in 64 bits.
 * A2 money is an integer of minor units, signed. A3 no operation rounds, wraps or goes below zero unseen.
 */
import { assert } from "./bug.ts";

declare const creditsBrand: unique symbol;
declare const moneyBrand: unique symbol;

/** Micro-credits (10^-6 credit), never negative. */
export type Credits = bigint & { readonly [creditsBrand]: true };

/** Minor units of the workspace's currency; negative where a correction takes back. */
export type Money = bigint & { readonly [moneyBrand]: true };

/** The most that a workspace can be granted in its life, or owe: 10^12 credits. Commands past it are refused. */
export const creditsMax = 1_000_000_000_000_000_000n;
/** What is available, held, permitted, owed and used add up to a few times `creditsMax` at most. */
const sumMax = 9n * creditsMax;
/** Money of one fact is within this, either way. */
export const moneyMax = 1_000_000_000_000_000_000n;

/** Micro-credits of one credit. */
export const microCreditsPerCredit = 1_000_000n;

const isCredits = (value: bigint): value is Credits => value >= 0n && value <= sumMax;
const isMoney = (value: bigint): value is Money => value >= -moneyMax && value <= moneyMax;

/** The one constructor of credits. Throws `Bug` outside 0 to 9 * 10^18: input is checked before it comes here. */
export function credits(value: bigint): Credits {
  assert(isCredits(value), "A1 credits are within 0 and 9 * 10^18");
  return value;
}

/** The one constructor of money. */
export function money(value: bigint): Money {
  assert(isMoney(value), "A2 money is within 10^18 minor units");
  return value;
}

/** No credits. */
export const noCredits: Credits = credits(0n);
/** No money. */
export const noMoney: Money = money(0n);

/** a + b. */
export const plus = (a: Credits, b: Credits): Credits => credits(a + b);
/** a - b; throws `Bug` below zero. */
export const minus = (a: Credits, b: Credits): Credits => credits(a - b);
/** The smaller of two. */
export const least = <Amount extends bigint>(a: Amount, b: Amount): Amount => (a < b ? a : b);
/** a - b, or nothing when b is larger. */
export const beyond = (a: Credits, b: Credits): Credits => (a > b ? credits(a - b) : noCredits);
/** The sum of many. */
export const total = (amounts: readonly Credits[]): Credits =>
  credits(amounts.reduce((sum: bigint, amount) => sum + amount, 0n));
