/**
 * Owns how a line of an invoice explains itself.
 *
 * X1 where the arithmetic is a product, the product rounded once is the amount; where it is not, the text does not look like one.
 */
import { type ExplainedLine, printCredits } from "@cistern/contract";
import { type Line, type LineUnit, type PriceTier, type UnitPrice, half } from "@cistern/kernel";
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
    case "reserved_capacity":
      return `Reserved capacity, plan ${about}`;
    case "unused_time":
      return `Unused time, plan ${about}`;
    case "remaining_time":
      return `Rest of the period, plan ${about}`;
    case "used_credits":
      return quantity < 0n
        ? `Credits returned after all, plan ${about}`
        : `Credits used already, plan ${about}`;
    case "usage":
      return quantity < 0n ? `Refund of usage billed before, ${about}` : `Usage, ${about}`;
    case "overage":
      return quantity < 0n ? `Refund of overage billed before, ${about}` : `Overage, ${about}`;
    case "allowance":
      return `Within the allowance, ${about}`;
    case "past_allowance":
      return `Past the allowance, ${about}`;
    case "shortfall":
      return `Shortfall of the commitment, ${about}`;
    case "prepayment":
      return `Prepaid usage, plan ${about}`;
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
  const text = listArithmeticOf(line, currency);
  return line.isNegotiated === true ? `${text}, at a negotiated price` : text;
}

function listArithmeticOf(line: Line, currency: string): string {
  const { kind, quantity, unitPrice, list, fraction, amount, price } = line;
  if (price !== undefined) return pricedText(quantity, price, currency);
  const count = grouped(lineQuantity(line));
  if (line.unit !== undefined)
    return `${count} ${lineUnit(line.unit)}, ${kind === "allowance" ? "included in the plan" : "charged in credits"}`;
  if (list !== undefined)
    return `${count} credits, worth ${printedMoney(list, currency)} by the list`;
  if (unitPrice === null) {
    if (kind === "used_credits") return `${count} credits, at what they cost`;
    return countsCredits(kind)
      ? `${count} credits, at the prices of the plan`
      : `${count}, at the prices of the plan`;
  }
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

/** A cumulative price of micro-credits, as a sum of products; the whole of it was rounded once. */
function pricedText(quantity: bigint, price: UnitPrice, currency: string): string {
  const count = (micro: bigint): string => grouped(signedCredits(micro));
  const each = (amount: bigint): string =>
    price.per === microPerCredit
      ? printedMoney(amount, currency)
      : `${printedMoney(amount, currency)} / ${count(price.per)}`;
  switch (price.kind) {
    case "per_unit":
      return `${count(quantity)} x ${each(price.price)}`;
    case "package": {
      const packages = (quantity + price.per - 1n) / price.per;
      return `${grouped(packages.toString())} x ${printedMoney(price.price, currency)} for ${count(price.per)} each`;
    }
    case "volume":
    case "graduated":
      return stepsOf(quantity, price)
        .map(({ part, tier }) => {
          const flat = tier.flat ?? 0n;
          const own = `${count(part)} x ${each(tier.price)}`;
          return flat === 0n ? own : `${own} + ${printedMoney(flat, currency)}`;
        })
        .join(" + ");
  }
}

/** What of a quantity is priced by which step. */
function stepsOf(
  quantity: bigint,
  { kind, tiers }: Extract<UnitPrice, { readonly kind: "graduated" | "volume" }>,
): readonly { readonly part: bigint; readonly tier: PriceTier }[] {
  let from = 0n;
  const steps = tiers.flatMap((tier) => {
    const to = tier.upTo === null || quantity < tier.upTo ? quantity : tier.upTo;
    const part = to - from;
    from = to;
    return part > 0n ? [{ part, tier }] : [];
  });
  const last = steps.at(-1);
  return kind === "volume" && last !== undefined ? [{ part: quantity, tier: last.tier }] : steps;
}

/** Usage is counted in credits, an allowance in its units, and all else in wholes. */
export function lineQuantity({ kind, quantity, unit }: Line): string {
  if (unit?.isLevel === true) return signedCredits(half(quantity * microPerCredit, msPerHour));
  return countsCredits(kind) ? signedCredits(quantity) : quantity.toString();
}

/** What an allowance counts. */
export const lineUnit = ({ bucket, isLevel }: LineUnit): string =>
  isLevel === true ? `${bucket} hours` : bucket;

/** A quantity for people; of usage it is credits. */
export const quantityText = ({ quantity }: Pick<ExplainedLine, "quantity">): string =>
  grouped(quantity);

/** An amount of money for people: `-1,234.50`. */
export const printedMoney = (amount: bigint, currency: string): string =>
  grouped(amountText(amount, currency));

/** Thousands apart. */
export function grouped(text: string): string {
  const [whole = "", decimals] = text.split(".");
  const apart = whole.replaceAll(/(?<=[0-9])(?=([0-9]{3})+$)/g, ",");
  return decimals === undefined ? apart : `${apart}.${decimals}`;
}

const signedCredits = (micro: bigint): string =>
  micro < 0n ? `-${printCredits(-micro)}` : printCredits(micro);

const microPerCredit = 1_000_000n;
const msPerHour = 3_600_000n;
const countsCredits = (kind: Line["kind"]): boolean =>
  kind === "used_credits" || kind === "overage" || kind === "usage" || kind === "prepayment";

/** A period is counted in days, or in milliseconds: of which a single day has more than a period has days. */
const unitOf = (whole: bigint): string => (whole < 86_400_000n ? "days" : "ms");
