/** Owns what calls cost the vendor, read plainly: the sum of each currency, and what the books have of it (FINANCE, E16). */
import type { Event, State } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

const nanosPerMinor = 1_000_000_000n;

/** What an accrued sum must be: the nearest minor unit, halves away from zero. */
function nearest(nanos: bigint): bigint {
  const size = nanos < 0n ? -nanos : nanos;
  const rounded = size / nanosPerMinor + ((size % nanosPerMinor) * 2n >= nanosPerMinor ? 1n : 0n);
  return nanos < 0n ? -rounded : rounded;
}

/** Mutable: what was folded so far. */
export class CostFold {
  readonly #nanos = new Map<string, bigint>();
  readonly #accrued = new Map<string, bigint>();

  fold(event: Event): void {
    if (event.kind !== "hold.settled" && event.kind !== "usage.debited") return;
    const { cost } = event;
    // Kept out of the books, not known, or written before they had it.
    if (cost?.accrued === undefined) return;
    const { currency } = cost;
    const nanos = (this.#nanos.get(currency) ?? 0n) + cost.nanos;
    const accrued = (this.#accrued.get(currency) ?? 0n) + cost.accrued;
    expectEqual(accrued, nearest(nanos), `RULES 17 the cost accrued in ${currency}`);
    this.#nanos.set(currency, nanos);
    this.#accrued.set(currency, accrued);
  }

  /** The kernel goes on from the same sums. */
  compare({ costs: { totals } }: State): void {
    for (const [currency, nanos] of this.#nanos)
      expectEqual(totals.get(currency)?.nanos ?? 0n, nanos, `K6 what calls cost in ${currency}`);
    for (const { currency } of totals.values())
      expect(this.#nanos.has(currency), "K6 costs are those of calls", () => currency);
  }
}
