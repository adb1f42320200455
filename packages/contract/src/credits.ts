// Owns: how credits are written outside. Inside they are bigint micro-credits (10^-6 credit).
// C1: print(parse(text)) is text without idle zeros. C2: parse(print(micro)) is micro. C3: no floating point on the way.
import { FormatFault } from "./format-fault.ts";

/** Micro-credits in one credit. */
export const microPerCredit = 1_000_000n;

/** Credits that a caller may send: at most 12 digits before the point and 6 after, no sign, no leading zeros. */
export const creditsPattern = "^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$";

/** The same without zero, where zero is refused (grants, refunds, revokes). */
export const positiveCreditsPattern =
  "^([1-9][0-9]{0,11}(\\.[0-9]{1,6})?|0\\.([0-9]{0,5}[1-9]|[0-9]{0,4}[1-9]0|[0-9]{0,3}[1-9]00|[0-9]{0,2}[1-9]000|[0-9]?[1-9]0000|[1-9]00000))$";

/** Credits in an answer: a sum may have more digits than what one call may ask for. */
export const creditsTotalPattern = "^(0|[1-9][0-9]*)(\\.[0-9]{1,6})?$";

const creditsExpression = new RegExp(creditsPattern);
const expected =
  "a decimal of credits with at most 12 digits before the point and 6 after, without a sign";

/**
 * Reads credits as a caller writes them into micro-credits, exactly.
 *
 * @example parseCredits("3.5") // 3500000n
 * @throws FormatFault where the text is no such decimal.
 */
export function parseCredits(text: string): bigint {
  if (!creditsExpression.test(text)) throw new FormatFault(text, expected);
  const point = text.indexOf(".");
  if (point < 0) return BigInt(text) * microPerCredit;
  const fraction = text.slice(point + 1).padEnd(6, "0");
  return BigInt(text.slice(0, point)) * microPerCredit + BigInt(fraction);
}

/**
 * Reads credits as an answer has them into micro-credits: any number of digits, a minus sign too. For what a caller sends there is
 * `parseCredits`.
 *
 * @example readCredits("-12.5") // -12500000n
 */
export function readCredits(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(6, "0")}`);
}

/**
 * Writes micro-credits as the shortest decimal of credits; a negative amount (a posting) carries a minus sign.
 *
 * @example printCredits(3500000n) // "3.5"
 */
export function printCredits(micro: bigint): string {
  const size = micro < 0n ? -micro : micro;
  const sign = micro < 0n ? "-" : "";
  const whole = (size / microPerCredit).toString();
  const fraction = size % microPerCredit;
  if (fraction === 0n) return sign + whole;
  return `${sign}${whole}.${fraction.toString().padStart(6, "0").replace(/0+$/, "")}`;
}
