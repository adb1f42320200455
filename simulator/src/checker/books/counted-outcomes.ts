/**
 * Owns which outcomes count toward a minimum, by events alone and apart from the kernel: those that stand, where they were billed, each
 * period of a price line for what it adds to those before it (docs/decisions/0017).
 *
 * Mutable: one a timeline.
 */
import { type OutcomeMove, type Subscription, type UnitPrice, priceKey } from "@cistern/kernel";
import { demand } from "./accounts.ts";
import { priceOf } from "./prices.ts";

interface Standing {
  readonly line: string;
  readonly share: bigint;
  /** Subscription and end of the period that it counts in; null: it counts for nothing. */
  readonly period: { readonly subscription: string; readonly end: number } | null;
}

type PeriodNow = (known: ReadonlyMap<string, Subscription>, billedBy: string) => Standing["period"];

/** See the file head. */
export class CountedOutcomes {
  readonly #known = new Map<string, Subscription>();
  readonly #standing = new Map<string, Standing>();
  /** By the names of price lines. */
  readonly #prices = new Map<string, UnitPrice>();
  /** What counts, by subscription and end; worked out anew where something changed. */
  #sums: Map<string, bigint> | undefined;

  enter(subscription: Subscription): void {
    const { id, plan, period } = subscription;
    this.#known.set(id, subscription);
    for (const { type, price } of plan.outcomes)
      this.#prices.set(`${id} ${period.start} ${priceKey(price)} ${type}`, price);
  }

  count(
    changes: readonly {
      readonly outcome: { readonly id: string };
      readonly moves: readonly OutcomeMove[];
    }[],
    periodNow: PeriodNow,
  ): void {
    for (const { outcome, moves } of changes)
      for (const { kind, count, share } of moves) {
        this.#sums = undefined;
        this.#standing.delete(outcome.id);
        if (kind === "reversed") continue;
        const [billedBy = ""] = count.split(" ", 1);
        const period = periodNow(this.#known, billedBy);
        this.#standing.set(outcome.id, { line: count, share, period });
      }
  }

  /** What outcomes come to that count in a period. */
  in(subscription: string, end: number): bigint {
    this.#sums ??= this.#worked();
    return this.#sums.get(`${subscription} ${end}`) ?? 0n;
  }

  #worked(): Map<string, bigint> {
    const sums = new Map<string, bigint>();
    const reached = new Map<string, bigint>();
    // What counts for nothing comes first.
    const inOrder = [...this.#standing.values()].toSorted(
      (a, b) => (a.period?.end ?? 0) - (b.period?.end ?? 0),
    );
    for (const { line, share, period } of inOrder) {
      const price = this.#prices.get(line);
      demand(price !== undefined, () => `${line} has a price`);
      const before = reached.get(line) ?? 0n;
      reached.set(line, before + share);
      if (period === null) continue;
      const key = `${period.subscription} ${period.end}`;
      const added = inParts(price, before + share) - inParts(price, before);
      sums.set(key, (sums.get(key) ?? 0n) + added);
    }
    return sums;
  }
}

/** A price by the unit, of basis points of units. */
function inParts(price: UnitPrice, share: bigint): bigint {
  const per = price.per * 10_000n;
  if (!("tiers" in price)) return priceOf({ ...price, per }, share);
  const tiers = price.tiers.map((tier) => ({
    ...tier,
    upTo: tier.upTo === null ? null : tier.upTo * 10_000n,
  }));
  return priceOf({ ...price, per, tiers }, share);
}
