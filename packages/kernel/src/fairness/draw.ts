/**
 * Owns the decision (FAIRNESS 1.4, 1.6): what a request takes of its own reserve and of the pots above it, near to far, and whether it
 * may. Numbers in, numbers out.
 *
 * V1 what was reserved for a member is given without a test. V2 wherever credits come out of a pot, or through it out of one above, the
 * node below it on the path passes: above-share credits <= reach x seats x (pot left) / (fraction of the period left). So an empty pot of
 * a group tests like one that a call has just emptied, and splitting a call gains nothing (F6). V3 what passes, passes in smaller amounts.
 */

/** A node on the way from a member to the workspace. */
export interface PathNode {
  readonly id: string;
  readonly weight: bigint;
  readonly reach: number;
  readonly share: bigint;
  readonly used: bigint;
  /** Of the first, its reserve; of all others, their pot. */
  readonly stock: bigint;
}

/** From the leaf to the root; at least these two. */
export type SharePath = readonly PathNode[];

/** Where in the period it is, and how far members may go in it. */
export interface Now {
  /** Ticks left, the running one included: N - k. */
  readonly left: bigint;
  readonly ticks: bigint;
  /** Thousandths. */
  readonly reach: bigint;
}

/** What a request takes, or why it may not. `below` is the place on the path of the node that binds. */
export type Draw =
  | { readonly kind: "drawn"; readonly reserve: bigint; readonly pots: readonly bigint[] }
  | { readonly kind: "reserved_for_others" }
  | { readonly kind: "borrow_limit"; readonly below: number };

/** Thousandths of the reach, of a member's reach, and of a seat. */
const scale = 1_000_000_000n;
const nothing: readonly bigint[] = [];

/** Takes `amount` of what is reserved for the member; undefined where that has not so much (V1). */
export const drawOwn = (own: bigint, amount: bigint): Draw | undefined =>
  amount <= own ? { kind: "drawn", reserve: amount, pots: nothing } : undefined;

/** Takes `amount`, or says why not. `pots` are by the path's places from 1 on. */
export function draw(path: SharePath, amount: bigint, now: Now): Draw {
  const own = path[0]?.stock ?? 0n;
  const reserved = drawOwn(own, amount);
  if (reserved !== undefined) return reserved;
  const pots: bigint[] = [];
  let missing = amount - own;
  for (let place = 1; place < path.length; place += 1) {
    const stock = path[place]?.stock ?? 0n;
    const part = stock < missing ? stock : missing;
    pots.push(part);
    missing -= part;
  }
  if (missing > 0n) return { kind: "reserved_for_others" };
  const below = boundAt(path, pots, { amount, now });
  return below === undefined
    ? { kind: "drawn", reserve: own, pots }
    : { kind: "borrow_limit", below };
}

/** The place of the node that may not have so much, from the root down; undefined where all may (V2). */
function boundAt(
  path: SharePath,
  pots: readonly bigint[],
  { amount, now }: { readonly amount: bigint; readonly now: Now },
): number | undefined {
  const last = path.length - 1;
  let free = (path[last]?.stock ?? 0n) - (pots[last - 1] ?? 0n);
  let isPassing = false;
  for (let place = last; place >= 1; place -= 1) {
    const child = path[place - 1];
    if (child === undefined) break;
    const above = child.used + amount - child.share;
    const grows = now.reach * BigInt(child.reach) * child.weight * now.ticks;
    const shrinks = scale * now.left;
    isPassing ||= (pots[place - 1] ?? 0n) > 0n;
    if (isPassing && above > 0n && above * shrinks > grows * free) return place - 1;
    if (place === 1) break;
    const room = floored(grows * free - shrinks * above, grows + shrinks);
    const lent = room < 0n ? 0n : room > free ? free : room;
    free = child.stock - (pots[place - 2] ?? 0n) + lent;
  }
  return undefined;
}

/** Rounded down, also below zero. */
function floored(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** The most that a request may take now (V3). */
export function mostDrawn(path: SharePath, now: Now): bigint {
  const [leaf, near] = path;
  if (leaf === undefined || near === undefined) return 0n;
  let high = path.reduce((sum, { stock }) => sum + stock, 0n);
  if (path.length === 2) return mostOfFlat(leaf, near, now);
  if (draw(path, high, now).kind === "drawn") return high;
  let low = leaf.stock;
  while (low + 1n < high) {
    const middle = (low + high) / 2n;
    if (draw(path, middle, now).kind === "drawn") low = middle;
    else high = middle;
  }
  return low;
}

/** Of e: (u + e - E) shrinks <= grows (F + R - e), where that is above the share. */
function mostOfFlat(leaf: PathNode, { stock: pot }: PathNode, now: Now): bigint {
  const most = leaf.stock + pot;
  const grows = now.reach * BigInt(leaf.reach) * leaf.weight * now.ticks;
  const shrinks = scale * now.left;
  const unshared = leaf.share - leaf.used;
  const bound = floored(grows * most + shrinks * unshared, grows + shrinks);
  const open = bound > unshared ? bound : unshared;
  const within = open < most ? open : most;
  return within > leaf.stock ? within : leaf.stock;
}

/** What usage takes that nothing refuses: its own reserve, pots near to far, and what is left to others (RULES 1). */
export function consume(
  path: SharePath,
  amount: bigint,
): { readonly reserve: bigint; readonly pots: readonly bigint[]; readonly others: bigint } {
  const own = path[0]?.stock ?? 0n;
  const reserve = amount < own ? amount : own;
  let others = amount - reserve;
  const pots: bigint[] = [];
  for (let place = 1; place < path.length; place += 1) {
    const stock = path[place]?.stock ?? 0n;
    const part = stock < others ? stock : others;
    pots.push(part);
    others -= part;
  }
  return { reserve, pots, others };
}
