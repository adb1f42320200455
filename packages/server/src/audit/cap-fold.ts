/**
 * Owns the audit of caps (K3): what was approved fits below every cap and every ceiling of its path, with what was raised.
 *
 * V25 an approval counts at every cap of its path and at no other (RULES 3), in the window that is open then. V26 it fits below the cap
 * of its instant: the limit's value, or what a raise for good made of it, and raises for this window; what raises for once lend comes
 * on top (docs/decisions/0039). A cap in percent is of the pool before the event. Where windows of a calendar begin is not looked at.
 */
import type { Count, Event, HoldExtended, HoldOpened, LimitRule, Raise } from "@cistern/kernel";
import { expect } from "./fault.ts";
import type { MetLimit } from "./limit-fold.ts";

type Rule = Exclude<LimitRule, { readonly kind: "rate" }>;
type Path = HoldOpened["path"];
type Calls = Extract<Event, { readonly kind: "hold.opened" | "hold.extended" | "usage.debited" }>;

/** A cap or a ceiling of a path that has a number. */
interface Cap {
  readonly limit: string;
  readonly node: string;
  readonly rule: Rule;
}

/** What counts at one node. */
interface Use {
  readonly counter: string;
  /** Windows, or buckets, that were not over when it was last counted. */
  windows: { readonly start: number; readonly end: number; used: bigint }[];
}

/** What is known of one limit since it counts. */
interface Kept {
  readonly uses: Map<string, Use>;
  readonly raises: Raise[];
  /** Of a cap in percent: what of the pool was consumed before its window was first counted in. */
  basis?: { readonly end: number; readonly consumed: bigint };
}

/** What stands before the event that is folded. */
interface Before {
  readonly limitsOn: (path: Path) => readonly MetLimit[];
  /** Of unrestricted lots: what is available or held, and what was consumed. */
  readonly pool: () => { readonly inPool: bigint; readonly consumed: bigint };
}

/** Use below caps, as the events said. Mutable. */
export class CapFold {
  readonly #before: Before;
  readonly #kept = new Map<string, Kept>();

  constructor(before: Before) {
    this.#before = before;
  }

  /** `dropped`: limits that count from nothing with this event, or are no more. */
  fold(event: Event, dropped: readonly string[]): void {
    for (const limit of dropped) this.#kept.delete(limit);
    if (isCall(event)) this.#meet(event);
    for (const count of countsOf(event)) this.#count(count);
    if (event.kind === "credit_request.approved" && event.raise !== undefined)
      this.#of(event.raise.limit).raises.push(event.raise);
  }

  #meet(event: Calls): void {
    const caps = this.#before.limitsOn(event.path).flatMap(asCap);
    for (const { limit, rule } of caps) {
      const first = event.counts.find((count) => count.limit === limit);
      if (first !== undefined && "percentBps" in rule)
        this.#begin(this.#of(limit), first, event.at);
    }
    if (event.kind === "usage.debited") return;
    const { counts, credits, pastPool = [], overage, fromPurse } = event;
    if (fromPurse !== undefined)
      return expect(
        counts.length === 0 && pastPool.length === 0,
        "V25 what was prepaid counted then, and counts at no cap again",
        () => event.hold,
      );
    this.#approve(event, ofKind(caps, "cap"), counts, credits);
    this.#approve(event, ofKind(caps, "overage"), pastPool, overage);
  }

  /** Where nothing of the window was counted before. */
  #begin(kept: Kept, { end }: Count, at: number): void {
    if (kept.basis === undefined || at >= kept.basis.end)
      kept.basis = { end, consumed: this.#before.pool().consumed };
  }

  #approve(
    call: HoldOpened | HoldExtended,
    caps: readonly Cap[],
    counts: readonly Count[],
    amount: bigint,
  ): void {
    let met = 0;
    for (const cap of caps) {
      const count = counts.find((one) => one.limit === cap.limit && nodeOf(one) === cap.node);
      const open = this.#openAt(cap, call.at);
      if (count === undefined) {
        // Nothing opens no window by first use (RULES 4).
        expect(
          amount === 0n && cap.rule.window.kind === "onFirstUse" && open.length === 0,
          "V25 an approval counts at every cap of its path",
          () => `${call.hold} at ${cap.limit} of ${cap.node}`,
        );
        continue;
      }
      met += 1;
      this.#checkWindow(call, cap, count);
      const used = open.reduce((sum, one) => sum + one.used, 0n);
      const most = this.#most(cap, count, call.at);
      const left = used < most ? most - used : 0n;
      const lent = (count.lent ?? []).reduce((sum, one) => sum + one.credits, 0n);
      expect(
        amount - lent <= left,
        "V26 an approval stays below the caps of its path",
        () => `${call.hold} takes ${amount} at ${count.counter}: ${left} of ${most}, ${lent} lent`,
      );
    }
    expect(
      met === counts.length,
      "V25 an approval counts at caps of its path alone",
      () => `${call.hold} at ${counts.map(({ counter }) => counter).join()}`,
    );
  }

  #checkWindow({ hold, at }: HoldOpened | HoldExtended, cap: Cap, count: Count): void {
    const { window } = cap.rule;
    const { counter = count.counter } = this.#of(cap.limit).uses.get(cap.node) ?? {};
    const isAlone =
      window.kind === "rolling" ||
      this.#openAt(cap, at).every(({ start }) => start === count.start);
    expect(
      count.counter === counter && count.start <= at && at < count.end && isAlone,
      "V25 an approval counts in the window that is open",
      () => `${hold} at ${count.counter} from ${count.start} to ${count.end}`,
    );
    expect(
      isWhole(window, count, at),
      "V25 a window lasts as long as its limit says",
      () => `${count.counter} from ${count.start} to ${count.end}`,
    );
  }

  /** The cap of an instant, without what raises for once lend. */
  #most({ limit, rule }: Cap, { counter, start }: Count, at: number): bigint {
    const kept = this.#of(limit);
    const raises = kept.raises.filter((one) => one.counter === counter);
    let most = "percentBps" in rule ? this.#share(rule, kept, at) : (rule.credits ?? 0n);
    for (const raise of raises) if (raise.kind === "standing") most = raise.credits;
    for (const raise of raises)
      if (raise.kind === "period" && at < raise.until)
        // A calendar's window that begins after the approval is another one.
        if (rule.window.kind !== "calendar" || start <= raise.at) most += raise.credits;
    return most;
  }

  /** What is in the pool, and what was used of it since the window was first counted in, is what a percent is of. */
  #share({ percentBps }: { readonly percentBps: number }, { basis }: Kept, at: number): bigint {
    const { inPool, consumed } = this.#before.pool();
    const base = inPool + (basis === undefined || at >= basis.end ? 0n : consumed - basis.consumed);
    return base > 0n ? (base * BigInt(percentBps)) / 10_000n : 0n;
  }

  #openAt({ limit, node }: Cap, at: number): Use["windows"] {
    return (this.#of(limit).uses.get(node)?.windows ?? []).filter(({ end }) => end > at);
  }

  #count(count: Count): void {
    const { counter, start, end, credits } = count;
    const { uses } = this.#of(count.limit);
    const use: Use = uses.get(nodeOf(count)) ?? { counter, windows: [] };
    uses.set(nodeOf(count), use);
    const same = use.windows.find((one) => one.start === start);
    if (same !== undefined) {
      same.used += credits;
      return;
    }
    use.windows = [...use.windows.filter((one) => one.end > start), { start, end, used: credits }];
  }

  #of(limit: string): Kept {
    const kept = this.#kept.get(limit) ?? { uses: new Map<string, Use>(), raises: [] };
    this.#kept.set(limit, kept);
    return kept;
  }
}

const isCall = (event: Event): event is Calls =>
  event.kind === "hold.opened" || event.kind === "hold.extended" || event.kind === "usage.debited";

function asCap({ limit: { id, rule }, node }: MetLimit): readonly Cap[] {
  if (rule.kind === "rate" || ("credits" in rule && rule.credits === null)) return [];
  return [{ limit: id, node, rule }];
}

const ofKind = (caps: readonly Cap[], kind: Rule["kind"]): readonly Cap[] =>
  caps.filter(({ rule }) => rule.kind === kind);

/** Rolling windows have 60 buckets. */
function isWhole(window: Rule["window"], { start, end }: Count, at: number): boolean {
  switch (window.kind) {
    case "calendar":
      return true;
    case "rolling": {
      const width = Math.ceil(window.durationMs / 60);
      return at < start + width && end === start + 60 * width;
    }
    case "onFirstUse":
      return end === start + window.durationMs;
  }
}

/** All that an event counts in windows. */
function countsOf(event: Event): readonly Count[] {
  const parts = event.kind === "hold.expired" ? event.holds : "counts" in event ? [event] : [];
  return parts.flatMap(({ counts, pastPool = [] }) => [...counts, ...pastPool]);
}

/** Who counts apart; empty where all count together. */
function nodeOf({ counter }: Count): string {
  const bar = counter.indexOf("|");
  return bar < 0 ? "" : counter.slice(bar + 1);
}
