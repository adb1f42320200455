/**
 * Owns which outcomes count toward which minimum (docs/decisions/0017).
 *
 * M3 an outcome counts in the period that runs when it is billed; where none runs, in the last one of the subscription whose terms it is
 * billed by. Taken back, it no longer counts there, whenever that is; what counted for nothing lessens nothing.
 * M5 of a price line, its periods count in the order of time, each what its outcomes add to the price of those before: so what counts
 * depends on the outcomes that stand, and not on the order in which they were billed and taken back. What counts toward no minimum
 * comes first.
 */
import { money } from "../amount.ts";
import { closedTermOf, trueUpOf } from "../billed/commitment.ts";
import type { TrueUp } from "../billed/committed-term.ts";
import { countedKey } from "../billed/slice.ts";
import type { Instant } from "../instant.ts";
import { isNewLine } from "../invoices/gather.ts";
import type { Accrual } from "../invoices/line.ts";
import { type UnitPrice, accrual } from "../pricing/unit-price.ts";
import type { State } from "../state/state.ts";
import { minimumOf } from "../subscriptions/committed.ts";
import type { Booked, CountedPeriod } from "./case.ts";
import type { CountedOutcomes, CountedToward, OutcomeMove } from "./change.ts";

/** What one event changes of a price line. Mutable. */
interface CountChange {
  /** null: no longer known, so what was paid is given back. */
  readonly price: UnitPrice | null;
  /** All of it, also what counts for nothing. */
  share: bigint;
  readonly periods: Map<string, CountedOutcomes>;
}

/** Gathers what one event changes. Mutable. */
export class Counting {
  readonly #state: State;
  readonly #counts = new Map<string, CountChange>();

  constructor(state: State) {
    this.#state = state;
  }

  /** Where it counts that something is billed by terms of a subscription now. */
  add(move: OutcomeMove, price: UnitPrice | null, subscription: string): CountedPeriod | null {
    const period = this.#periodNow(subscription);
    this.#note(move, price, period);
    return period;
  }

  takeBack(move: OutcomeMove, price: UnitPrice | null, was: Booked): void {
    this.#note(move, price, was.counted ?? null);
  }

  /** All that follows for minimums, beside lines that the event makes. */
  result(accruals: readonly Accrual[]): CountedToward {
    if (this.#counts.size === 0) return {};
    const counted = [...this.#counts].flatMap(([count, change]) => this.#changed(count, change));
    const trueUps = this.#trueUps(counted, accruals);
    return { countedOutcomes: counted, ...(trueUps.length === 0 ? {} : { trueUps }) };
  }

  #periodNow(billedBy: string): CountedPeriod | null {
    const { live, subscriptions } = this.#state.subscriptions;
    const isRunning = live.row?.status === "active" || live.row?.status === "trialing";
    const one = isRunning ? live.row : subscriptions.get(billedBy);
    if (one === undefined) return null;
    const { id: subscription, period, status } = one;
    const isOpen = status === "active" && minimumOf(one) !== null;
    return isOpen || closedTermOf(this.#state.billed, subscription, period.end) !== undefined
      ? { subscription, end: period.end }
      : null;
  }

  #note(
    { count, share, amount }: OutcomeMove,
    price: UnitPrice | null,
    period: CountedPeriod | null,
  ): void {
    const known = this.#counts.get(count);
    const all = known?.share ?? this.#state.outcomes.counts.get(count)?.share ?? 0n;
    const change = known ?? { price, share: 0n, periods: new Map<string, CountedOutcomes>() };
    change.share = all + share;
    this.#counts.set(count, change);
    if (period === null) return;
    const { subscription, end } = period;
    const row = { subscription, end, count };
    const key = countedKey(row);
    const isForgotten = share < 0n && this.#row(key, change) === undefined;
    if (isForgotten) return;
    const before = change.periods.get(key);
    change.periods.set(key, {
      ...row,
      amount: money((before?.amount ?? 0n) + amount),
      share: (before?.share ?? 0n) + share,
    });
  }

  #row(key: string, { periods }: CountChange): CountedOutcomes | undefined {
    return this.#state.billed.outcomes.get(key) ?? periods.get(key);
  }

  /** M5. */
  #changed(count: string, { price, share: all, periods }: CountChange): readonly CountedOutcomes[] {
    const changes = [...periods.values()];
    if (price === null) return changes;
    const before = [...this.#state.billed.outcomes.values()].filter((one) => one.count === count);
    const keys = new Map<string, CountedOutcomes>();
    for (const one of [...before, ...changes]) keys.set(countedKey(one), one);
    const rows = [...keys]
      .map(([key, { subscription, end }]) => {
        const was = this.#state.billed.outcomes.get(key);
        const added = periods.get(key)?.share ?? 0n;
        return { subscription, end, was, added, share: (was?.share ?? 0n) + added };
      })
      .toSorted((a, b) => a.end - b.end || (a.subscription < b.subscription ? -1 : 1));
    let reached = all - rows.reduce((sum, { share }) => sum + share, 0n);
    return rows.flatMap(({ subscription, end, was, added, share }) => {
      const now = accrual(price, { before: reached, after: reached + share });
      reached += share;
      const amount = money(now - (was?.amount ?? 0n));
      return amount === 0n && added === 0n
        ? []
        : { subscription, end, count, share: added, amount };
    });
  }

  #trueUps(counted: readonly CountedOutcomes[], accruals: readonly Accrual[]): readonly TrueUp[] {
    const { billed, invoices } = this.#state;
    let made = accruals.filter((one) => isNewLine(invoices, one)).length;
    const terms = new Map<string, Map<Instant, bigint>>();
    for (const { subscription, end, amount } of counted) {
      const id = closedTermOf(billed, subscription, end)?.id;
      if (id === undefined) continue;
      const changes = terms.get(id) ?? new Map<Instant, bigint>();
      changes.set(end, (changes.get(end) ?? 0n) + amount);
      terms.set(id, changes);
    }
    return [...terms].flatMap(([id, changes]) => {
      const before = billed.terms.get(id);
      if (before === undefined || [...changes.values()].every((amount) => amount === 0n)) return [];
      const trueUp = trueUpOf(this.#state, before, { changes, made });
      made += trueUp.accruals.filter((one) => isNewLine(invoices, one)).length;
      return trueUp;
    });
  }
}
