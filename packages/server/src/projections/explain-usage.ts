/**
 * Owns how a charge in credits explains itself: quantities at the prices that held for it.
 *
 * W1 where the text ends in `=`, what stands before it, rounded once, is what stands behind it, and was charged. Where something else
 * was, it says so.
 */
import { grouped, printCredits, printRatio, printSpan } from "@cistern/contract";
import {
  type AllowanceMove,
  type HoldSettled,
  type Price,
  type Usage,
  type UsageDebited,
  pricesOf,
  rate,
} from "@cistern/kernel";

/**
 * How the credits of a settlement come about.
 *
 * @example explainUsage(event) // "1,200 input_text x 0.0000025 + 300 output_text x 0.00001 = 0.006"
 */
export function explainUsage(event: HoldSettled | UsageDebited): string {
  const { price, usage, charged } = event;
  const total = credits(charged);
  if (event.isUnrated) return `${total}${whyUnrated(event)}`;
  if (usage === null || price === null) return `${total}, as told${whyElse(event)}`;
  const heldMs = event.kind === "usage.debited" ? heldFor(event) : undefined;
  const free = freeOf(event.units);
  const sum = sumText(price, usage, { heldMs, free });
  if (rate(price, usage, heldMs, free) === charged)
    return `${sum}${leastText(price, usage, { heldMs, free })} = ${total}`;
  return `${sum}; charged ${total}${whyElse(event)}`;
}

/** Where no row prices it. Of a price that would do, an event of before took that of the hold. */
function whyUnrated(event: HoldSettled | UsageDebited): string {
  const { price, usage } = event;
  // A hold in credits fixes no price; of a model that another one answered for, the one that answered may lack it.
  if (event.kind === "hold.settled" && price === null && event.heldModel === undefined)
    return ", what its hold had left, since the hold was made in credits: its usage is not rated";
  const isBySubstitute = price !== null && usage !== null && rate(price, usage) !== undefined;
  return isBySubstitute
    ? ", by the price that was held, since its model has none"
    : ", what its hold had left, since it has no price";
}

/** What else decides a charge. */
function whyElse(event: HoldSettled | UsageDebited): string {
  if (event.kind === "usage.debited") return "";
  const { outcome, loss, chargedInTotal, charged } = event;
  if (outcome != null && outcome !== "delivered") return `, since it ended as ${outcome}`;
  if (loss > 0n) return `, ${credits(loss)} beyond it are the vendor's loss`;
  return chargedInTotal === charged ? "" : ", as a part of the whole call";
}

/** How long a level was there that is charged. */
const heldFor = ({ over, fresh }: UsageDebited): number | undefined =>
  over === undefined
    ? undefined
    : (fresh ?? [over]).reduce((sum, { start, end }) => sum + (end - start), 0);

interface Part {
  readonly heldMs: number | undefined;
  /** By bucket, units (of a level times milliseconds) that cost nothing. */
  readonly free: Readonly<Record<string, bigint>>;
}

function sumText(price: Price, usage: Usage, { heldMs, free }: Part): string {
  const { per, prices } = pricesOf(price, usage);
  // Of a level a price is by the millisecond; people count hours.
  const [span, time] =
    heldMs === undefined ? [1n, ""] : [msPerHour, ` x ${printSpan(BigInt(heldMs))}`];
  const used = Object.entries(usage).filter(([, units]) => units > 0);
  const terms = used.map(([bucket, units]) => {
    const of = free[bucket] ?? 0n;
    const own = `${grouped(units.toString())} ${bucket}${time} x ${priceText((prices[bucket] ?? 0n) * span, per)}`;
    return of === 0n
      ? own
      : `(${grouped(units.toString())} ${bucket}${time} - ${freeText(of, heldMs)} included) x ${priceText((prices[bucket] ?? 0n) * span, per)}`;
  });
  return terms.length === 0 ? "0" : terms.join(" + ");
}

const freeText = (units: bigint, heldMs: number | undefined): string =>
  heldMs === undefined ? grouped(units.toString()) : `${grouped(hours(units))} h`;

const hours = (unitMs: bigint): string =>
  printRatio(unitMs, msPerHour, { min: 0, max: 9 }) ?? `${unitMs} / ${msPerHour}`;

/** The least that a call costs, where that is what it costs. */
function leastText(price: Price, usage: Usage, part: Part): string {
  const { minimum } = pricesOf(price, usage);
  if (minimum === undefined) return "";
  return rate(price, usage, part.heldMs, part.free) === minimum
    ? `, at least ${credits(minimum)}`
    : "";
}

/** Of one unit, in credits. */
function priceText(numerator: bigint, per: bigint): string {
  const whole = per * microPerCredit;
  const decimal = printRatio(numerator, whole, { min: 0, max: 12 });
  return decimal === undefined
    ? `${grouped(`${numerator}`)} / ${grouped(`${whole}`)}`
    : grouped(decimal);
}

function freeOf(units: readonly AllowanceMove[] = []): Readonly<Record<string, bigint>> {
  const free = new Map<string, bigint>();
  for (const { bucket, used } of units) free.set(bucket, (free.get(bucket) ?? 0n) + used);
  return Object.fromEntries([...free].filter(([, used]) => used > 0n));
}

const credits = (micro: bigint): string => grouped(printCredits(micro));

const microPerCredit = 1_000_000n;
const msPerHour = 3_600_000n;
