/**
 * Owns what the checker knows of how a pool is shared, and judges by it who may have what (FAIRNESS 1.4, 1.6, 1.8; RULES 2). What stands where
 * is the auditor's reading, which shares nothing with the kernel; it is given the checker's own lots. Mutable.
 *
 * A call is approved only as the rules give it, and refused only as they refuse it: who asks for no more than is open is never refused, and
 * `retryAt` is the start of the first tick at which the same would pass if nobody else spent.
 */
import { FairFold, FaultFound } from "cistern/audit";
import type { Event, Rejection } from "@cistern/kernel";
import { type Books, type UsageOf, demand } from "./accounts.ts";

type Stand = NonNullable<ReturnType<FairFold["standAt"]>>;
type Refused = Extract<
  Rejection,
  {
    code:
      | "never_this_period"
      | "reserved_for_others"
      | "borrow_limit"
      | "credits_held"
      | "pool_exhausted";
  }
>;

/** See the file head. */
export class Shares {
  readonly #books: Books;
  readonly #fold: FairFold;

  constructor(books: Books) {
    this.#books = books;
    this.#fold = new FairFold({
      part: (id, part) => books.lot(id).parts[part],
      phase: (id) => books.lot(id).phase,
    });
  }

  take(event: Event): void {
    try {
      this.#fold.fold(event);
    } catch (error) {
      if (!(error instanceof FaultFound)) throw error;
      demand(false, () => error.message);
    }
  }

  /** What lots that are shared may give of a call for which burn order would take so much of them; undefined where the pool is not shared. */
  mostFor(member: string, at: number, wanted: bigint): bigint | undefined {
    const stand = this.#fold.standAt(member, at);
    if (stand === undefined) return undefined;
    const most = stand.tree.most(stand.leaf);
    return most < wanted ? most : wanted;
  }

  /** A refusal at an instant, by the state as it was then. */
  judge(refused: Refused, usage: UsageOf, at: number): void {
    const { requested, code } = refused;
    const open = this.#openTo(usage);
    const isOfShares = "maxNow" in refused;
    demand(!isOfShares || requested <= open.all, () => `${code}: the pool has ${open.all}`);
    demand(isOfShares || requested > open.all, () => `${code}: the pool has ${open.all}`);
    if (!isOfShares) return;
    const stand = this.#fold.standAt(usage.member, at);
    demand(stand !== undefined, () => `${code} where the pool is not shared`);
    const { tree, leaf } = stand;
    const maxNow = open.apart + tree.most(leaf);
    demand(maxNow < requested, () => `${code}: ${maxNow} are open to ${usage.member}`);
    demand(refused.maxNow === maxNow, () => `maxNow is ${maxNow}, not ${refused.maxNow}`);
    const least = requested - open.apart;
    const natural = this.#books.sharedPart(usage, requested);
    const { code: expected, retryAt } = this.#verdict(stand, { natural, least });
    demand(code === expected, () => `${code} is said where it is ${expected}`);
    demand(refused.retryAt === retryAt, () => `retryAt is ${retryAt}, not ${refused.retryAt}`);
    demand(refused.poolLeft === tree.available, () => `the pool has ${tree.available} left`);
    demand(refused.share === leaf.share, () => `the share is ${leaf.share}`);
    demand(refused.used === leaf.used, () => `${leaf.used} are used`);
  }

  #openTo(usage: UsageOf): { readonly all: bigint; readonly apart: bigint } {
    let [all, apart] = [0n, 0n];
    for (const { parts, appliesTo } of this.#books.openTo(usage)) {
      all += parts.available;
      if (appliesTo !== null) apart += parts.available;
    }
    return { all, apart };
  }

  /** Why, and from when on it would pass: tick by tick. */
  #verdict(
    { tree, leaf, period: { start, end, ticks } }: Stand,
    { natural, least }: { readonly natural: bigint; readonly least: bigint },
  ): { readonly code: string; readonly retryAt: number | null } {
    const { kind } = tree.ask(leaf, natural);
    while (tree.tick < ticks - 1) {
      tree.passTo(tree.tick + 1);
      if (tree.ask(leaf, least).kind !== "given") continue;
      return { code: kind, retryAt: start + Math.ceil((tree.tick * (end - start)) / ticks) };
    }
    return { code: "never_this_period", retryAt: null };
  }
}
