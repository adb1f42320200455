/**
 * Owns how a line of an invoice explains itself.
 *
 * X1 where the arithmetic is a product, the product rounded once is the amount; where it is not, the text does not look like one.
 */
import { printCredits } from "@cistern/contract";
import { type Line, half } from "@cistern/kernel";
import { amountText } from "../../books/index.ts";

/** What a line is for, in words. */
export function descriptionOf({
  kind,
  about,
  quantity,
}: Pick<Line, "kind" | "about" | "quantity">): string {
  switch (kind) {
    case "base_fee":
      return `Base fee, plan ${about}`;
    case "seats":
      return `Seats, plan ${about}`;
    case "unused_time":
      return `Unused time, plan ${about}`;
    case "remaining_time":
      return `Rest of the period, plan ${about}`;
    case "used_credits":
      return `Credits used already, plan ${about}`;
    case "usage":
      return `Usage, ${about}`;
    case "overage":
      return `Overage, ${about}`;
    case "shortfall":
      return `Shortfall of the commitment, ${about}`;
    case "outcome":
      return `Outcomes, ${about}`;
    case "outcome_reversed":
      return `Outcomes reversed, ${about}`;
    case "purchase":
      return `Purchase, ${about}`;
    case "other":
      return quantity < 0n ? `Credit, ${about}` : about;
  }
}

/**
 * How the amount of a line comes about.
 *
 * @example arithmeticOf(line, "EUR") // "1 x 250.00 x 1,728,000,000 / 2,592,000,000 ms"
 */
export function arithmeticOf(line: Line, currency: string): string {
  const { kind, quantity, unitPrice, fraction, amount } = line;
  const count = grouped(quantityOf(line));
  if (unitPrice === null) return `${count}${howPriced(kind)}`;
  const { part, whole } = fraction ?? { part: 1n, whole: 1n };
  // Quantities of credits are counted in millionths.
  const units = countsCredits(kind) ? microPerCredit : 1n;
  if (half(quantity * unitPrice * part, whole * units) !== amount)
    return `${count} at ${printedMoney(unitPrice, currency)}, as it was charged`;
  const full = `${count} x ${printedMoney(unitPrice, currency)}`;
  return fraction === null
    ? full
    : `${full} x ${grouped(part.toString())} / ${grouped(whole.toString())} ${unitOf(whole)}`;
}

const howPriced = (kind: Line["kind"]): string => {
  if (!countsCredits(kind)) return ", priced in steps";
  return kind === "used_credits" ? " credits, at what they cost" : " credits, at the plan's prices";
};

/** The quantity of a line in text: credits with their decimals, all else in wholes. */
export function quantityOf({ kind, quantity }: Pick<Line, "kind" | "quantity">): string {
  if (!countsCredits(kind)) return quantity.toString();
  return quantity < 0n ? `-${printCredits(-quantity)}` : printCredits(quantity);
}

/** An amount of money for people: `-1,234.50`. */
export const printedMoney = (amount: bigint, currency: string): string =>
  grouped(amountText(amount, currency));

/** Thousands apart. */
export function grouped(text: string): string {
  const [whole = "", decimals] = text.split(".");
  const apart = whole.replaceAll(/(?<=[0-9])(?=([0-9]{3})+$)/g, ",");
  return decimals === undefined ? apart : `${apart}.${decimals}`;
}

const microPerCredit = 1_000_000n;
const countsCredits = (kind: Line["kind"]): boolean =>
  kind === "used_credits" || kind === "usage" || kind === "overage";

/** A period is counted in days, or in milliseconds: of which a single day has more than a period has days. */
const unitOf = (whole: bigint): string => (whole < 86_400_000n ? "days" : "ms");
