/**
 * Owns rates of exchange as a vendor gives them: decimals by pair and day, of which one holds until the next.
 *
 * X1 no rate passes through a floating-point number. X2 a day before the first rate of its pair, and a pair that is not there, are
 * faults: nothing is guessed.
 */
import { half } from "@cistern/kernel";
import { minorDigits } from "../amount-text.ts";
import { isDay } from "../days.ts";

/** Amounts in the reporting currency before their rounding: 10^-12 of its minor unit. */
const picosPerMinorUnit = 1_000_000_000_000n;

/** What one minor unit is worth: `picos / per`, exactly. */
export interface Rate {
  readonly picos: bigint;
  readonly per: bigint;
}

/** Rates into one currency. */
export interface Rates {
  readonly currency: string;
  /** Throws `RatesFault` (X2). */
  on(day: string, currency: string): Rate;
}

/** Rates that cannot be used, with all that is wrong. */
export class RatesFault extends Error {
  override readonly name = "RatesFault";
  readonly code = "rates";
}

const pairPattern = /^([A-Z]{3})\/([A-Z]{3})$/;
const decimalPattern = /^[0-9]{1,12}(\.[0-9]{1,12})?$/;

interface Listed {
  readonly day: string;
  readonly rate: Rate;
}

/**
 * Reads rates such as `{ "EUR/USD": { "2026-01-01": "1.1000" } }`: so many dollars for a euro from that day on. Throws `RatesFault`.
 *
 * @example readRates({ "EUR/USD": { "2026-01-01": "1.1000" } }, "USD").on("2026-01-15", "EUR")
 */
export function readRates(given: unknown, currency: string): Rates {
  const faults: string[] = [];
  const pairs = new Map<string, readonly Listed[]>();
  for (const [pair, days] of entriesOf(given)) {
    const [, from = "", to] = pairPattern.exec(pair) ?? [];
    if (to === undefined) faults.push(`${pair} is no pair such as EUR/USD`);
    const listed = entriesOf(days).flatMap(([day, text]) => {
      const rate = rateOf(text, from, currency);
      if (!isDay(day)) faults.push(`${pair}: ${day} is no day`);
      if (rate === undefined)
        faults.push(`${pair} on ${day} is no decimal in text above 0, such as "1.1000"`);
      return rate === undefined ? [] : [{ day, rate }];
    });
    if (listed.length === 0) faults.push(`${pair} has no rates by day`);
    if (to === currency)
      pairs.set(
        from,
        listed.toSorted((a, b) => (a.day < b.day ? -1 : 1)),
      );
  }
  if (!isCurrency(currency)) faults.push(`${currency} is no currency code such as USD`);
  if (faults.length > 0) throw new RatesFault(`The rates: ${faults.join("; ")}.`);
  return {
    currency,
    on(day, from) {
      const found = pairs.get(from)?.findLast((one) => one.day <= day);
      if (found !== undefined) return found.rate;
      throw new RatesFault(
        `There is no rate of ${from}/${currency} on ${day} or before it. Add one to the rates.`,
      );
    },
  };
}

/** What an amount is worth, in picos. */
export const worth = (amount: bigint, { picos, per }: Rate): bigint => half(amount * picos, per);

/** R1 of picos, in minor units. */
export const inMinorUnits = (picos: bigint): bigint => half(picos, picosPerMinorUnit);

const isCurrency = (text: string): boolean => /^[A-Z]{3}$/.test(text);

const entriesOf = (value: unknown): readonly [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

function rateOf(text: unknown, from: string, to: string): Rate | undefined {
  if (typeof text !== "string" || !decimalPattern.test(text)) return undefined;
  const [whole = "", part = ""] = text.split(".");
  const numerator = BigInt(whole + part);
  if (numerator === 0n) return undefined;
  if (!isCurrency(from) || !isCurrency(to)) return { picos: numerator, per: 1n };
  return {
    picos: numerator * picosPerMinorUnit * 10n ** BigInt(minorDigits(to)),
    per: 10n ** BigInt(part.length + minorDigits(from)),
  };
}
