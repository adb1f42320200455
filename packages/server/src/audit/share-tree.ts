/**
 * Owns a second reading of how a pool is shared (FAIRNESS 1; RULES 29 to 32): plain nodes, one tick after the other. Written
 * from the rules, apart from the kernel, which keeps no row when time passes. An event changes the nodes on its way, a tick everybody; what a
 * node has with all below it is a running sum, which each tick adds up again.
 *
 * Mutable: one tree per period.
 */
import {
  type SeatNode,
  type SeatPlan,
  addUp,
  byId,
  childrenIn,
  expectAddedUp,
  groupsAbove,
  guaranteeOf,
  lift,
  nodeOf,
  pathOf,
  put,
  reservedFor,
  takenFrom,
  withBelow,
} from "./share-node.ts";
import { ceilOf, fitted, floorOf, largest, smallest, splitBy, sum } from "./splits.ts";

/** What one node gives of a call, from near to far: the first is the leaf. */
export interface Given {
  readonly node: string;
  readonly credits: bigint;
}

/** Whether a call may be, and what gives. */
export type Verdict =
  | { readonly kind: "given"; readonly given: readonly Given[] }
  | { readonly kind: "reserved_for_others" }
  | { readonly kind: "borrow_limit" };

/** The knobs and the ticks of a period. */
export interface Sharing {
  readonly reserve: number;
  readonly reach: number;
  readonly ticks: number;
}

/** See the file head. */
export class ShareTree {
  readonly root: SeatNode;
  readonly #sharing: Sharing;
  tick: number;

  /** Lays shares of `pool` out, as if all had been there when the period began, and lets them fade up to `tick`. */
  constructor(plans: readonly SeatPlan[], pool: bigint, sharing: Sharing, tick: number) {
    this.#sharing = sharing;
    this.tick = 0;
    const top = { id: "workspace", weight: 0n, guarantee: 0n, reach: 0n };
    this.root = nodeOf(top, undefined);
    this.root.share = pool;
    this.root.own = pool;
    this.#byId.set(top.id, this.root);
    this.#plant(this.root, childrenIn(plans));
    this.#layOut(this.root, pool);
    addUp(this.root);
    this.passTo(tick);
  }

  /** The same tree once more, to ask what would be. */
  copy(): ShareTree {
    const other = new ShareTree([], 0n, this.#sharing, this.tick);
    other.#copyInto(other.root, this.root, this);
    return other;
  }

  #copyInto(copy: SeatNode, { share, own, held, used, children }: SeatNode, from: ShareTree): void {
    Object.assign(copy, { share, own, held, used });
    for (const child of children) {
      const twin: SeatNode = { ...child, parent: copy, children: [] };
      this.#hang(twin, copy);
      const promised = from.#promised.get(child);
      if (promised !== undefined) this.#promised.set(twin, promised);
      this.#copyInto(twin, child, from);
    }
  }

  #plant(parent: SeatNode, plans: ReadonlyMap<string, readonly SeatPlan[]>): void {
    for (const plan of (plans.get(parent.id) ?? []).toSorted(byId)) {
      const node = nodeOf(plan, parent);
      this.#hang(node, parent);
      this.#plant(node, plans);
    }
  }

  #hang(node: SeatNode, parent: SeatNode): void {
    parent.children.push(node);
    this.#byId.set(node.id, node);
    this.#deepestFirst = undefined;
  }

  /** 1.1, 1.2: shares by weight; what its children reserve is not in a node's pot. Guarantees that do not fit are scaled (RULES 29). */
  #layOut(node: SeatNode, most: bigint): void {
    const { children } = node;
    const guarantees = fitted(children.map(guaranteeOf), most);
    const weights = sum(children.map(({ weight }) => weight));
    const free = node.share - sum(guarantees);
    for (const [index, child] of children.entries()) {
      const guarantee = guarantees[index] ?? 0n;
      child.share = guarantee + (weights === 0n ? 0n : (free * child.weight) / weights);
      const fading = (BigInt(this.#sharing.reserve) * child.share) / 1_000n;
      child.line = largest(guarantee, fading);
      this.#promised.set(child, guarantee);
      this.#layOut(child, child.line);
      // Lines of children together may be above it, where guarantees are.
      const below = sum(child.children.map(reservedFor));
      if (child.children.length > 0) child.line = largest(child.line, below);
      child.own = child.line - below;
      node.own -= child.line;
    }
  }

  /** What is guaranteed, as far as it fits. */
  readonly #promised = new Map<SeatNode, bigint>();

  readonly #byId = new Map<string, SeatNode>();
  #deepestFirst: readonly SeatNode[] | undefined;

  get nodes(): readonly SeatNode[] {
    return withBelow(this.root);
  }

  find(id: string): SeatNode | undefined {
    return this.#byId.get(id);
  }

  /** Reserves and pots of all: what is available (RULES 29). */
  get available(): bigint {
    return this.root.held;
  }

  /** 1.3, RULES 31: one tick after the other, the deepest first. */
  passTo(tick: number): void {
    if (this.tick >= tick) return;
    while (this.tick < tick) {
      this.tick += 1;
      this.#fade();
    }
    expectAddedUp(this.root);
  }

  /** Nobody keeps more than its line: what is above it is in the pot above. */
  #fade(): void {
    this.#deepestFirst ??= this.nodes.toReversed();
    for (const node of this.#deepestFirst) this.#cutToLine(node);
  }

  /** The same on the way up from a node: nothing has changed beside it. */
  fadeFrom(node: SeatNode): void {
    for (const one of pathOf(node)) this.#cutToLine(one);
  }

  #cutToLine(node: SeatNode): void {
    if (node.own === 0n || node.parent === undefined) return;
    const leaves = smallest(node.held - this.keeps(node), node.own);
    if (leaves > 0n) lift(node, leaves);
  }

  /** What a node may keep at this tick: ceil(P (N - k) / N), and what is not used of its guarantee. */
  keeps(node: SeatNode): bigint {
    const faded = ceilOf(node.line * this.#left, this.#ticks);
    const promised = this.#promised.get(node) ?? 0n;
    return promised === 0n ? faded : largest(faded, promised - node.used);
  }

  get #ticks(): bigint {
    return BigInt(this.#sharing.ticks);
  }

  get #left(): bigint {
    return BigInt(this.#sharing.ticks - this.tick);
  }

  /** 1.4, 1.6: what gives, near to far, and whether each node on the way may take so much out of the pot above it. */
  ask(leaf: SeatNode, amount: bigint): Verdict {
    const way = pathOf(leaf);
    const { taken, missing } = takenFrom(way, amount);
    if (missing > 0n) return { kind: "reserved_for_others" };
    const given = way.map(({ id }, place) => ({ node: id, credits: taken[place] ?? 0n }));
    if (amount <= leaf.own) return { kind: "given", given: given.slice(0, 1) };
    // V, from the root down (1.6).
    let open = this.root.own - (taken.at(-1) ?? 0n);
    for (let place = way.length - 2; place >= 0; place -= 1) {
      const child = way[place];
      if (child === undefined) break;
      const x = child.used + amount - child.share;
      const slope = BigInt(this.#sharing.reach) * child.reach * child.weight * this.#ticks;
      const cost = 1_000_000_000n * this.#left;
      // Out of this pot, or through it out of one above.
      const fromPots = sum(taken.slice(place + 1));
      if (fromPots > 0n && x > 0n && x * cost > slope * open) return { kind: "borrow_limit" };
      const room = floorOf(slope * open - cost * x, cost + slope);
      open = child.own - (taken[place] ?? 0n) + smallest(largest(room, 0n), open);
    }
    return { kind: "given", given };
  }

  /** The most that passes now; what passes, passes in smaller amounts. */
  most(leaf: SeatNode): bigint {
    let low = 0n;
    let high = sum(pathOf(leaf).map(({ own }) => own));
    while (low < high) {
      const middle = (low + high + 1n) / 2n;
      if (this.ask(leaf, middle).kind === "given") low = middle;
      else high = middle - 1n;
    }
    return low;
  }

  /** Carries a draw out; what usage takes beyond all that is open to it, the pool loses (RULES 1). */
  take(leaf: SeatNode, given: readonly Given[], others = 0n): void {
    for (const { node, credits } of given) this.#put(node, -credits);
    this.use(leaf, sum(given.map(({ credits }) => credits)) + others);
    this.lose(others);
  }

  /** Use of a leaf, and of all above it. */
  use(leaf: SeatNode, credits: bigint): void {
    for (const node of pathOf(leaf)) node.used += credits;
  }

  /** What a call gives back: to pots, to its own reserve as far as its line goes, and from there to the pot above (1.5). */
  giveBack(leaf: SeatNode, back: readonly Given[], { used }: { readonly used: bigint }): void {
    this.use(leaf, -used);
    for (const { node, credits } of back)
      if (node !== leaf.id) this.#put(node, credits);
      else {
        const room = leaf.isPresent ? largest(this.keeps(leaf) - leaf.own, 0n) : 0n;
        const own = smallest(credits, room);
        put(leaf, own);
        if (leaf.parent !== undefined) put(leaf.parent, credits - own);
      }
    this.fadeFrom(leaf);
  }

  #put(id: string, credits: bigint): void {
    const node = this.find(id);
    if (node !== undefined) put(node, credits);
  }

  /** Credits that come in as they are are the workspace's. */
  gain(credits: bigint): void {
    put(this.root, credits);
  }

  /** Credits that outlast the period are shared by weight (1.5). */
  topUp(credits: bigint): void {
    put(this.root, credits);
    this.#shareOut(this.root, credits);
    this.#fade();
  }

  #shareOut(node: SeatNode, credits: bigint): void {
    const present = node.children.filter(({ isPresent }) => isPresent);
    const weights = sum(present.map(({ weight }) => weight));
    if (weights === 0n) return;
    for (const child of present) {
      const share = (credits * child.weight) / weights;
      const reserved = (BigInt(this.#sharing.reserve) * share) / 1_000n;
      child.share += share;
      child.line += this.#lineFor(reserved);
      lift(child, -reserved);
      this.#shareOut(child, share);
    }
  }

  /** On which line so much is reserved now: ceil(R N / (N - k)). */
  #lineFor(reserved: bigint): bigint {
    return ceilOf(reserved * this.#ticks, this.#left);
  }

  /** Somebody comes: its share is of the workspace's pot alone, and what was bought with its seat is its own (1.5, RULES 18). */
  join(plan: SeatPlan, { own, waiting } = { own: 0n, waiting: 0n }): SeatNode {
    const { root } = this;
    const present = root.children.filter(({ isPresent }) => isPresent);
    const weights = sum(present.map(({ weight }) => weight)) + plan.weight;
    const open = largest(root.own - own - waiting, 0n);
    const share = (open * plan.weight) / weights + own;
    const parent = this.find(plan.parent) ?? this.#newGroup(plan.parent);
    const node = nodeOf(plan, parent);
    this.#hang(node, parent);
    node.share = share;
    node.line = this.#lineFor(share);
    put(node, share);
    put(root, -share);
    this.#enter(node);
    // Its group may be guaranteed more than it would keep by its line.
    this.fadeFrom(node);
    return node;
  }

  #newGroup(id: string): SeatNode {
    const group = nodeOf({ id, weight: 0n, guarantee: 0n, reach: 1_000n }, this.root);
    this.#hang(group, this.root);
    return group;
  }

  /** Who was there before keeps share and use, and nothing is reserved for it (RULES 32). */
  comeBack(node: SeatNode): void {
    node.isPresent = true;
    this.#enter(node);
  }

  #enter(node: SeatNode): void {
    for (const group of groupsAbove(node)) {
      group.weight += node.weight;
      group.share += node.share;
      group.line += node.line;
    }
  }

  /** Who leaves reserves nothing any more; what it used stays (1.5). */
  leave(node: SeatNode): void {
    const { parent } = node;
    if (!node.isPresent || parent === undefined) return;
    put(parent, node.held);
    for (const group of groupsAbove(node)) {
      group.weight -= node.weight;
      group.share -= node.share;
      group.line -= node.line;
      if (group.weight === 0n) this.#empty(group);
    }
    for (const one of withBelow(node)) {
      put(one, -one.own);
      one.line = 0n;
    }
    node.isPresent = false;
    this.fadeFrom(parent);
  }

  /** A group that nobody is in has nothing to keep for anybody. */
  #empty(group: SeatNode): void {
    group.line = 0n;
    this.#promised.delete(group);
  }

  /** Reserved credits of one become another's, with as much of the share; the two may have nodes above them in common. */
  gift(from: SeatNode, to: SeatNode, credits: bigint): void {
    const givers = pathOf(from);
    const takers = pathOf(to);
    const line = this.#lineFor(credits);
    put(from, -credits);
    put(to, credits);
    for (const node of givers)
      if (!takers.includes(node)) node.share = largest(node.share - credits, 0n);
    for (const node of takers)
      if (!givers.includes(node)) {
        node.share += credits;
        node.line += line;
        // Above its line is who has a guarantee: the gift is reserved all the same.
        const isPromised = (this.#promised.get(node) ?? 0n) > 0n;
        if (isPromised && this.keeps(node) < node.held) node.line = this.#lineFor(node.held);
      }
    this.fadeFrom(from);
    this.fadeFrom(to);
  }

  /** What the pool loses leaves the workspace's pot, then reserves in proportion (RULES 29). */
  lose(credits: bigint): void {
    const { root } = this;
    const fromPot = smallest(credits, root.own);
    put(root, -fromPot);
    this.#cut(root, credits - fromPot);
  }

  /** From what the children of a node have, in proportion (R3); of each its pot gives first. */
  #cut(node: SeatNode, credits: bigint): void {
    if (credits === 0n) return;
    const children = node.children.toSorted(byId);
    const parts = splitBy(
      credits,
      children.map(({ held }) => held),
    );
    for (const [index, child] of children.entries()) {
      const part = parts[index] ?? 0n;
      const fromPot = smallest(part, child.own);
      put(child, -fromPot);
      this.#cut(child, part - fromPot);
    }
  }
}
