/**
 * Owns what another catalog would mean for a subscription that runs; a push changes none of them.
 *
 * I1 a plan reaches a subscription when it is pinned anew, and not before; a rate card that is not pinned moves on by date (RULES 19).
 * I2 usage is repriced as it would have been charged: outcomes, and parts of a hold by the difference that they make. What has no price
 * under the new card is counted, and stays as it was charged.
 */
import type { UsageRow } from "@cistern/contract";
import { parseCredits, parseInstant } from "@cistern/contract";
import {
  type BilledTotal,
  type Plan,
  type RateCard,
  type Subscription,
  type Usage,
  addUsage,
  chargeRule,
  findPrice,
  listed,
  lineOf,
  outcomesOf,
  periodPrice,
  priceAt,
  rate,
  ratePart,
  withNegotiated,
} from "@cistern/kernel";
import type { Catalog } from "./catalog.ts";
import { rateCardIn } from "./rate-cards.ts";

/** The version of its plan that a catalog has, where that is another one; what was negotiated would stay with it. */
export function newerPlan({ plan }: Subscription, { plans }: Catalog): Plan | undefined {
  const found = plans.get(plan.name);
  if (found === undefined || found.version === listed(plan).version) return undefined;
  return plan.negotiated === undefined ? found : withNegotiated(found, plan.negotiated);
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

/**
 * Minor units of a bill by a version of the plan: the fees of the next period, and the usage that this one has billed so far at that
 * version's prices. Usage that the version does not bill costs nothing.
 */
export function nextBill(plan: Plan, seats: number, totals: readonly BilledTotal[]): bigint {
  const paid = plan.seats === null ? 0 : Math.max(seats, plan.seats.minimum);
  const lines = plan.overage.kind === "bill" ? plan.overage.lines : [];
  const byLine = Map.groupBy(totals, ({ line }) => lineOf(lines, line.meter));
  let sum = periodPrice(plan, paid);
  for (const [line, same] of byLine)
    if (line !== undefined)
      sum += priceAt(
        line.price,
        same.reduce((all, { quantity }) => all + quantity, 0n),
      );
  return sum;
}

/** What usage was charged, and would have been. Mutable: rows are added page by page, in their order. */
export class Repriced {
  readonly #card: RateCard;
  /** Usage of holds that were settled in parts. */
  readonly #before = new Map<string, Usage>();
  charged = 0n;
  repriced = 0n;
  /** Rows of usage for which the new card has no price. */
  unpriced = 0;

  constructor(card: RateCard) {
    this.#card = card;
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
    if (from !== undefined && to !== undefined)
      return rate(price, usage, parseInstant(to) - parseInstant(from));
    const before = this.#before.get(id) ?? null;
    this.#before.set(id, before === null ? usage : addUsage(before, usage));
    return ratePart(price, before, usage);
  }
}
