import { microCreditsPerCredit } from "@cistern/kernel";
import type { UnitPrice } from "./catalog.ts";

/**
 * The price of one unit, exactly, from credits of `per` units.
 *
 * @example unitPrice("2.5", 1_000_000n) // { microCredits: 5n, per: 2n }
 */
export function unitPrice(text: string, per: bigint): UnitPrice {
  const [whole = "", fraction = ""] = text.split(".");
  const microCredits = BigInt(whole + fraction) * microCreditsPerCredit;
  const units = per * 10n ** BigInt(fraction.length);
  const divisor = greatestDivisor(microCredits, units);
  return { microCredits: microCredits / divisor, per: units / divisor };
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b);
}
