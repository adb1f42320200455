/**
 * Owns the auditor's own account of windows.
 *
 * V7 a counter is the sum of the counts of its window (K14). V8 an approval counts what it approves; what one hold counts in windows
 * of its opening that are still open is what it charged, less refunds, and while it is open what it sets aside (RULES 4). A window that an
 * extension was the first to count in, and one that an extension does not count in, has a part of that alone: what is used above the hold counts where it was opened. V24 ceilings on overage count alike, of
 * a hold what it owes or is billed, less what a refund took off that, and while it is open what it may still take past the pool. V27 what
 * a purse gives counts where the purse was counted, and no more.
 */
import type { Count, Counter, Event, HoldOpened, HoldSettled, PurseMove } from "@cistern/kernel";
import { expectEqual } from "./fault.ts";

interface HoldUse {
  readonly byCounter: Map<string, { readonly limit: string; end: number; counted: bigint }>;
  target: bigint;
  /** Also of one that is still open: a part of it was settled. */
  refunded: bigint;
  /** Past the pool, less what refunds took off that. */
  charged: bigint;
}

/** Use by limit, counter and start of window or bucket; and by hold. */
export class UseFold {
  readonly #use = new Map<string, Map<string, bigint>>();
  readonly #credits = new Counting(this.#use);
  readonly #past = new Counting(this.#use);

  /** `dropped`: limits that count from nothing with this event, or are no more. */
  fold(event: Event, dropped: readonly string[]): void {
    for (const limit of dropped) this.#drop(limit);
    switch (event.kind) {
      case "hold.opened":
        if (event.fromPurse !== undefined) return this.#prepaid(event.hold, event.fromPurse, event);
        this.#credits.begin(event.hold, event.counts, event.credits, event.at);
        return this.#past.begin(event.hold, event.pastPool ?? [], event.overage, event.at);
      case "hold.extended":
        if (event.fromPurse !== undefined) {
          this.#credits.extend(event.hold, event.counts, 0n, event.at);
          return this.#take(event.hold, event.fromPurse, event.at);
        }
        this.#credits.extend(event.hold, event.counts, event.credits, event.at);
        return this.#past.extend(event.hold, event.pastPool ?? [], event.overage, event.at);
      case "hold.settled":
        return this.#settle(event);
      case "hold.released":
        this.#giveBack(event.hold, event.toPurse, event.at);
        this.#credits.count(
          event.hold,
          event.counts,
          sizeOf(event.toPurse) - event.returned,
          event.at,
        );
        return this.#past.end(event.hold, event.pastPool ?? [], event.at);
      case "hold.expired":
        for (const { hold, counts, pastPool = [], returned, expiredAt, toPurse } of event.holds) {
          this.#giveBack(hold, toPurse, expiredAt);
          this.#credits.count(hold, counts, sizeOf(toPurse) - returned, expiredAt);
          this.#past.end(hold, pastPool, expiredAt);
        }
        return undefined;
      case "usage.debited":
        this.#credits.begin(event.debit, event.counts, event.charged, event.at);
        this.#past.begin(event.debit, event.pastPool ?? [], takenPast(event), event.at);
        return this.#past.charge(event.debit, takenPast(event));
      case "usage.refunded": {
        this.#credits.refund(event.of, event.credits);
        this.#credits.count(event.of, event.counts, -event.credits, event.at);
        const back = (event.billed?.credits ?? 0n) - event.debt;
        this.#past.charge(event.of, back);
        return this.#past.count(event.of, event.pastPool ?? [], back, event.at);
      }
      default:
        return undefined;
    }
  }

  #settle(event: HoldSettled): void {
    const { hold, at, overage } = event;
    const aside = event.legs.reduce((sum: bigint, leg) => sum + leg.credits, overage);
    this.#take(hold, event.fromPurse, at);
    this.#giveBack(hold, event.toPurse, at);
    const target = event.chargedInTotal - this.#credits.refundedOf(hold) + aside;
    this.#credits.bring(hold, event.counts, target, at);
    this.#past.charge(hold, takenPast(event));
    this.#past.bring(hold, event.pastPool ?? [], this.#past.chargedOf(hold) + overage, at);
  }

  /** A call that no cap counts: its purse was counted. */
  #prepaid(id: string, move: PurseMove, { counts, pastPool = [], at }: HoldOpened): void {
    this.#credits.begin(id, counts, 0n, at);
    this.#past.begin(id, pastPool, 0n, at);
    this.#credits.pass(move.purse.id, id, sizeOf(move), at, true);
    this.#past.pass(move.purse.id, id, move.overage, at, true);
  }

  #take(id: string, move: PurseMove | undefined, at: number): void {
    if (move === undefined) return;
    this.#credits.pass(move.purse.id, id, sizeOf(move), at);
    this.#past.pass(move.purse.id, id, move.overage, at);
  }

  #giveBack(id: string, move: PurseMove | undefined, at: number): void {
    if (move === undefined) return;
    this.#credits.pass(id, move.purse.id, sizeOf(move), at);
    this.#past.pass(id, move.purse.id, move.overage, at);
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

  #drop(limit: string): void {
    this.#use.delete(limit);
    this.#credits.drop(limit);
    this.#past.drop(limit);
  }
}

/** Owed or billed by an event. */
const takenPast = ({ debt, billed }: Pick<HoldSettled, "debt" | "billed">): bigint =>
  debt + (billed?.credits ?? 0n);

/** What holds count of one quantity: credits, or credits past the pool. */
class Counting {
  readonly #use: Map<string, Map<string, bigint>>;
  readonly #holds = new Map<string, HoldUse>();

  constructor(use: Map<string, Map<string, bigint>>) {
    this.#use = use;
  }

  /** An opening, or a debit. */
  begin(id: string, counts: readonly Count[], amount: bigint, at: number): void {
    this.#holds.set(id, { byCounter: new Map(), target: 0n, refunded: 0n, charged: 0n });
    this.#approve(id, counts, amount, at, true);
  }

  extend(id: string, counts: readonly Count[], amount: bigint, at: number): void {
    this.#approve(id, counts, amount, at, false);
  }

  /** What was prepaid counts with another now, in the windows in which it was counted. */
  pass(from: string, to: string, amount: bigint, at: number, isOpening = false): void {
    const giver = this.#holds.get(from);
    const taker = this.#holds.get(to);
    if (giver === undefined || taker === undefined) return;
    giver.target -= amount;
    taker.target += amount;
    for (const [counter, one] of giver.byCounter) {
      if (at >= one.end) continue;
      one.counted -= amount;
      const known = taker.byCounter.get(counter);
      if (known !== undefined) known.counted += amount;
      else if (isOpening) taker.byCounter.set(counter, { ...one, counted: amount });
    }
    // What the giver counts there no more says nothing of the taker.
    for (const counter of taker.byCounter.keys())
      if (!giver.byCounter.has(counter)) taker.byCounter.delete(counter);
    this.count(from, [], 0n, at);
    this.count(to, [], 0n, at);
  }

  /** What it counts becomes `target`. */
  bring(id: string, counts: readonly Count[], target: bigint, at: number): void {
    this.count(id, counts, target - (this.#holds.get(id)?.target ?? 0n), at);
  }

  /** Nothing is set aside any more. */
  end(id: string, counts: readonly Count[], at: number): void {
    this.bring(id, counts, this.chargedOf(id), at);
  }

  refund(id: string, credits: bigint): void {
    const hold = this.#holds.get(id);
    if (hold !== undefined) hold.refunded += credits;
  }

  refundedOf = (id: string): bigint => this.#holds.get(id)?.refunded ?? 0n;

  charge(id: string, credits: bigint): void {
    const hold = this.#holds.get(id);
    if (hold !== undefined) hold.charged += credits;
  }

  chargedOf = (id: string): bigint => this.#holds.get(id)?.charged ?? 0n;

  #approve(
    id: string,
    counts: readonly Count[],
    amount: bigint,
    at: number,
    isOpening: boolean,
  ): void {
    for (const { counter, credits } of counts)
      expectEqual(credits, amount, `K14 what the approval of ${id} counts in ${counter}`);
    if (!isOpening && amount > 0n) this.#keepCounting(id, counts);
    this.count(id, counts, amount, at, isOpening);
  }

  /** A default that the member's own limit has replaced counts the opening alone from then on; which caps an extension meets, `cap-fold.ts` knows. */
  #keepCounting(id: string, counts: readonly Count[]): void {
    const byCounter = this.#holds.get(id)?.byCounter ?? new Map<string, unknown>();
    for (const counter of byCounter.keys())
      if (!counts.some((one) => one.counter === counter)) byCounter.delete(counter);
  }

  count(id: string, counts: readonly Count[], delta: bigint, at: number, isOpening = false): void {
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

  drop(limit: string): void {
    for (const { byCounter } of this.#holds.values())
      for (const [counter, one] of byCounter) if (one.limit === limit) byCounter.delete(counter);
  }
}

const sizeOf = (move: PurseMove | undefined): bigint =>
  move === undefined ? 0n : move.legs.reduce((sum: bigint, leg) => sum + leg.credits, move.overage);
