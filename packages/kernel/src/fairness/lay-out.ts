/**
 * Owns how a pool is shared at the start of a period (FAIRNESS 1.2, 1.6): shares by weight, and what of them is reserved.
 *
 * L1 at each node, guarantees of its children together fit what is reserved there: what is beyond is scaled (R3, RULES 29). L2 a node
 * reserves at least what its children do; the rest of it is its pot.
 */
import { split } from "../rounding.ts";
import { type ShareNode, rootId } from "./node.ts";

/** A node that is there, with what it weighs. Of an inner node, the weights of its children add up to its own. */
export interface Place {
  readonly id: string;
  readonly parent: string;
  readonly isLeaf: boolean;
  readonly weight: bigint;
  readonly reach: number;
  readonly guarantee: bigint;
}

/** Shares of `pool` for all places, with `reserve` thousandths of each reserved. */
export function layOut(
  places: readonly Place[],
  { pool, reserve }: { readonly pool: bigint; readonly reserve: bigint },
): readonly ShareNode[] {
  const children = new Map<string, Place[]>();
  for (const place of places) {
    const siblings = children.get(place.parent);
    if (siblings === undefined) children.set(place.parent, [place]);
    else siblings.push(place);
  }
  const nodes: ShareNode[] = [];
  const wanted = new Map<string, bigint>();
  shareAmong(rootId, pool, pool);
  return nodes;

  /** Shares what a node has among its children; gives what they reserve. */
  function shareAmong(parent: string, has: bigint, guaranteedMost: bigint): bigint {
    const among = children.get(parent) ?? [];
    const guarantees = fitting(among, guaranteedMost);
    let guaranteed = 0n;
    let weights = 0n;
    for (const [index, { weight }] of among.entries()) {
      guaranteed += guarantees?.[index] ?? 0n;
      weights += weight;
    }
    let reserved = 0n;
    // Most weigh the same, and who does has the same.
    let weight = 0n;
    let byWeight = 0n;
    for (const [index, place] of among.entries()) {
      const guarantee = guarantees?.[index] ?? 0n;
      if (place.weight !== weight) {
        weight = place.weight;
        byWeight = ((has - guaranteed) * weight) / weights;
      }
      const share = guarantee + byWeight;
      const fading = (reserve * share) / 1_000n;
      const own = fading > guarantee ? fading : guarantee;
      const below = place.isLeaf ? 0n : shareAmong(place.id, share, own);
      const line = below > own ? below : own;
      nodes.push(nodeOf(place, { guarantee, share, line }));
      reserved += line;
    }
    return reserved;
  }

  function fitting(among: readonly Place[], most: bigint): readonly bigint[] | undefined {
    let sum = 0n;
    for (const place of among) sum += guaranteeOf(place);
    if (sum === 0n) return undefined;
    const asked = among.map(guaranteeOf);
    if (sum <= most) return asked;
    // Ties of R3 go to the first: by id, whatever order they come in.
    const order = among.map((_, index) => index).toSorted((a, b) => byId(among, a, b));
    const parts = split(
      most,
      order.map((index) => asked[index] ?? 0n),
    );
    const scaled = asked.slice();
    for (const [place, index] of order.entries()) scaled[index] = parts[place] ?? 0n;
    return scaled;
  }

  /** A node guarantees what its children are guaranteed. */
  function guaranteeOf({ id, isLeaf, guarantee }: Place): bigint {
    if (isLeaf) return guarantee;
    const known = wanted.get(id);
    if (known !== undefined) return known;
    const below = (children.get(id) ?? []).reduce((sum, one) => sum + guaranteeOf(one), 0n);
    const all = below > guarantee ? below : guarantee;
    wanted.set(id, all);
    return all;
  }
}

const byId = (among: readonly Place[], a: number, b: number): number =>
  (among[a]?.id ?? "") < (among[b]?.id ?? "") ? -1 : 1;

const nodeOf = (
  { id, parent, isLeaf, weight, reach }: Place,
  { guarantee, share, line }: { guarantee: bigint; share: bigint; line: bigint },
): ShareNode => ({
  id,
  parent,
  isLeaf,
  weight,
  reach,
  guarantee,
  share,
  line,
  reserved: line,
  used: 0n,
  given: isLeaf ? line : 0n,
  spent: 0n,
  isPresent: true,
});
