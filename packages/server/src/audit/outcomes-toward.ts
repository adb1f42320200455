/**
 * Owns the auditor's own account of which outcomes count toward which minimum (docs/decisions/0017): those that stand, each in the period
 * that ran when it was billed, or the last one of the subscription that it is billed by. Of a price line, what counts for nothing comes
 * first, and then its periods in the order of time.
 */
import type { Event, Subscription, UnitPrice } from "@cistern/kernel";
import { priceOf, priceText } from "./outcome-price.ts";

type Recounted = Extract<Event, { readonly changes: unknown }>;

/** A period, and what outcomes in it come to more, or (below zero) less. */
export interface CountedChange {
  readonly subscription: string;
  readonly end: number;
  readonly amount: bigint;
}

/** A period in which an outcome counts. */
interface Place {
  readonly subscription: string;
  readonly end: number;
}

/** A price line. Mutable. */
interface Line {
  /** All of it, in basis points of units. */
  share: bigint;
  readonly periods: Map<string, Part>;
}

interface Part {
  readonly subscription: string;
  readonly end: number;
  share: bigint;
  amount: bigint;
}

/** See the file head. Mutable. */
export class OutcomesToward {
  readonly #prices = new Map<string, UnitPrice>();
  readonly #lines = new Map<string, Line>();
  /** By outcome. */
  readonly #places = new Map<string, Place | null>();
  readonly #known = new Map<string, Subscription>();
  #live: Subscription | undefined;
  readonly #isClosed: (subscription: string, end: number) => boolean;

  /** `isClosed`: whether the commitment of a period is closed, or its term was left in it. */
  constructor(isClosed: (subscription: string, end: number) => boolean) {
    this.#isClosed = isClosed;
  }

  enter(subscription: Subscription): void {
    const { id, status, plan, period } = subscription;
    this.#known.set(id, subscription);
    if (status !== "ended") this.#live = subscription;
    else if (this.#live?.id === id) this.#live = undefined;
    for (const { type, price } of plan.outcomes)
      this.#prices.set(`${id} ${period.start} ${priceText(price)} ${type}`, price);
  }

  /** What an event changes of periods. */
  count({ changes, countedOutcomes }: Recounted): readonly CountedChange[] {
    const touched = new Set<string>();
    // What was billed before outcomes said where they count, counts nowhere.
    for (const { outcome, moves } of changes)
      for (const { kind, count, share } of moves) {
        const line = this.#lines.get(count) ?? { share: 0n, periods: new Map<string, Part>() };
        this.#lines.set(count, line);
        line.share += share;
        touched.add(count);
        const place =
          kind === "reversed"
            ? (this.#places.get(outcome.id) ?? null)
            : countedOutcomes === undefined
              ? null
              : this.#placeNow(count);
        this.#places.set(outcome.id, kind === "reversed" ? null : place);
        if (place === null) continue;
        const { subscription, end } = place;
        const key = `${subscription} ${end}`;
        const part = line.periods.get(key) ?? { subscription, end, share: 0n, amount: 0n };
        line.periods.set(key, part);
        part.share += share;
      }
    return [...touched].flatMap((count) => this.#priced(count));
  }

  #placeNow(count: string): Place | null {
    const [billedBy = ""] = count.split(" ", 1);
    const one = this.#live?.status === "paused" ? undefined : this.#live;
    const { id, status, plan, committed, period } = one ?? this.#known.get(billedBy) ?? {};
    if (id === undefined || period === undefined) return null;
    const minimum = committed === undefined ? plan?.minimum : committed.minimum;
    const isOpen = status === "active" && minimum !== null;
    return isOpen || this.#isClosed(id, period.end) ? { subscription: id, end: period.end } : null;
  }

  #priced(count: string): readonly CountedChange[] {
    const line = this.#lines.get(count);
    const price = this.#prices.get(count);
    if (line === undefined || price === undefined) return [];
    const parts = [...line.periods.values()].toSorted(
      (a, b) => a.end - b.end || (a.subscription < b.subscription ? -1 : 1),
    );
    let reached = line.share - parts.reduce((sum, { share }) => sum + share, 0n);
    return parts.map((part) => {
      const before = priceOf(price, reached);
      reached += part.share;
      const amount = priceOf(price, reached) - before;
      const change = amount - part.amount;
      part.amount = amount;
      return { subscription: part.subscription, end: part.end, amount: change };
    });
  }
}
