/**
 * Owns how nodes stand at a tick: what each has, and what its children have together. An index, kept by the watcher of the rows.
 *
 * T1 what is told is a function of the rows and the tick alone: so it is the same whether it was asked early, on a refusal, or late
 * (RULES 31). T2 a tick costs as many sums as there are kinds of leaves (`leaves.ts`). T3 a leaf that is written again and again is
 * sorted into its kind once a tick, and not with each call.
 */
import { assert } from "../bug.ts";
import { ticksOfPeriod } from "./clock.ts";
import type { SharePath, PathNode } from "./draw.ts";
import { Leaves } from "./leaves.ts";
import { type ShareNode, innerReserve, leafReserve, lineAt, rootId } from "./node.ts";

/** Rows by their id. */
export interface Nodes {
  get(id: string): ShareNode | undefined;
  values(): Iterable<ShareNode>;
}

/** All nodes at one tick. */
export interface Sums {
  /** Ticks left. */
  readonly left: bigint;
  readonly below: (id: string) => bigint;
  readonly valueOf: (node: ShareNode) => bigint;
}

/** See the file head. */
export class Standing {
  readonly #nodes: Nodes;
  #leaves = new Map<string, Leaves>();
  /** Leaves whose rows changed since sums were made of kinds: they are sorted into kinds when that is done next (T3). */
  readonly #loose = new Set<string>();
  readonly #weights = new Map<string, bigint>();
  /** Inner nodes, deepest first; undefined until asked for. */
  #inner: readonly ShareNode[] | undefined;
  readonly #innerIds = new Set<string>();
  #ticks: bigint = BigInt(ticksOfPeriod);
  #tick = -1;
  #isChanging = false;
  #left = 0n;
  #sums = new Map<string, bigint>();
  #values = new Map<string, bigint>();
  /** The leaf that was asked last, what it has at the tick, and what its line allows then. */
  #known = unknown();

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
    this.#recount(this.#ticks);
  }

  /** Brings sums to a tick of so many. */
  moveTo(tick: number, ticks: number): void {
    if (BigInt(ticks) !== this.#ticks) this.#recount(BigInt(ticks));
    else if (tick === this.#tick) return;
    this.#tick = tick;
    this.#left = BigInt(ticks - tick);
    this.#known = unknown();
    this.#sumUp();
  }

  /** Changes the rows of many: what they have is told as before until all are changed, and sums are made anew then. */
  changeMany(change: () => void): void {
    this.#isChanging = true;
    try {
      change();
    } finally {
      this.#isChanging = false;
      this.#recount(this.#ticks);
      if (this.#tick >= 0) this.#sumUp();
    }
  }

  /** What stands at the tick. */
  #sumUp(): void {
    const { sums, values } = this.#at(this.#left);
    this.#sums = sums;
    this.#values = values;
  }

  /** Ticks left, the one that it stands at included. */
  get left(): bigint {
    return this.#left;
  }

  get ticks(): bigint {
    return this.#ticks;
  }

  /** What a node has at the tick. */
  valueOf(node: ShareNode): bigint {
    return node.isLeaf ? this.#leafValue(node) : (this.#values.get(node.id) ?? 0n);
  }

  /** What the line of a node allows at the tick. Those who have equal shares have one line. */
  lineOf(node: Pick<ShareNode, "line" | "guarantee" | "used">): bigint {
    if (node.guarantee !== 0n) return lineAt(node, this.#left, this.#ticks);
    const known = this.#known;
    if (known.line !== node.line) {
      known.fading = lineAt(node, this.#left, this.#ticks);
      known.line = node.line;
    }
    return known.fading;
  }

  /** A call asks the same row for it several times. */
  #leafValue(node: ShareNode): bigint {
    const known = this.#known;
    if (known.node === node) return known.value;
    const line = this.lineOf(node);
    known.node = node;
    known.value = line < node.reserved ? line : node.reserved;
    return known.value;
  }

  /** What the children of a node have together. */
  below(id: string): bigint {
    return this.#sums.get(id) ?? 0n;
  }

  /** Weights of those children of a node that are there. */
  weightBelow(id: string): bigint {
    return this.#weights.get(id) ?? 0n;
  }

  /** Rows from a leaf up, without the root. */
  rowsFrom(leaf: ShareNode): readonly ShareNode[] {
    const rows = [leaf];
    for (let id = leaf.parent; id !== rootId;) {
      const row = this.#nodes.get(id);
      assert(row !== undefined, `node ${id} of the tree of shares exists`);
      rows.push(row);
      id = row.parent;
    }
    return rows;
  }

  /** The way from a leaf to the root, of a pool that has so much available. */
  pathFrom(leaf: ShareNode, available: bigint): SharePath {
    const path: PathNode[] = [pathNode(leaf, this.valueOf(leaf))];
    let id = leaf.parent;
    while (id !== rootId) {
      const row = this.#nodes.get(id);
      assert(row !== undefined, `node ${id} of the tree of shares exists`);
      path.push(pathNode(row, this.valueOf(row) - this.below(id)));
      id = row.parent;
    }
    path.push(rootNode(available - this.below(rootId)));
    return path;
  }

  /** How all nodes will stand at a tick, if nothing happens until then. */
  later(tick: number): Sums {
    const left = this.#ticks - BigInt(tick);
    const { sums, values } = this.#at(left);
    return {
      left,
      below: (id) => sums.get(id) ?? 0n,
      valueOf: (node) =>
        node.isLeaf ? leafReserve(node, left, this.#ticks) : (values.get(node.id) ?? 0n),
    };
  }

  /** The same path as it will be then. */
  pathLater(leaf: ShareNode, available: bigint, sums: Sums): SharePath {
    const [own, ...inner] = this.rowsFrom(leaf);
    return [
      pathNode(leaf, own === undefined ? 0n : sums.valueOf(leaf)),
      ...inner.map((row) => pathNode(row, sums.valueOf(row) - sums.below(row.id))),
      rootNode(available - sums.below(rootId)),
    ];
  }

  /**
   * What the children of an inner node have then, but for guarantees: it bends down, if it is taken with less than `rounding`. `promised`:
   * what guarantees of leaves keep beyond it, which grows.
   */
  fadingBelow(
    id: string,
    sums: Sums,
  ): { readonly fading: bigint; readonly promised: bigint; readonly rounding: bigint } {
    const leaves = this.#leaves.get(id);
    const promised = leaves?.promised(sums.left) ?? 0n;
    let fading = sums.below(id) - promised;
    let rounding = 1n + BigInt(leaves?.size ?? 0);
    for (const row of this.#innerBelow(id)) {
      const line = lineAt({ ...row, guarantee: 0n }, sums.left, this.#ticks);
      fading += (line < row.reserved ? line : row.reserved) - sums.valueOf(row);
      rounding += 1n;
    }
    return { fading, promised, rounding };
  }

  #innerBelow(id: string): readonly ShareNode[] {
    this.#inner ??= this.#deepestFirst();
    return this.#inner.filter(({ parent }) => parent === id);
  }

  /** Leaves that have something reserved. */
  reserving(): number {
    let found = 0;
    this.#sortLoose();
    for (const leaves of this.#leaves.values()) found += leaves.having(this.#left);
    return found;
  }

  /** Tells that a row is another one; either may be left out. */
  replace(before: ShareNode | undefined, after: ShareNode | undefined): void {
    if (this.#isChanging) return;
    const { parent, isLeaf, id } = before ?? after ?? nobody;
    this.#weigh(parent, before, after);
    if (isLeaf) {
      const had = before === undefined || this.#tick < 0 ? 0n : this.valueOf(before);
      const has = after === undefined || this.#tick < 0 ? 0n : this.valueOf(after);
      this.#loosen(id, before, after);
      if (had !== has) this.#add(parent, has - had);
      if (this.#tick < 0) this.#inner = undefined;
      return;
    }
    if (before === undefined || after === undefined) {
      if (after === undefined) this.#innerIds.delete(id);
      else this.#innerIds.add(id);
    }
    this.#inner = undefined;
    if (this.#tick >= 0) this.#bring(id, parent, after);
  }

  /** All anew, for so many ticks: lines are told by those of their period. */
  #recount(ticks: bigint): void {
    this.#ticks = ticks;
    this.#leaves = new Map();
    this.#loose.clear();
    this.#known = unknown();
    this.#weights.clear();
    this.#inner = undefined;
    this.#innerIds.clear();
    for (const node of this.#nodes.values()) {
      this.#weigh(node.parent, undefined, node);
      if (node.isLeaf) this.#count(node, 1);
      else this.#innerIds.add(node.id);
    }
  }

  /** Takes a leaf out of its kind, until sums are made again. */
  #loosen(id: string, before: ShareNode | undefined, after: ShareNode | undefined): void {
    if (this.#loose.has(id)) {
      if (after === undefined) this.#loose.delete(id);
      return;
    }
    this.#count(before, -1);
    if (after !== undefined) this.#loose.add(id);
  }

  #sortLoose(): void {
    for (const id of this.#loose) this.#count(this.#nodes.get(id), 1);
    this.#loose.clear();
  }

  #weigh(parent: string, before: ShareNode | undefined, after: ShareNode | undefined): void {
    const had = before?.isPresent === true ? before.weight : 0n;
    const has = after?.isPresent === true ? after.weight : 0n;
    if (had !== has) this.#weights.set(parent, this.weightBelow(parent) + has - had);
  }

  #count(node: ShareNode | undefined, sign: 1 | -1): void {
    if (node === undefined) return;
    let leaves = this.#leaves.get(node.parent);
    if (leaves === undefined) {
      leaves = new Leaves(this.#ticks);
      this.#leaves.set(node.parent, leaves);
    }
    leaves.count(node, sign);
  }

  /** The children of a node have more, or less. */
  #add(id: string, more: bigint): void {
    this.#sums.set(id, this.below(id) + more);
    if (id === rootId) return;
    const row = this.#nodes.get(id);
    if (row !== undefined) this.#bring(id, row.parent, row);
  }

  /** What an inner node has now. */
  #bring(id: string, parent: string, row: ShareNode | undefined): void {
    const had = this.#values.get(id) ?? 0n;
    const has = row === undefined ? 0n : innerReserve(row, this.below(id), this.#left, this.#ticks);
    if (had === has) return;
    this.#values.set(id, has);
    this.#add(parent, has - had);
  }

  /** Sums and inner nodes, so many ticks before the end. */
  #at(left: bigint): { sums: Map<string, bigint>; values: Map<string, bigint> } {
    const sums = new Map<string, bigint>();
    const values = new Map<string, bigint>();
    this.#sortLoose();
    for (const [parent, leaves] of this.#leaves) sums.set(parent, leaves.sum(left));
    this.#inner ??= this.#deepestFirst();
    for (const row of this.#inner) {
      const value = innerReserve(row, sums.get(row.id) ?? 0n, left, this.#ticks);
      values.set(row.id, value);
      sums.set(row.parent, (sums.get(row.parent) ?? 0n) + value);
    }
    return { sums, values };
  }

  #deepestFirst(): readonly ShareNode[] {
    const rows = [...this.#innerIds].flatMap((id) => this.#nodes.get(id) ?? []);
    const deep = rows.map((row) => ({ row, depth: this.rowsFrom(row).length }));
    return deep.toSorted((a, b) => b.depth - a.depth).map(({ row }) => row);
  }
}

interface Known {
  node: ShareNode | undefined;
  value: bigint;
  line: bigint | undefined;
  fading: bigint;
}

const unknown = (): Known => ({ node: undefined, value: 0n, line: undefined, fading: 0n });

const nobody = { parent: rootId, isLeaf: true, id: "" };

const pathNode = ({ id, weight, reach, share, used }: ShareNode, stock: bigint): PathNode => ({
  id,
  weight,
  reach,
  share,
  used,
  stock,
});

const rootNode = (stock: bigint): PathNode => ({
  id: rootId,
  weight: 0n,
  reach: 0,
  share: 0n,
  used: 0n,
  stock,
});
