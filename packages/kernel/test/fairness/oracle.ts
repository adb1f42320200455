/**
 * The policy once more, written from its description (FAIRNESS 1, RULES 29 to 33) and from nothing of the kernel: plain nodes,
 * plain loops, one tick after the other, nothing kept that can be added up.
 */

/** One node of the tree: a member (or key, or agent) at its end, a group or the workspace above. */
export interface Node {
  readonly id: string;
  readonly parent: Node | undefined;
  readonly children: Node[];
  /** Thousandths of a seat. */
  weight: bigint;
  guarantee: bigint;
  /** E: the fair share. */
  share: bigint;
  /** P: the top of the line that fades. */
  line: bigint;
  /** Of a leaf what is reserved for it (R), of an inner node what is in its pot (F). */
  own: bigint;
  /** u: used, with open holds; of an inner node what all below it used, also those who left. */
  used: bigint;
  isPresent: boolean;
}

/** gamma and kappa, in thousandths. */
export interface Knobs {
  readonly reserve: bigint;
  readonly reach: bigint;
}

/** What somebody wants to be in the tree. */
export interface Place {
  readonly id: string;
  readonly parent: string;
  readonly weight: bigint;
  readonly guarantee?: bigint;
}

export type Verdict =
  | { readonly kind: "admitted"; readonly drawn: readonly Drawn[] }
  | { readonly kind: "refused"; readonly code: "pool_exhausted" | "reserved" | "borrow" };

/** What one node gave for a request, from near to far. */
export interface Drawn {
  readonly node: string;
  credits: bigint;
}

const thousand = 1_000n;
const million = 1_000_000n;

/** One period of one workspace. */
export class Shares {
  readonly root: Node;
  readonly ticks: bigint;
  readonly knobs: Knobs;
  tick = 0n;

  constructor({ budget, ticks, knobs }: { budget: bigint; ticks: bigint; knobs: Knobs }) {
    this.ticks = ticks;
    this.knobs = knobs;
    this.root = nodeOf({ id: "workspace", weight: 0n }, undefined);
    this.root.share = budget;
    this.root.own = budget;
  }

  /** The period opens with these: parents stand before their children. */
  open(places: readonly Place[]): void {
    for (const place of places) {
      const parent = this.node(place.parent);
      parent.children.push(nodeOf(place, parent));
    }
    this.#divide(this.root);
  }

  node(id: string): Node {
    const found = this.all().find((node) => node.id === id);
    if (found === undefined) throw new Error(`The oracle has no node ${id}`);
    return found;
  }

  /** All nodes, parents first. */
  all(from: Node = this.root): Node[] {
    return [from, ...from.children.flatMap((child) => this.all(child))];
  }

  /** From the leaf up to the workspace. */
  path(id: string): Node[] {
    const up: Node[] = [];
    for (let node: Node | undefined = this.node(id); node !== undefined; node = node.parent)
      up.push(node);
    return up;
  }

  /** What is available: all reserves and pots (RULES 29). */
  available(): bigint {
    return this.all().reduce((sum, node) => sum + node.own, 0n);
  }

  /** Section 1.3: one tick after the other, the deepest nodes first. */
  passTo(tick: bigint): void {
    while (this.tick < tick) {
      this.tick += 1n;
      for (const node of this.all().toReversed()) this.#fade(node);
    }
  }

  /** Sections 1.4 and 1.6, without doing it. */
  ask(id: string, amount: bigint): Verdict {
    const path = this.path(id);
    if (amount > this.available()) return { kind: "refused", code: "pool_exhausted" };
    let missing = amount;
    const drawn = path.map((node) => {
      const takes = smaller(node.own, missing);
      missing -= takes;
      return { node: node.id, credits: takes };
    });
    if (missing > 0n) return { kind: "refused", code: "reserved" };
    // From the workspace down: what stands open to each node (V), and whether the child below may have what is taken there.
    const down = path.toReversed();
    const taken = drawn.toReversed();
    let open = this.root.own - (taken[0]?.credits ?? 0n);
    for (const [depth, child] of down.entries()) {
      if (depth === 0) continue;
      const above = child.used + amount - child.share;
      const slope = this.knobs.reach * child.weight * this.ticks;
      const left = million * (this.ticks - this.tick);
      const isTaken = (taken[depth - 1]?.credits ?? 0n) > 0n;
      if (isTaken && above > 0n && above * left > slope * open)
        return { kind: "refused", code: "borrow" };
      const room = floorDivide(slope * open - left * above, left + slope);
      open = child.own - (taken[depth]?.credits ?? 0n) + clamp(room, 0n, open);
    }
    return { kind: "admitted", drawn: drawn.filter(({ credits }) => credits > 0n) };
  }

  /** Does what `ask` admitted. */
  take(id: string, amount: bigint, drawn: readonly Drawn[]): void {
    for (const one of drawn) this.node(one.node).own -= one.credits;
    for (const node of this.path(id)) node.used += amount;
  }

  /** The largest amount that would be admitted now, by trying: the test is monotone in the amount. */
  most(id: string): bigint {
    let low = 0n;
    let high = this.available();
    while (low < high) {
      const middle = (low + high + 1n) / 2n;
      if (this.ask(id, middle).kind === "admitted") low = middle;
      else high = middle - 1n;
    }
    return low;
  }

  /** E and P below a node, from its own (section 1.2); what the children's lines leave stays in its pot. */
  #divide(node: Node): void {
    if (node.children.length === 0) return;
    const { children } = node;
    const reserved = sumOf(children, (child) => child.guarantee);
    const weights = sumOf(children, (child) => child.weight);
    for (const child of children) {
      const shared = weights === 0n ? 0n : ((node.share - reserved) * child.weight) / weights;
      child.share = child.guarantee + shared;
      child.line = larger(child.guarantee, (this.knobs.reserve * child.share) / thousand);
      child.own = child.line;
      node.own -= child.line;
    }
    for (const child of children) this.#divide(child);
  }

  #fade(node: Node): void {
    if (node.parent === undefined) return;
    const excess = this.reserved(node) - this.keeps(node);
    const leaves = smaller(excess, node.own);
    if (leaves <= 0n) return;
    node.own -= leaves;
    node.parent.own += leaves;
  }

  /** What a node may keep at this tick. */
  keeps(node: Node): bigint {
    const faded = ceilingDivide(node.line * (this.ticks - this.tick), this.ticks);
    return larger(faded, node.guarantee - node.used);
  }

  /** What is reserved for a node: its own, and all below it. */
  reserved(node: Node): bigint {
    return this.all(node).reduce((sum, one) => sum + one.own, 0n);
  }
}

function nodeOf(
  { id, weight, guarantee = 0n }: { id: string; weight: bigint; guarantee?: bigint },
  parent: Node | undefined,
): Node {
  return {
    id,
    parent,
    children: [],
    weight,
    guarantee,
    share: 0n,
    line: 0n,
    own: 0n,
    used: 0n,
    isPresent: true,
  };
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const clamp = (value: bigint, low: bigint, high: bigint): bigint =>
  smaller(larger(value, low), high);
const sumOf = <T>(list: readonly T[], of: (one: T) => bigint): bigint =>
  list.reduce((sum, one) => sum + of(one), 0n);

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n ? quotient - 1n : quotient;
}

const ceilingDivide = (a: bigint, b: bigint): bigint => -floorDivide(-a, b);
