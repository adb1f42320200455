/**
 * Owns what another catalog would mean for a subscription that runs; a push changes none of them.
 *
 * I1 a plan reaches a subscription when it is pinned anew, and not before; a rate card that is not pinned moves on by date (RULES 19).
 * I2 usage is repriced as it would have been charged: outcomes, and parts of a hold by the difference that they make. What has no price
 * under the new card is counted, and stays as it was charged.
 */
import { isDeepStrictEqual } from "node:util";
import type { UsageRow } from "@cistern/contract";
import { parseCredits, parseInstant } from "@cistern/contract";
import {
  type AllowanceTerms,
  type BilledTotal,
  type FreeUnits,
  type Plan,
  type RateCard,
  type Subscription,
  type Usage,
  addUsage,
  chargeRule,
  findPrice,
  keepNegotiated,
  listed,
  lineOf,
  outcomesOf,
  priceAt,
  rate,
  ratePart,
} from "@cistern/kernel";
import type { Catalog } from "./catalog.ts";
import { rateCardIn } from "./rate-cards.ts";

/** The version of its plan that a catalog has, where that is another one; what was negotiated would stay with it. */
export function newerPlan({ plan }: Subscription, { plans }: Catalog): Plan | undefined {
  const found = plans.get(plan.name);
  if (found === undefined || found.version === listed(plan).version) return undefined;
  return plan.negotiated === undefined ? found : keepNegotiated(found, plan.negotiated);
}

/** The rate card that a plan would go by from the push on; undefined where it stays by the one that it has. */
export function newerCard(
  plan: Plan | undefined,
  now: RateCard,
  after: Catalog,
): RateCard | undefined {
  if (plan?.rateCard?.version !== undefined) return undefined;
  const name = plan?.rateCard?.name;
  const card = name === undefined ? rateCardIn(after) : after.rateCards.get(name);
  return card === undefined || card.id === now.id ? undefined : card;
}

/** Minor units of the usage that a period has billed so far, at a version's prices. What the version does not bill costs nothing. */
export function billedUsage(plan: Plan, totals: readonly BilledTotal[]): bigint {
  const lines = plan.overage.kind === "bill" ? plan.overage.lines : [];
  const byLine = Map.groupBy(totals, ({ line }) => lineOf(lines, line.meter));
  let sum = 0n;
  for (const [line, same] of byLine)
    if (line !== undefined)
      sum += priceAt(
        line.price,
        same.reduce((all, { quantity }) => all + quantity, 0n),
      );
  return sum;
}

/** What a newer plan includes of meters in the time that is repriced. */
export interface NewerAllowance extends AllowanceTerms {
  /** Units in all; of a level times milliseconds. */
  readonly units: bigint;
}

/** What usage was charged, and would have been. Mutable: rows are added page by page, in their order. */
export class Repriced {
  readonly #card: RateCard;
  /** Usage of holds that were settled in parts, with what of it was free. */
  readonly #before = new Map<string, { readonly usage: Usage; readonly free: FreeUnits }>();
  /** What newer allowances have left, by meter and bucket. */
  readonly #left: Map<string, { readonly terms: NewerAllowance; left: bigint }> | undefined;
  charged = 0n;
  repriced = 0n;
  /** Rows of usage for which the new card has no price. */
  unpriced = 0;

  /** `allowances`: those of a newer version of the plan; left out, what was free stays free. */
  constructor(card: RateCard, allowances?: readonly NewerAllowance[]) {
    this.#card = card;
    this.#left =
      allowances === undefined
        ? undefined
        : new Map(
            allowances.map((terms) => [
              `${terms.meter} ${terms.bucket}`,
              { terms, left: terms.units },
            ]),
          );
  }

  add(row: UsageRow): void {
    const charged = parseCredits(row.credits);
    this.charged += charged;
    const credits = this.#creditsOf(row);
    if (credits === undefined) this.unpriced += 1;
    this.repriced += credits ?? charged;
  }

  /** undefined: it has no price. */
  #creditsOf(row: UsageRow): bigint | undefined {
    const { id, meter, model = null, attributes = null, usage, outcome = null, from, to } = row;
    const asCharged = parseCredits(row.credits);
    if (meter === undefined || row.rate === undefined) return asCharged;
    const found = findPrice(this.#card, { meter, model, attributes });
    if (found.kind !== "price") return undefined;
    const { price } = found;
    const rule = chargeRule(outcomesOf(price), outcome, usage !== undefined);
    if (rule === "nothing") return 0n;
    if (rule === "estimate" || usage === undefined) return asCharged;
    const heldMs =
      from === undefined || to === undefined ? undefined : parseInstant(to) - parseInstant(from);
    const free = this.#freeOf(row, usage, heldMs);
    if (heldMs !== undefined) return rate(price, usage, heldMs, free);
    const before = this.#before.get(id);
    const all = before === undefined ? free : addUnits(before.free, free);
    const sum = before === undefined ? usage : addUsage(before.usage, usage);
    this.#before.set(id, { usage: sum, free: all });
    return ratePart(price, before?.usage ?? null, usage, { before: before?.free ?? {}, all });
  }

  #freeOf({ meter = "", allowance }: UsageRow, usage: Usage, heldMs?: number): FreeUnits {
    const isLevel = heldMs !== undefined;
    if (this.#left === undefined)
      return Object.fromEntries(
        Object.entries(allowance ?? {}).map(([bucket, text]) => [bucket, unitsOf(text, isLevel)]),
      );
    const free: Record<string, bigint> = {};
    for (const [bucket, units] of Object.entries(usage)) {
      const one = this.#left.get(`${meter} ${bucket}`);
      if (one === undefined || (one.terms.isLevel === true) !== isLevel) continue;
      const asked = BigInt(units) * BigInt(heldMs ?? 1);
      const part = asked < one.left ? asked : one.left;
      one.left -= part;
      free[bucket] = part;
    }
    return free;
  }
}

/** As a usage row tells them: of a level times hours. */
const unitsOf = (text: string, isLevel: boolean): bigint =>
  isLevel ? (parseCredits(text) * 18n) / 5n : parseCredits(text) / 1_000_000n;

function addUnits(a: FreeUnits, b: FreeUnits): FreeUnits {
  const sum = new Map(Object.entries(a));
  for (const [bucket, units] of Object.entries(b)) sum.set(bucket, (sum.get(bucket) ?? 0n) + units);
  return Object.fromEntries(sum);
}

/** Whether two plans include the same of the same. */
export const isSameAllowance = (
  { allowances: a = [] }: Plan,
  { allowances: b = [] }: Plan,
): boolean =>
  a.length === b.length && a.every((one) => b.some((other) => isDeepStrictEqual(one, other)));
