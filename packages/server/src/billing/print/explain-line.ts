/**
 * Owns how a line of an invoice explains itself.
 *
 * X1 where the arithmetic is written as products and sums, these rounded once are the amount; where they are not, it says what else is.
 */
import { grouped, printCredits, printRatio, printSpan } from "@cistern/contract";
import { type Line, half, isOfCommitment, noMoney, stepsBetween } from "@cistern/kernel";
import { amountText } from "../../books/index.ts";
import { isWholeOf, oneStepPrice, stepsText } from "./explain-steps.ts";

/** What a line is for, in words. */
export function descriptionOf({
  kind,
  about,
  quantity,
  fee,
  credits,
}: Pick<Line, "kind" | "about" | "quantity" | "fee" | "credits">): string {
  switch (kind) {
    case "base_fee":
      return `Base fee, plan ${about}`;
    case "seats":
      return `Seats, plan ${about}`;
    case "reserved_capacity":
      return `Reserved capacity, plan ${about}`;
    case "unused_time":
      return `Unused time${feeText(fee)}, plan ${about}`;
    case "remaining_time":
      return `Rest of the period${feeText(fee)}, plan ${about}`;
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
    case "shortfall_used":
      return quantity < 0n
        ? `Usage that earlier shortfalls cover, ${about}`
        : `Usage that earlier shortfalls do not cover after all, ${about}`;
    case "prepayment":
      return `Prepaid usage, plan ${about}`;
    case "outcome":
      return `Outcomes, ${about}`;
    case "outcome_reversed":
      return `Outcomes reversed, ${about}`;
    case "purchase":
      return credits === undefined
        ? `Purchase, ${about}`
        : `Pack ${about}, ${grouped(printCredits(credits))} credits`;
    case "other":
      return quantity < 0n ? `Credit, ${about}` : about;
  }
}

const feeText = (fee: Line["fee"]): string =>
  fee === undefined ? "" : `, ${fee.replace("_", " ")}`;

/**
 * How the amount of a line comes about.
 *
 * @example arithmeticOf(line, "EUR") // "1 x 250.00 x 20 d of 30 d"
 */
export function arithmeticOf(line: Line, currency: string): string {
  const text = listArithmeticOf(line, currency);
  return line.isNegotiated === true ? `${text}, at a negotiated price` : text;
}

function listArithmeticOf(line: Line, currency: string): string {
  const { kind, quantity, unitPrice, list, amount, price, steps, since = 0n } = line;
  const count = grouped(lineQuantity(line));
  if (line.unit !== undefined)
    return `${count} ${lineUnit(line)}, ${kind === "allowance" ? "included in the plan" : "charged in credits"}`;
  if (steps !== undefined && steps.length > 0) {
    const text = exactly(line, stepsText(steps, outcomeScale, currency), isWholeOf(steps, amount));
    return `${partText(line)}${text}${beyond(printRatio(since, outcomeScale, { min: 0, max: 4 }))}`;
  }
  if (price !== undefined) {
    const own = stepsBetween(price, { before: since, after: since + quantity });
    const text = exactly(line, stepsText(own, microPerCredit, currency), isWholeOf(own, amount));
    return `${text}${beyond(signedCredits(since))}`;
  }
  if (list !== undefined) return prepaidText(count, { list, amount }, currency);
  if (line.committed !== undefined)
    return kind === "shortfall_used"
      ? usedUpText(line, line.committed, currency)
      : shortfallText(line, line.committed, currency);
  if (line.basis !== undefined) return basisText(line, line.basis, currency);
  if (unitPrice !== null) return productText(line, unitPrice, currency);
  if (kind === "used_credits") return `${count} credits, at what they cost`;
  if (quantity === 1n || quantity === -1n)
    return `${count} x ${printedMoney(amount * quantity, currency)}`;
  return `${count}${countsCredits(kind) ? " credits" : ""}, at the prices of the plan`;
}

/** Of a later part of a period's invoice: at which price it goes on is told by what the parts before it have. */
const beyond = (since: string | undefined): string =>
  since === undefined || since === "0" ? "" : `, beyond ${grouped(since)} of before`;

/** Amounts that are rounded with others of the same count differ by what those have of the one rounding. */
const exactly = ({ kind }: Line, text: string, isWhole: boolean): string =>
  isWhole
    ? text
    : `${text}, rounded with ${kind === "usage" || kind === "overage" ? "what was billed before" : "all that counts with it"}`;

/** Of outcomes that are paid in part: how many, at which share. */
function partText({ quantity, steps = [] }: Line): string {
  const share = steps.reduce(
    (sum, step) => (step.size === undefined ? sum + step.quantity : sum),
    0n,
  );
  if (share === 0n || quantity === 0n || share === quantity * outcomeScale) return "";
  if (share % quantity !== 0n) return `${grouped(quantity.toString())} in parts: `;
  const percent = printRatio(share / quantity, 100n, { min: 0, max: 2 });
  return `${grouped(quantity.toString())} at ${percent} %: `;
}

/** What was to be reached, less what was, and less what was charged of it before. */
function shortfallText(
  { amount }: Line,
  { minimum, reached }: NonNullable<Line["committed"]>,
  currency: string,
): string {
  const before = minimum > reached ? minimum - reached - amount : -amount;
  const missing =
    minimum > reached
      ? `${printedMoney(minimum, currency)} committed - ${printedMoney(reached, currency)} used`
      : `${printedMoney(reached, currency)} used of ${printedMoney(minimum, currency)} committed`;
  if (before === 0n) return missing;
  return before > 0n
    ? `${missing} - ${printedMoney(before, currency)} charged before`
    : `${missing} + ${printedMoney(-before, currency)} taken back before`;
}

/** What of usage above the minimum was charged as a shortfall before, less what was taken off for it before. */
function usedUpText(
  { amount }: Line,
  { minimum, reached, carried = noMoney }: NonNullable<Line["committed"]>,
  currency: string,
): string {
  const print = (value: bigint): string => printedMoney(value, currency);
  const above = reached > minimum ? reached - minimum : 0n;
  const covered = above < carried ? above : carried;
  const usage =
    reached > minimum
      ? `${print(reached)} used - ${print(minimum)} committed`
      : `${print(reached)} used of ${print(minimum)} committed`;
  const text =
    covered === above
      ? `${usage}, of ${print(carried)} charged as shortfall before`
      : `${print(carried)} charged as shortfall before, of ${usage}`;
  const before = covered + amount;
  if (before === 0n) return text;
  return before > 0n
    ? `${text}, ${print(before)} taken off before`
    : `${text}, ${print(-before)} charged again before`;
}

/** A discount is what lies between the list and the price. */
const prepaidText = (
  count: string,
  { list, amount }: { readonly list: bigint; readonly amount: bigint },
  currency: string,
): string =>
  `${count} credits, ${printedMoney(list, currency)} by the list${list === amount ? "" : ` - ${printedMoney(list - amount, currency)}`}`;

function basisText(
  { quantity, amount }: Line,
  { cost, credits }: NonNullable<Line["basis"]>,
  currency: string,
): string {
  const count = grouped(signedCredits(quantity));
  const whole = grouped(signedCredits(credits));
  return half(cost * quantity, credits) === amount
    ? `${count} credits x ${printedMoney(cost, currency)} / ${whole}`
    : `${count} of ${whole} credits that cost ${printedMoney(cost, currency)}, as far as the change gives back`;
}

/** X1. */
function productText(line: Line, unitPrice: bigint, currency: string): string {
  const { kind, quantity, amount, fraction } = line;
  const count = grouped(lineQuantity(line));
  const { part, whole } = fraction ?? { part: 1n, whole: 1n };
  // Quantities of credits are counted in millionths.
  const units = countsCredits(kind) ? microPerCredit : 1n;
  if (half(quantity * unitPrice * part, whole * units) !== amount)
    return `${count} at ${printedMoney(unitPrice, currency)}, as it was charged`;
  const full = `${count} x ${printedMoney(unitPrice, currency)}`;
  return fraction === null ? full : `${full} x ${fractionText(part, whole)}`;
}

/** A period is counted in days, or in milliseconds: of which a single day has more than a period has days. */
function fractionText(part: bigint, whole: bigint): string {
  // Where nothing is prorated, a change costs nothing before the next period.
  if (whole === 1n) return `${part}`;
  return whole < msPerDay ? `${part} d of ${whole} d` : `${printSpan(part)} of ${printSpan(whole)}`;
}

/** Usage is counted in credits, an allowance in its units, and all else in wholes. */
export function lineQuantity({ kind, quantity, unit }: Line): string {
  if (unit?.isLevel === true) return signedCredits(half(quantity * microPerCredit, msPerHour));
  return countsCredits(kind) ? signedCredits(quantity) : quantity.toString();
}

/**
 * What the quantity of a line counts.
 *
 * @example lineUnit(line) // "credits"
 */
export function lineUnit({
  kind,
  unit,
  fee,
  per,
}: Pick<Line, "kind" | "unit" | "fee" | "per">): string {
  if (unit !== undefined) return unit.isLevel === true ? `${unit.bucket} hours` : unit.bucket;
  const period = per?.count === 1 ? `${per.unit}s` : "periods";
  switch (kind) {
    case "used_credits":
    case "usage":
    case "overage":
    case "prepayment":
      return "credits";
    case "seats":
      return "seats";
    case "unused_time":
    case "remaining_time":
      return fee === "seats" ? "seats" : period;
    case "base_fee":
    case "reserved_capacity":
    case "shortfall":
    case "shortfall_used":
      return period;
    case "outcome":
    case "outcome_reversed":
      return "outcomes";
    case "purchase":
      return "packs";
    case "allowance":
    case "past_allowance":
    case "other":
      return "items";
  }
}

/** What one unit costs (of a fee: for a whole period), as an exact decimal; undefined where it is not one price. */
export function linePrice(line: Line, currency: string): string | undefined {
  const { kind, unitPrice, price, steps, unit } = line;
  if (isOfCommitment(kind) || unit !== undefined) return undefined;
  if (unitPrice !== null) return amountText(unitPrice, currency);
  if (steps !== undefined) return oneStepPrice(steps, outcomeScale, currency);
  if (price?.kind !== "per_unit") return undefined;
  return oneStepPrice([{ ...price, quantity: 1n }], microPerCredit, currency);
}

/** An amount of money for people: `-1,234.50`. */
export const printedMoney = (amount: bigint, currency: string): string =>
  grouped(amountText(amount, currency));

const signedCredits = (micro: bigint): string =>
  micro < 0n ? `-${printCredits(-micro)}` : printCredits(micro);

const microPerCredit = 1_000_000n;
/** Outcomes are priced by basis points of one. */
const outcomeScale = 10_000n;
const msPerHour = 3_600_000n;
const msPerDay = 86_400_000n;

/** Whether the quantity of such a line is credits. */
export const countsCredits = (kind: Line["kind"]): boolean =>
  kind === "used_credits" || kind === "overage" || kind === "usage" || kind === "prepayment";
