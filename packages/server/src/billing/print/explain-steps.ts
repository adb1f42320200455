/** Owns how quantities at prices are written: each step a product, all of them a sum. */
import { grouped, printRatio } from "@cistern/contract";
import { type PricedStep, half } from "@cistern/kernel";
import { amountText, minorDigits } from "../../books/index.ts";

/**
 * The sum that an amount comes of before it is rounded; quantities count so many parts of a unit.
 *
 * @example stepsText([{ quantity: 100_000n, price: 5n, per: 10_000n }, { quantity: 70_000n, price: 3n, per: 10_000n }], 10_000n, "EUR") // "10 x 0.05 + 7 x 0.03"
 */
export function stepsText(steps: readonly PricedStep[], scale: bigint, currency: string): string {
  return steps
    .map((step, index) => {
      const { quantity, flat = 0n } = step;
      const isTakenOff = quantity < 0n && index > 0;
      const sign = index === 0 ? "" : isTakenOff ? " - " : " + ";
      const count = countText(
        isTakenOff ? -quantity : quantity,
        step.size === undefined ? scale : 1n,
      );
      return `${sign}${count} x ${priceText(step, scale, currency)}${flatText(flat, currency)}`;
    })
    .join("");
}

/** Whether it is, rounded once. */
export function isWholeOf(steps: readonly PricedStep[], amount: bigint): boolean {
  const whole = steps.reduce((product, { per }) => product * per, 1n);
  const sum = steps.reduce(
    (total, { quantity, price, per, flat = 0n }) =>
      total + quantity * price * (whole / per) + flat * whole,
    0n,
  );
  return half(sum, whole) === amount;
}

/** The price of a unit, where all of it stands at one. */
export function oneStepPrice(
  steps: readonly PricedStep[],
  scale: bigint,
  currency: string,
): string | undefined {
  const [step, ...others] = steps;
  return step === undefined ||
    others.length > 0 ||
    step.flat !== undefined ||
    step.size !== undefined
    ? undefined
    : unitText(step, scale, currency);
}

function priceText(step: PricedStep, scale: bigint, currency: string): string {
  const { price, per, size } = step;
  const full = grouped(amountText(price, currency));
  if (size !== undefined) return `${full} for ${countText(size, scale)} each`;
  const unit = unitText(step, scale, currency);
  return unit === undefined ? `${full} / ${countText(per, scale)}` : grouped(unit);
}

/** As a decimal, where it is one. */
function unitText({ price, per }: PricedStep, scale: bigint, currency: string): string | undefined {
  const digits = minorDigits(currency);
  const places = { min: digits, max: decimalsMax };
  return printRatio(price * scale, per * 10n ** BigInt(digits), places);
}

const decimalsMax = 12;

const countText = (quantity: bigint, scale: bigint): string =>
  grouped(printRatio(quantity, scale, { min: 0, max: 6 }) ?? `${quantity} / ${scale}`);

const flatText = (flat: bigint, currency: string): string => {
  if (flat === 0n) return "";
  const text = grouped(amountText(flat < 0n ? -flat : flat, currency));
  return flat < 0n ? ` - ${text}` : ` + ${text}`;
};
