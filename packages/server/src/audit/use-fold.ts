/** Owns the auditor's own account of windows: use is the sum of the counts of its window (K14). */
import type { Count, Counter, Event } from "@cistern/kernel";
import { expectEqual } from "./fault.ts";

/** Use by limit, counter and start of window or bucket. */
export class UseFold {
  readonly #use = new Map<string, Map<string, bigint>>();

  fold(event: Event): void {
    if (event.kind === "limit.removed" || (event.kind === "limit.updated" && event.restarts))
      this.#use.delete(event.limit.id);
    if ("counts" in event) for (const one of event.counts) this.#add(one);
    if (event.kind === "hold.expired")
      for (const { counts } of event.holds) for (const one of counts) this.#add(one);
  }

  /** Compares a counter of the kernel's with the sums. */
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

  #add({ counter, limit, start, credits }: Count): void {
    const use = this.#use.get(limit) ?? new Map<string, bigint>();
    this.#use.set(limit, use);
    const place = `${counter}@${start}`;
    use.set(place, (use.get(place) ?? 0n) + credits);
  }
}
