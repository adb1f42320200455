/**
 * Owns how the tree of shares changes, at the tick at which it stands. Mutates the rows; the workspace's pot has none: it is what is
 * free and not reserved below it.
 *
 * C1 `free` is what is available as far as this event has been followed; when all of it has been, it is what the lots have (F1).
 */
import { least } from "../amount.ts";
import { assert } from "../bug.ts";
import { byId } from "../pool/burn-order.ts";
import { split } from "../rounding.ts";
import { joining, lineFor } from "./joining.ts";
import type { Place } from "./lay-out.ts";
import { type ShareNode, isSeat, lineAt, rootId } from "./node.ts";
import type { FairnessSlice } from "./slice.ts";

/** Credits that come to, or (below zero) leave, a leaf and the pots above it. */
export interface Shift {
  readonly reserve: bigint;
  /** By node; the root's may be left out, since it is the rest. */
  readonly pots: readonly { readonly node: string; readonly credits: bigint }[];
  readonly used: bigint;
  /** Of the leaf's own reserve; less of it where credits return. */
  readonly spent: bigint;
}

/** Credits that came with added seats: with the one that is taken now, and with those that nobody has taken. */
export interface Bought {
  readonly bought: bigint;
  readonly waiting: bigint;
}

/** The tree while one event is followed. */
export class ShareTree {
  readonly #slice: FairnessSlice;
  #free: bigint;

  constructor(slice: FairnessSlice, free: bigint) {
    this.#slice = slice;
    this.#free = free;
  }

  get free(): bigint {
    return this.#free;
  }

  /** The workspace's pot. */
  get pot(): bigint {
    return this.#free - this.#slice.standing.below(rootId);
  }

  leaf(id: string): ShareNode {
    const row = this.#slice.nodes.get(id);
    assert(row !== undefined, `the seat ${id} that a call was authorized on exists`);
    return row;
  }

  /** What a call takes, or gives back: own reserve and pots, with the use of all on the path. */
  shift(leaf: ShareNode, { reserve, pots, used, spent }: Shift): void {
    const { standing, nodes } = this.#slice;
    // What each has is read before any of them is written.
    const above = leaf.parent === rootId ? none : standing.rowsFrom(leaf).slice(1);
    const values = above.map((row) => standing.valueOf(row));
    nodes.replace(leaf.id, leaf, {
      ...leaf,
      reserved: standing.valueOf(leaf) + reserve,
      used: leaf.used + used,
      spent: leaf.spent + spent,
    });
    let moved = reserve;
    for (const [place, row] of above.entries()) {
      moved += potOf(pots, row.id);
      const reserved = (values[place] ?? 0n) + moved;
      nodes.replace(row.id, row, { ...row, reserved, used: row.used + used });
    }
    this.#free += reserve;
    for (const one of pots) this.#free += one.credits;
  }

  /** Returns credits of a call: its reserve is filled up to its line, and what is beyond goes to the pot above it (FAIRNESS 1.5). */
  giveBack(
    leaf: ShareNode,
    {
      reserve,
      pots,
      used,
    }: {
      readonly reserve: bigint;
      readonly pots: Shift["pots"];
      /** What is used no longer. */
      readonly used: bigint;
    },
  ): void {
    const { standing } = this.#slice;
    const { line: top, guarantee } = leaf;
    const after = { line: top, guarantee, used: leaf.used - used };
    const line = leaf.isPresent ? standing.lineOf(after) : 0n;
    const has = standing.valueOf(leaf);
    const room = line > has ? line - has : 0n;
    const own = reserve < room ? reserve : room;
    const near = own === reserve ? pots : [...pots, { node: leaf.parent, credits: reserve - own }];
    // What of its reserve is used no longer; never more than it used of it.
    const spent = least(reserve, leaf.spent);
    this.shift(leaf, { reserve: own, pots: near, used: -used, spent: -spent });
  }

  /** Credits that come to the workspace's pot. */
  gain(amount: bigint): void {
    this.#free += amount;
  }

  /** Credits that are lost: the pot's, then the reserves' in proportion (RULES 29). */
  lose(amount: bigint): void {
    const pot = this.pot;
    const beyond = amount > pot ? amount - pot : 0n;
    if (beyond > 0n) {
      const children = this.#childrenNow();
      this.#slice.standing.changeMany(() => {
        this.#takeFrom(rootId, beyond, children);
      });
    }
    this.#free -= amount;
  }

  /** Out of what the children of a node have, in proportion (R3, by id); of each its pot gives first. */
  #takeFrom(parent: string, amount: bigint, children: Children): void {
    const { nodes, standing } = this.#slice;
    const having = (children.get(parent) ?? [])
      .map((row) => ({ row, has: standing.valueOf(row) }))
      .filter(({ has }) => has > 0n)
      .toSorted((a, b) => byId(a.row.id, b.row.id));
    const parts = split(
      amount,
      having.map(({ has }) => has),
    );
    for (const [index, { row, has }] of having.entries()) {
      const part = parts[index] ?? 0n;
      if (part === 0n) continue;
      const pot = row.isLeaf ? 0n : has - standing.below(row.id);
      if (!row.isLeaf && part > pot) this.#takeFrom(row.id, part - pot, children);
      const given = row.isLeaf ? row.given - part : row.given;
      nodes.replace(row.id, row, { ...row, reserved: has - part, given });
    }
  }

  /** A grant that outlasts the period: shares of it by weight, of which the reserve of the period is reserved (FAIRNESS 1.5). */
  topUp(amount: bigint, reserve: bigint): void {
    this.#free += amount;
    const children = this.#childrenNow();
    this.#slice.standing.changeMany(() => {
      this.#topUpBelow(rootId, amount, { reserve, children });
    });
  }

  #topUpBelow(
    parent: string,
    amount: bigint,
    { reserve, children }: { readonly reserve: bigint; readonly children: Children },
  ): void {
    const { nodes, standing } = this.#slice;
    const weights = standing.weightBelow(parent);
    if (weights === 0n) return;
    for (const row of children.get(parent) ?? []) {
      if (!row.isPresent) continue;
      const share = (amount * row.weight) / weights;
      const reserved = (reserve * share) / 1_000n;
      if (!row.isLeaf) this.#topUpBelow(row.id, share, { reserve, children });
      nodes.replace(row.id, row, {
        ...row,
        share: row.share + share,
        line: row.line + lineFor(reserved, standing.left, standing.ticks),
        reserved: standing.valueOf(row) + reserved,
        given: row.isLeaf ? row.given + reserved : row.given,
      });
    }
  }

  /** Somebody comes: its share is a part of the workspace's pot, and what was bought with its seat; what waits for other seats is no part of it. */
  join(place: Place, { bought, waiting }: Bought): void {
    const { nodes, standing } = this.#slice;
    const { left, ticks } = standing;
    const weights = standing.weightBelow(rootId);
    const kept = bought + waiting;
    const pot = this.pot > kept ? this.pot - kept : 0n;
    const node = joining(place, { pot, weights, left, ticks, bought });
    this.#enter(node);
    nodes.set(node.id, node);
  }

  /** Who was there before in the period keeps its share and its use, and nothing is reserved for it (RULES 32). */
  comeBack(node: ShareNode): void {
    const { nodes } = this.#slice;
    const back = { ...node, reserved: 0n, line: 0n, isPresent: true };
    this.#enter(back);
    nodes.replace(node.id, node, back);
  }

  /** Groups above one that comes weigh and share more by it; one that nobody was in is there from now on. A seat weighs the same whoever acts for it. */
  #enter({ parent, weight, share, line, reserved }: ShareNode): void {
    const { nodes, standing } = this.#slice;
    for (let id = parent; id !== rootId && !isSeat(id);) {
      const row = nodes.get(id);
      const has = row === undefined ? 0n : standing.valueOf(row);
      const base = row ?? emptyGroup(id);
      nodes.replace(id, row, {
        ...base,
        weight: base.weight + weight,
        share: base.share + share,
        line: base.line + line,
        reserved: has + reserved,
      });
      id = base.parent;
    }
  }

  /**
   * Who leaves reserves nothing: it is in the pot above. Weight and share leave its group with it; a seat keeps those of what acted for
   * it. What it used stays. A group that the last has left keeps nothing, and guarantees nothing any more.
   */
  leave(node: ShareNode): void {
    const { nodes, standing } = this.#slice;
    if (!node.isPresent) return;
    const below = node.isLeaf ? none : allBelow(this.#childrenNow(), node.id);
    for (const row of below) nodes.replace(row.id, row, { ...row, reserved: 0n, line: 0n });
    nodes.set(node.id, { ...node, reserved: 0n, line: 0n, isPresent: false });
    for (let id = node.parent; id !== rootId && !isSeat(id);) {
      const row = nodes.get(id);
      assert(row !== undefined, `node ${id} of the tree of shares exists`);
      const reserved = standing.valueOf(row);
      const weight = row.weight - node.weight;
      const share = row.share - node.share;
      const line = row.line - node.line;
      const kept = weight === 0n ? { line: 0n, guarantee: 0n } : { line };
      nodes.replace(id, row, { ...row, weight, share, reserved, ...kept });
      id = row.parent;
    }
  }

  /** Reserved credits of one leaf become another's, with as much of its share. */
  gift(from: ShareNode, to: ShareNode, amount: bigint): void {
    const { nodes, standing } = this.#slice;
    const line = lineFor(amount, standing.left, standing.ticks);
    const givers = standing.rowsFrom(from);
    const takers = standing.rowsFrom(to);
    const both = new Set(
      givers.map(({ id }) => id).filter((id) => takers.some((one) => one.id === id)),
    );
    const values = new Map([...givers, ...takers].map((row) => [row.id, standing.valueOf(row)]));
    for (const [rows, sign] of [
      [givers, -1n],
      [takers, 1n],
    ] as const)
      for (const row of rows) {
        if (both.has(row.id)) continue;
        const share = row.share + sign * amount;
        const reserved = (values.get(row.id) ?? 0n) + sign * amount;
        nodes.replace(row.id, row, {
          ...row,
          share: share < 0n ? 0n : share,
          line: sign > 0n ? this.#raised(row, line, reserved) : row.line,
          reserved,
          given: row.isLeaf ? row.given + sign * amount : row.given,
        });
      }
  }

  /** A line that has room for what was given: where a guarantee stands above it, more than the gift's own. */
  #raised(row: ShareNode, more: bigint, reserved: bigint): bigint {
    const { left, ticks } = this.#slice.standing;
    const line = row.line + more;
    if (row.guarantee === 0n || lineAt({ ...row, line }, left, ticks) >= reserved) return line;
    return lineFor(reserved, left, ticks);
  }

  /** What holds when an event has been followed (F1). */
  check(available: bigint): void {
    assert(this.#free === available, "F1 reserves and pots are what is available on shared lots");
    assert(this.pot >= 0n, "F1 no more is reserved than is available");
  }

  /** Rows by what they hang below, as they are now. */
  #childrenNow(): Children {
    const children = new Map<string, ShareNode[]>();
    for (const row of this.#slice.nodes.values()) {
      const siblings = children.get(row.parent);
      if (siblings === undefined) children.set(row.parent, [row]);
      else siblings.push(row);
    }
    return children;
  }
}

type Children = ReadonlyMap<string, readonly ShareNode[]>;

const allBelow = (children: Children, id: string): readonly ShareNode[] =>
  (children.get(id) ?? []).flatMap((row) => [...allBelow(children, row.id), row]);

const none: readonly ShareNode[] = [];

const potOf = (pots: Shift["pots"], id: string): bigint =>
  pots.reduce((sum, { node, credits }) => (node === id ? sum + credits : sum), 0n);

const emptyGroup = (id: string): ShareNode => ({
  id,
  parent: rootId,
  isLeaf: false,
  weight: 0n,
  reach: 1_000,
  guarantee: 0n,
  share: 0n,
  line: 0n,
  reserved: 0n,
  used: 0n,
  given: 0n,
  spent: 0n,
  isPresent: true,
});
