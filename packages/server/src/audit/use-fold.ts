/**
 * Owns the auditor's own account of windows.
 *
 * V7 a counter is the sum of the counts of its window (K14). V8 an approval counts what it approves; what one hold counts in windows
 * of its opening that are still open is what it charged, less refunds, and while it is open what it sets aside (RULES 4). A window that an
 * extension was the first to count in has a part of that alone: what is used above the hold counts where it was opened. V9 limits of
 * the plan count while it is the workspace's, and anew where their node, window or pace is another.
 */
import type { Count, Counter, Event, Limit, Subscription } from "@cistern/kernel";
import { expectEqual } from "./fault.ts";

interface HoldUse {
  readonly byCounter: Map<string, { readonly limit: string; end: number; counted: bigint }>;
  target: bigint;
  /** Also of one that is still open: a part of it was settled. */
  refunded: bigint;
}

const unknown = { target: 0n, refunded: 0n };

/** Use by limit, counter and start of window or bucket; and by hold. */
export class UseFold {
  readonly #use = new Map<string, Map<string, bigint>>();
  readonly #holds = new Map<string, HoldUse>();
  #plan: {
    readonly id: string;
    /** By their ids, what each is counted by. */
    readonly limits: ReadonlyMap<string, string>;
  } = { id: "", limits: new Map() };

  fold(event: Event): void {
    if ("subscription" in event) this.#foldPlan(event.subscription);
    switch (event.kind) {
      case "limit.removed":
        return this.#drop(event.limit.id);
      case "limits.updated":
        for (const { id } of event.removed) this.#drop(id);
        for (const { limit, restarts } of event.limits) if (restarts) this.#drop(limit.id);
        return undefined;
      case "limit.updated":
        return event.restarts ? this.#drop(event.limit.id) : undefined;
      case "hold.opened":
        this.#holds.set(event.hold, { byCounter: new Map(), target: 0n, refunded: 0n });
        return this.#approve(event.hold, event.counts, event.credits, event.at, true);
      case "hold.extended":
        return this.#approve(event.hold, event.counts, event.credits, event.at, false);
      case "hold.settled": {
        const aside = event.legs.reduce((sum: bigint, leg) => sum + leg.credits, event.overage);
        const { target: before, refunded } = this.#holds.get(event.hold) ?? unknown;
        return this.#count(
          event.hold,
          event.counts,
          event.chargedInTotal - refunded + aside - before,
          event.at,
        );
      }
      case "hold.released":
        return this.#count(event.hold, event.counts, -event.returned, event.at);
      case "hold.expired":
        for (const one of event.holds)
          this.#count(one.hold, one.counts, -one.returned, one.expiredAt);
        return undefined;
      case "usage.debited":
        this.#holds.set(event.debit, { byCounter: new Map(), target: 0n, refunded: 0n });
        return this.#approve(event.debit, event.counts, event.charged, event.at, true);
      case "usage.refunded":
        this.#refund(event.of, event.credits);
        return this.#count(event.of, event.counts, -event.credits, event.at);
      default:
        return undefined;
    }
  }

  /** V9: a limit of the plan is dropped when its plan, or the plan's terms of it, are no more. */
  #foldPlan({ id, status, plan }: Subscription): void {
    // What is told of one that ended before says nothing of the one that runs.
    if (this.#plan.id !== id && status === "ended") return;
    const limits = new Map(
      (status === "ended" ? [] : (plan.limits ?? [])).map((one) => [one.id, countedBy(one)]),
    );
    for (const [limit, by] of this.#plan.limits) if (limits.get(limit) !== by) this.#drop(limit);
    this.#plan = { id, limits };
  }

  /** Compares a counter of the kernel's with the sums (V7). */
  check(key: string, counter: Counter): void {
    const use = this.#use.get(counter.limit);
    const parts = counter.buckets.length > 0 ? counter.buckets : [counter];
    for (const { start, used } of parts)
      expectEqual(
        used,
        use?.get(`${key}@${start}`) ?? 0n,
        `K14 counter ${key} at ${start} is the sum of its counts`,
      );
  }

  #refund(id: string, credits: bigint): void {
    const hold = this.#holds.get(id);
    if (hold !== undefined) hold.refunded += credits;
  }

  #approve(
    id: string,
    counts: readonly Count[],
    amount: bigint,
    at: number,
    isOpening: boolean,
  ): void {
    for (const { counter, credits } of counts)
      expectEqual(credits, amount, `K14 what the approval of ${id} counts in ${counter}`);
    this.#count(id, counts, amount, at, isOpening);
  }

  #count(id: string, counts: readonly Count[], delta: bigint, at: number, isOpening = false): void {
    const hold = this.#holds.get(id);
    if (hold === undefined) return;
    hold.target += delta;
    for (const { counter, limit, start, end, credits } of counts) {
      const use = this.#use.get(limit) ?? new Map<string, bigint>();
      this.#use.set(limit, use);
      use.set(`${counter}@${start}`, (use.get(`${counter}@${start}`) ?? 0n) + credits);
      const known = hold.byCounter.get(counter);
      if (known === undefined && isOpening)
        hold.byCounter.set(counter, { limit, end, counted: credits });
      else if (known !== undefined) {
        known.counted += credits;
        known.end = Math.min(known.end, end);
      }
    }
    for (const [counter, { end, counted }] of hold.byCounter)
      if (at < end) expectEqual(counted, hold.target, `K14 what ${id} counts in ${counter}`);
      else hold.byCounter.delete(counter);
  }

  #drop(limit: string): void {
    this.#use.delete(limit);
    for (const { byCounter } of this.#holds.values())
      for (const [counter, one] of byCounter) if (one.limit === limit) byCounter.delete(counter);
  }
}

/** Node and window of a cap, node and pace of a rate. */
function countedBy({ scope, rule }: Limit): string {
  const node = JSON.stringify(scope);
  return rule.kind === "cap"
    ? `${node} ${JSON.stringify(rule.window)}`
    : `${node} ${rule.unit} ${rule.quantity} ${rule.perMs}`;
}
