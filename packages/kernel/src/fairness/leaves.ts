/**
 * Owns what the leaves below one node reserve together, at any tick. Leaves that stand alike are one kind: whoever has not spent stands
 * as all others of its weight do, so a large team is a few kinds. A kind is summed in numbers where these are exact, else in bigints.
 */
import { type ShareNode, leafReserve } from "./node.ts";

interface Kind {
  readonly like: ShareNode;
  readonly key: string;
  count: number;
  /** Its place in the list. */
  place: number;
  /** As exact numbers; undefined where they are none. */
  readonly exact: Exact | undefined;
}

/** line = quotient x ticks + remainder. */
interface Exact {
  readonly reserved: number;
  readonly quotient: number;
  readonly remainder: number;
  /** What a guarantee keeps of it. */
  readonly kept: number;
}

/** Sums and products below this are exact. */
const exactMax: number = 2 ** 52;

/** Leaves of one parent. */
export class Leaves {
  readonly #ticks: bigint;
  readonly #byKey = new Map<string, Kind>();
  readonly #kinds: Kind[] = [];
  /** The one that was counted last: of many at once, most are like the one before. */
  #last: Kind | undefined;
  #size = 0;
  /** How many have a guarantee. */
  #promising = 0;

  constructor(ticks: bigint) {
    this.#ticks = ticks;
  }

  /** One more that stands so, or one less. */
  count(node: ShareNode, sign: 1 | -1): void {
    this.#size += sign;
    if (node.guarantee > 0n) this.#promising += sign;
    const last = this.#last;
    const kind =
      last !== undefined && isAlike(last.like, node) ? last : this.#byKey.get(keyOf(node));
    if (kind === undefined) this.#add(node, keyOf(node));
    else {
      this.#last = kind;
      kind.count += sign;
      if (kind.count === 0) this.#drop(kind);
    }
  }

  /** How many leaves there are. */
  get size(): number {
    return this.#size;
  }

  /** What all have, so many ticks before the end. */
  sum(left: bigint): bigint {
    const ticks = Number(this.#ticks);
    const ticksLeft = Number(left);
    let small = 0;
    let large = 0n;
    for (const { exact, count, like } of this.#kinds) {
      const all = exact === undefined ? exactMax : valueOf(exact, ticksLeft, ticks) * count;
      if (all < exactMax) {
        small += all;
        if (small < exactMax) continue;
        large += BigInt(small);
        small = 0;
      } else large += leafReserve(like, left, this.#ticks) * BigInt(count);
    }
    return large + BigInt(small);
  }

  /** What of it is there only since guarantees keep it. */
  promised(left: bigint): bigint {
    let sum = 0n;
    if (this.#promising === 0) return sum;
    for (const { like, count } of this.#kinds) {
      if (like.guarantee === 0n) continue;
      const fading = leafReserve({ ...like, guarantee: 0n }, left, this.#ticks);
      sum += (leafReserve(like, left, this.#ticks) - fading) * BigInt(count);
    }
    return sum;
  }

  /** How many have anything. */
  having(left: bigint): number {
    const ticks = Number(this.#ticks);
    const ticksLeft = Number(left);
    let found = 0;
    for (const { exact, like, count } of this.#kinds) {
      const has =
        exact === undefined
          ? leafReserve(like, left, this.#ticks) > 0n
          : valueOf(exact, ticksLeft, ticks) > 0;
      if (has) found += count;
    }
    return found;
  }

  #add(node: ShareNode, key: string): void {
    const exact = exactOf(node, this.#ticks);
    const kind = { like: node, key, count: 1, place: this.#kinds.length, exact };
    this.#byKey.set(key, kind);
    this.#kinds.push(kind);
  }

  #drop(kind: Kind): void {
    this.#byKey.delete(kind.key);
    this.#last = undefined;
    const last = this.#kinds.pop();
    if (last === undefined || last === kind) return;
    last.place = kind.place;
    this.#kinds[kind.place] = last;
  }
}

/** Enough to know it without a key. */
const isAlike = (a: ShareNode, b: ShareNode): boolean =>
  a.reserved === b.reserved && a.line === b.line && a.guarantee === 0n && b.guarantee === 0n;

/** Leaves with the same key have the same at every tick. */
const keyOf = ({ reserved, line, guarantee, used }: ShareNode): string =>
  guarantee === 0n ? `${reserved}/${line}` : `${reserved}/${line}/${guarantee - used}`;

function exactOf({ reserved, line, guarantee, used }: ShareNode, ticks: bigint): Exact | undefined {
  const kept = guarantee > used ? guarantee - used : 0n;
  if (reserved >= exactMax || line >= exactMax || kept >= exactMax) return undefined;
  return {
    reserved: Number(reserved),
    quotient: Number(line / ticks),
    remainder: Number(line % ticks),
    kept: Number(kept),
  };
}

function valueOf(
  { reserved, quotient, remainder, kept }: Exact,
  left: number,
  ticks: number,
): number {
  const fading = quotient * left + Math.ceil((remainder * left) / ticks);
  const line = fading > kept ? fading : kept;
  return line < reserved ? line : reserved;
}
