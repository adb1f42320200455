/**
 * Owns what the checker knows of how a pool is shared, and judges by it who may have what (FAIRNESS 1.4, 1.6, 1.8; RULES 2). What stands where
 * is the auditor's reading, which shares nothing with the kernel; it is given the checker's own lots. Mutable.
 *
 * A call is approved only as the rules give it, and refused only as they refuse it: who asks for no more than is open is never refused, and
 * `retryAt` is the start of the first tick at which the same would pass if nobody else spent.
 */
import { FairFold, FaultFound } from "cistern/audit";
import type { Event, HoldOpened, Rejection } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";
import type { UsageOf } from "./records.ts";

type Stands = ReturnType<FairFold["standsFrom"]>;
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
  mostFor(
    { hold, path, at }: Pick<HoldOpened, "hold" | "path" | "at">,
    wanted: bigint,
  ): bigint | undefined {
    const { value: stand } = this.#fold.standsFrom(path.member, at, hold).next();
    if (stand === undefined) return undefined;
    const most = stand.tree.most(stand.leaf);
    return most < wanted ? most : wanted;
  }

  /** A refusal at an instant, by the state as it was then. */
  judge(refused: Refused, usage: UsageOf, at: number): void {
    const { requested, code } = refused;
    const open = this.#openTo(usage);
    const stands = this.#fold.standsFrom(usage.member, at);
    const { value: stand } = stands.next();
    if (refused.code === "credits_held" || refused.code === "pool_exhausted") {
      demand(requested > open.all, () => `${code}: the pool has ${open.all}`);
      return judgeLargest(refused.maxNow, open, stand?.tree.most(stand.leaf));
    }
    demand(requested <= open.all, () => `${code}: the pool has ${open.all}`);
    demand(stand !== undefined, () => `${code} where the pool is not shared`);
    const { tree, leaf } = stand;
    const maxNow = open.apart + tree.most(leaf);
    demand(maxNow < requested, () => `${code}: ${maxNow} are open to ${usage.member}`);
    demand(refused.maxNow === maxNow, () => `maxNow is ${maxNow}, not ${refused.maxNow}`);
    const least = requested - open.apart;
    const natural = this.#books.sharedPart(usage, requested);
    const { kind } = tree.ask(leaf, natural);
    const numbers = { share: leaf.share, used: leaf.used, poolLeft: tree.available };
    const retryAt = passesAt(stands, least);
    const expected = retryAt === null ? "never_this_period" : kind;
    demand(code === expected, () => `${code} is said where it is ${expected}`);
    demand(refused.retryAt === retryAt, () => `retryAt is ${retryAt}, not ${refused.retryAt}`);
    for (const name of ["share", "used", "poolLeft"] as const)
      demand(refused[name] === numbers[name], () => `${name} is ${numbers[name]}`);
  }

  #openTo(usage: UsageOf): { readonly all: bigint; readonly apart: bigint } {
    let [all, apart] = [0n, 0n];
    for (const { parts, appliesTo } of this.#books.openTo(usage)) {
      all += parts.available;
      if (appliesTo !== null) apart += parts.available;
    }
    return { all, apart };
  }
}

/** What a refusal of the pool itself says would pass: what shares let the member have, or all with what the overage allows. */
function judgeLargest(
  maxNow: bigint | undefined,
  { all, apart }: { readonly all: bigint; readonly apart: bigint },
  most: bigint | undefined,
): void {
  const isRight =
    most === undefined || maxNow === undefined
      ? most === maxNow
      : most < all - apart
        ? maxNow === apart + most
        : maxNow >= all;
  demand(isRight, () => `maxNow is ${maxNow}: ${all} are there, ${apart} apart, ${most} open`);
}

/** The start of the first tick at which so much would pass: tick by tick. */
function passesAt(stands: Stands, amount: bigint): number | null {
  for (const { tree, leaf, period } of stands) {
    if (tree.ask(leaf, amount).kind !== "given") continue;
    const { start, end, ticks } = period;
    return start + Math.ceil((tree.tick * (end - start)) / ticks);
  }
  return null;
}
