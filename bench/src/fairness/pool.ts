import type { Request } from "./workload.ts";

/** A pool for one period, as a workload sees it. */
export interface SharedPool {
  /** Asks for credits and, where it may, uses all of them at once. Answers whether it might. */
  spend(request: Request): boolean;
}

/** A way of sharing a pool. */
export interface Policy {
  /** As in `fairness.json`. */
  readonly name: string;
  /** A pool of so many micro-credits that so many members of equal weight share. */
  open(setup: { members: number; budget: bigint }): SharedPool;
}

/** What became of a workload. */
export interface Played {
  /** By member, in micro-credits. */
  readonly asked: readonly bigint[];
  readonly used: readonly bigint[];
  /** The first refusal of each member; undefined where there was none. */
  readonly firstRefusedAtMs: readonly (number | undefined)[];
}

/** Plays all requests in their order; a refused one is not asked again. */
export function play(
  pool: SharedPool,
  { members, requests }: { members: number; requests: readonly Request[] },
): Played {
  const asked = Array.from({ length: members }, () => 0n);
  const used = Array.from({ length: members }, () => 0n);
  const firstRefusedAtMs = Array.from({ length: members }, (): number | undefined => undefined);
  for (const request of requests) {
    const { member, credits, atMs } = request;
    asked[member] = (asked[member] ?? 0n) + credits;
    if (pool.spend(request)) used[member] = (used[member] ?? 0n) + credits;
    else firstRefusedAtMs[member] ??= atMs;
  }
  return { asked, used, firstRefusedAtMs };
}
