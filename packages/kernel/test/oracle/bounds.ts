/** What the oracle's limits say of an amount, and what it counts. */
import { sum, type Use } from "./ledger.ts";
import { type Applied, Limits, isCap, rate } from "./limits.ts";
import type { OracleHold } from "./pool.ts";
import { type Verdict, no } from "./verdict.ts";

export class Bounds {
  readonly limits: Limits;
  readonly #workspaceId: string;

  constructor(limits: Limits, workspaceId: string) {
    this.limits = limits;
    this.#workspaceId = workspaceId;
  }

  /** RULES 2: rates (requests, then credits), then caps; near to far; of one node the one that binds longest or most. */
  limited(
    use: Use,
    { at, amount, requests }: { at: number; amount: bigint; requests: bigint },
  ): Verdict | undefined {
    const nodes = this.nodes(use);
    for (const unit of ["requests", "credits"] as const) {
      const units = unit === "requests" ? requests : amount;
      for (const node of units === 0n ? [] : nodes) {
        const refused = node
          .filter(({ limit: { rule } }) => rule.kind === "rate" && rule.unit === unit)
          .map((one) => ({ one, ...this.rateAt(one, at, units) }))
          .filter((one) => !one.fits);
        const worst = worstOf(refused, (one) => one.retryAt ?? Infinity);
        if (worst === undefined) continue;
        const { retryAt, remaining } = worst;
        return no("rate_limited", {
          limit: worst.one.limit.id,
          node: worst.one.node,
          requested: units,
          remaining,
          retryAt,
        });
      }
    }
    return this.capped(use, at, amount, isCap);
  }

  /** The caps, or of what is taken past the pool the ceilings. */
  capped(
    use: Use,
    at: number,
    amount: bigint,
    counts: (one: Applied) => boolean,
  ): Verdict | undefined {
    for (const node of this.nodes(use)) {
      const refused = node.filter(counts).flatMap((one) => {
        const credits = this.limits.credits(one.limit, at) ?? 0n;
        const used = this.limits.used(one, at);
        const left = above(credits, used);
        const retryAt = this.limits.freesAt(one, at, amount);
        return amount > left ? [{ one, credits, used, left, retryAt }] : [];
      });
      const smallest = refused.filter((a) => refused.every((b) => a.left <= b.left));
      const worst = worstOf(smallest, (one) => one.retryAt ?? Infinity);
      if (worst === undefined) continue;
      return no("limit_reached", {
        limit: worst.one.limit.id,
        node: worst.one.node,
        requested: amount,
        available: worst.left,
        missing: amount - worst.left,
        cap: worst.credits,
        used: worst.used,
        retryAt: worst.retryAt,
      });
    }
    return undefined;
  }

  rateAt(
    one: Applied,
    at: number,
    units: bigint,
  ): { fits: boolean; remaining: bigint; retryAt: number | null } {
    const { burst, perMs, quantity } = rate(one.limit.rule);
    const level = this.limits.level(one, at);
    const full = burst * BigInt(perMs);
    const wanted = units * BigInt(perMs);
    const remaining = above(full, level) / BigInt(perMs);
    if (level + wanted <= full) return { fits: true, remaining, retryAt: null };
    if (wanted > full) return { fits: false, remaining, retryAt: null };
    const over = level + wanted - full;
    const wait = over / quantity + (over % quantity === 0n ? 0n : 1n);
    return { fits: false, remaining, retryAt: at + Number(wait) };
  }

  count(
    use: Use,
    at: number,
    amount: bigint,
    counts: (one: Applied) => boolean = isCap,
  ): OracleHold["parcels"][number] {
    const windows = this.nodes(use)
      .flat()
      .filter(counts)
      .flatMap((one) => {
        const window = this.limits.windowFor(one, at, amount);
        if (window === undefined) return [];
        const { start, end } = window;
        const { era } = one.limit;
        this.limits.begin(one.limit, end, at);
        return [{ era, node: one.node, start, end, credits: amount }];
      });
    this.limits.counted.push(...windows);
    return { credits: amount, windows };
  }

  /** RULES 4: a debit counts in the window of its time, if that is still open. */
  countWhereOpen(
    use: Use,
    { at, occurredAt, amount }: { at: number; occurredAt: number; amount: bigint },
    counts: (one: Applied) => boolean = isCap,
  ): OracleHold["parcels"][number] {
    const nodes = amount === 0n ? [] : this.nodes(use).flat().filter(counts);
    const windows = nodes.flatMap((one) => {
      const window = this.limits.window(one, occurredAt);
      if (window === undefined || at >= window.end) return [];
      const { start, end } = window;
      this.limits.begin(one.limit, end, at);
      return [{ era: one.limit.era, node: one.node, start, end, credits: amount }];
    });
    this.limits.counted.push(...windows);
    return { credits: amount, windows };
  }

  /** RULES 4: less from the newest authorization, more on the first, and only where the window is still open. */
  recount(hold: OracleHold, at: number): void {
    const setAside =
      hold.status === "open" ? sum(hold.legs.map((leg) => leg.credits)) + hold.overage : 0n;
    const target = hold.charged - hold.refunded + setAside;
    bring(hold.parcels, target, at);
    const past = hold.status === "open" ? hold.pastCharged + hold.overage : hold.pastCharged;
    bring(hold.pastParcels, past, at);
  }

  pass(use: Use, { at, amount, requests }: { at: number; amount: bigint; requests: bigint }): void {
    for (const { limit, node } of this.nodes(use).flat()) {
      if (limit.rule.kind !== "rate") continue;
      const units = limit.rule.unit === "requests" ? requests : amount;
      if (units > 0n) this.limits.passed.push({ era: limit.era, node, at, units });
    }
  }

  nodes(use: Use): Applied[][] {
    return this.limits.on({ members: use.path, groups: use.groups }, this.#workspaceId);
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const above = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** The one with the largest value, the first among equals. */
function worstOf<T>(all: readonly T[], valueOf: (one: T) => number): T | undefined {
  return all.reduce<T | undefined>(
    (worst, one) => (worst === undefined || valueOf(one) > valueOf(worst) ? one : worst),
    undefined,
  );
}

function bring(parcels: OracleHold["parcels"], target: bigint, at: number): void {
  let delta = target - sum(parcels.map((parcel) => parcel.credits));
  for (const parcel of delta > 0n ? parcels : parcels.toReversed()) {
    const change = delta > 0n ? delta : -least(-delta, parcel.credits);
    parcel.credits += change;
    for (const window of parcel.windows) if (at < window.end) window.credits += change;
    delta -= change;
  }
}
