/** Owns what somebody who comes in the middle of a period has: a part of the workspace's pot alone (FAIRNESS 1.5). */
import type { Place } from "./lay-out.ts";
import type { ShareNode } from "./node.ts";

/** A newcomer's node. Nobody's reserve shrinks for it; credits that were bought with its seat are its own. */
export function joining(
  { id, parent, isLeaf, weight, reach }: Place,
  {
    pot,
    weights,
    left,
    ticks,
    bought = 0n,
  }: {
    readonly pot: bigint;
    readonly weights: bigint;
    readonly left: bigint;
    readonly ticks: bigint;
    readonly bought?: bigint;
  },
): ShareNode {
  const share = (pot * weight) / (weights + weight) + bought;
  return {
    id,
    parent,
    isLeaf,
    weight,
    reach,
    guarantee: 0n,
    share,
    line: lineFor(share, left, ticks),
    reserved: share,
    used: 0n,
    given: share,
    spent: 0n,
    isPresent: true,
  };
}

/** The top of a line on which so much is reserved now, and nothing at the end. */
export const lineFor = (reserved: bigint, left: bigint, ticks: bigint): bigint =>
  (reserved * ticks + left - 1n) / left;
