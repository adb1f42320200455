// Owns: how credits are written for people. Programs get exact decimals (`credits.ts`) and the word `credits`.
// W1: rounding is half away from zero, once, of what is shown alone; nothing is ever worked out from it.
import { microPerCredit, printCredits } from "./credits.ts";
import { grouped } from "./exact-text.ts";

/** What a catalog calls its credits, and how many decimals people see of one. */
export interface CreditWords {
  /** Such as `token`. */
  readonly singular: string;
  /** Such as `tokens`. */
  readonly plural: string;
  /** Always so many, 0 to 6; left out: as many as there are. */
  readonly decimals?: number;
}

/** Where a catalog says nothing. */
export const plainCreditWords: CreditWords = { singular: "credit", plural: "credits" };

const decimalsMax = 6;

/**
 * The figure alone, thousands apart.
 *
 * @example creditFigure(1_234_567_890n, { singular: "token", plural: "tokens", decimals: 2 }) // "1,234.57"
 */
export function creditFigure(micro: bigint, { decimals }: CreditWords): string {
  if (decimals === undefined) return grouped(printCredits(micro));
  const step = 10n ** BigInt(decimalsMax - decimals);
  const size = micro < 0n ? -micro : micro;
  const rounded = ((size + step / 2n) / step) * step;
  const whole = grouped((rounded / microPerCredit).toString());
  const rest = (rounded % microPerCredit).toString().padStart(decimalsMax, "0").slice(0, decimals);
  return `${micro < 0n && rounded > 0n ? "-" : ""}${whole}${rest === "" ? "" : `.${rest}`}`;
}

/**
 * The figure with the word.
 *
 * @example creditText(1_000_000n, { singular: "token", plural: "tokens" }) // "1 token"
 */
export function creditText(micro: bigint, words: CreditWords): string {
  const figure = creditFigure(micro, words);
  return `${figure} ${/^-?1(\.0*)?$/.test(figure) ? words.singular : words.plural}`;
}
