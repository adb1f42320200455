/** Owns what a call has drawn of shares, from its facts, and to which parts credits of it return: last drawn, first returned (FAIRNESS 1.5). */
import { credits } from "../amount.ts";
import type { Drawn, PotPart } from "./events.ts";
import { rootId } from "./node.ts";
import { groupOf } from "./places.ts";

/** What a call drew, with one more draw. One of a later period counts from there; what was before is `outside` it. */
export function joinedDrawn(
  before: Drawn | undefined,
  more: Drawn | undefined,
): { readonly drawn?: Drawn } {
  if (more === undefined) return before === undefined ? {} : { drawn: before };
  if (before === undefined || before.period !== more.period) return { drawn: more };
  const reserve = credits(before.reserve + more.reserve);
  const pots = more.pots.reduce(withPart, before.pots);
  const others = (before.others ?? 0n) + (more.others ?? 0n);
  return {
    drawn: { ...before, reserve, pots, ...(others === 0n ? {} : { others: credits(others) }) },
  };
}

function withPart(parts: readonly PotPart[], { node, credits: more }: PotPart): readonly PotPart[] {
  if (!parts.some((one) => one.node === node)) return [...parts, { node, credits: more }];
  return parts.map((one) =>
    one.node === node ? { node, credits: credits(one.credits + more) } : one,
  );
}

/** Where credits go that return: to no use of this period, to the reserve, to pots by node, or (usage beyond what was held) to the reserve as far as its line goes. */
export interface Returning {
  readonly outside: bigint;
  readonly reserve: bigint;
  readonly pots: readonly { readonly node: string; readonly credits: bigint }[];
  readonly beyond: bigint;
}

/** Of a call that counts `kept` credits, where the last `amount` of them came from. */
export function returning(drawn: Drawn, kept: bigint, amount: bigint): Returning {
  const from = kept - amount;
  const before = drawn.outside ?? 0n;
  const outside = within(0n, before, from, kept);
  const reserve = within(before, drawn.reserve, from, kept);
  let floor = before + drawn.reserve;
  let known = outside + reserve;
  if (drawn.pots.length === 0) return { outside, reserve, pots: noPots, beyond: amount - known };
  const pots = drawn.pots.map(({ node, credits: size }) => {
    const part = within(floor, size, from, kept);
    floor += size;
    known += part;
    return { node, credits: part };
  });
  return { outside, reserve, pots, beyond: amount - known };
}

const noPots: Returning["pots"] = [];

/** What of a part, which begins at `floor` and has `size`, lies from `from` to `to`. */
function within(floor: bigint, size: bigint, from: bigint, to: bigint): bigint {
  const start = floor > from ? floor : from;
  const end = floor + size < to ? floor + size : to;
  return end > start ? end - start : 0n;
}

/** All that a draw had when it was made, with what was before its period. */
export const wholeOf = ({ outside = credits(0n), reserve, pots }: Drawn): bigint =>
  pots.reduce((sum: bigint, one) => sum + one.credits, outside + reserve);

/** Credits that a draw used, wherever they came from. */
export const sumOf = ({ reserve, pots, others = credits(0n) }: Drawn): bigint =>
  pots.reduce((sum: bigint, one) => sum + one.credits, reserve + others);

/** Of a draw, what was drawn first. */
export const firstOf = (drawn: Drawn, amount: bigint): Drawn =>
  partOf(drawn, returning(drawn, amount, amount));

/** Of a draw, all but what was drawn first. */
export function restOf(drawn: Drawn, amount: bigint): Drawn {
  const whole = wholeOf(drawn);
  return partOf(drawn, returning(drawn, whole, whole > amount ? whole - amount : 0n));
}

/** Of a draw, what was drawn last. */
export const lastOf = (drawn: Drawn, amount: bigint): Drawn =>
  partOf(drawn, returning(drawn, wholeOf(drawn), amount));

const partOf = ({ period, seat }: Drawn, { outside, reserve, pots }: Returning): Drawn => ({
  period,
  seat,
  reserve: credits(reserve),
  pots: pots.flatMap(({ node, credits: size }) =>
    size === 0n ? [] : [{ node, credits: credits(size) }],
  ),
  ...(outside === 0n ? {} : { outside: credits(outside) }),
});

/** Credits on shared lots, with what was drawn for them. */
interface Shared {
  readonly drawn: Drawn | undefined;
  readonly credits: bigint;
}

/** Two draws as one, of the later period: what is not of that is outside it. */
export function mergedDrawn(one: Shared, more: Shared): Drawn | undefined {
  const later = (one.drawn?.period ?? 0) >= (more.drawn?.period ?? 0) ? one.drawn : more.drawn;
  if (later === undefined) return undefined;
  const other = later === one.drawn ? more : one;
  const outsideOf = (of: Shared): bigint => of.drawn?.outside ?? 0n;
  if (other.drawn?.period !== later.period)
    return withOutside(later, (later.outside ?? 0n) + other.credits);
  const { drawn = later } = joinedDrawn(one.drawn, more.drawn);
  const pots = drawn.pots.toSorted((a, b) => distanceOf(a.node) - distanceOf(b.node));
  return withOutside({ ...drawn, pots }, outsideOf(one) + outsideOf(more));
}

/** Pots are given back from far to near. */
const distanceOf = (node: string): number =>
  node === rootId ? 2 : groupOf(node) === undefined ? 0 : 1;

const withOutside = (drawn: Drawn, outside: bigint): Drawn =>
  outside === 0n ? drawn : { ...drawn, outside: credits(outside) };
