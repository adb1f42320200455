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
  /** Thousandths of the workspace's reach. */
  reach: bigint;
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
  readonly reach?: bigint;
  readonly guarantee?: bigint;
}

export type Asked =
  | { readonly kind: "admitted"; readonly drawn: readonly Drawn[] }
  | { readonly kind: "refused"; readonly code: "reserved_for_others" | "borrow_limit" };

/** What one node gave for a request: the member's own reserve, then pots from near to far. */
export interface Drawn {
  readonly node: string;
  readonly credits: bigint;
}

const thousand = 1_000n;
/** A thousandth of the reach, of the member's reach, and of a seat. */
const billion = thousand * thousand * thousand;

/** One period of one workspace. */
export class Shares {
  readonly root: Node = nodeOf({ id: "workspace", parent: "", weight: 0n }, undefined);
  readonly ticks: bigint;
  readonly knobs: Knobs;
  tick = 0n;

  constructor({ budget, ticks, knobs }: { budget: bigint; ticks: bigint; knobs: Knobs }) {
    this.ticks = ticks;
    this.knobs = knobs;
    this.root.share = budget;
    this.root.own = budget;
  }

  /** The period opens with these: parents stand before their children. */
  open(places: readonly Place[]): void {
    for (const place of places) this.#put(place);
    this.#divide(this.root, this.root.share);
  }

  find(id: string): Node | undefined {
    return this.all().find((node) => node.id === id);
  }

  node(id: string): Node {
    const found = this.find(id);
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
    return this.reserved(this.root);
  }

  /** What is reserved for a node: its own, and all below it. */
  reserved(node: Node): bigint {
    return sumOf(this.all(node), (one) => one.own);
  }

  /** Section 1.3: one tick after the other. */
  passTo(tick: bigint): void {
    while (this.tick < tick) {
      this.tick += 1n;
      this.fade();
    }
  }

  /** What stands above a line leaves upward, the deepest nodes first; gives what stays reserved. */
  fade(node: Node = this.root): bigint {
    const below = sumOf(node.children, (child) => this.fade(child));
    if (node.parent === undefined) return below;
    const leaves = larger(smaller(below + node.own - this.keeps(node), node.own), 0n);
    node.own -= leaves;
    node.parent.own += leaves;
    return below + node.own;
  }

  /** What a node may keep at this tick. */
  keeps(node: Node): bigint {
    const faded = ceilingDivide(node.line * (this.ticks - this.tick), this.ticks);
    return larger(faded, node.guarantee === 0n ? 0n : node.guarantee - node.used);
  }

  /** Sections 1.4 and 1.6, without doing it. */
  ask(id: string, amount: bigint): Asked {
    const path = this.path(id);
    const { drawn, missing } = this.#fromNearToFar(path, amount);
    if (missing > 0n) return { kind: "refused", code: "reserved_for_others" };
    // From the workspace down: what stands open to each node (V), and whether the child below may have what is taken there.
    let open = this.root.own - (drawn.at(-1)?.credits ?? 0n);
    let comesFromAbove = false;
    for (let place = path.length - 2; place >= 0; place -= 1) {
      const child = path[place];
      if (child === undefined) break;
      const above = child.used + amount - child.share;
      const grows = this.knobs.reach * child.reach * child.weight * this.ticks;
      const shrinks = billion * (this.ticks - this.tick);
      if ((drawn[place + 1]?.credits ?? 0n) > 0n) comesFromAbove = true;
      if (comesFromAbove && above > 0n && above * shrinks > grows * open)
        return { kind: "refused", code: "borrow_limit" };
      const room = floorDivide(grows * open - shrinks * above, shrinks + grows);
      open = child.own - (drawn[place]?.credits ?? 0n) + smaller(larger(room, 0n), open);
    }
    return { kind: "admitted", drawn };
  }

  #fromNearToFar(
    path: readonly Node[],
    amount: bigint,
  ): { drawn: readonly Drawn[]; missing: bigint } {
    let missing = amount;
    const drawn = path.map((node) => {
      const credits = smaller(node.own, missing);
      missing -= credits;
      return { node: node.id, credits };
    });
    return { drawn, missing };
  }

  /** Does what `ask` admitted. */
  take(id: string, drawn: readonly Drawn[]): void {
    for (const one of drawn) this.node(one.node).own -= one.credits;
    this.use(
      id,
      sumOf(drawn, (one) => one.credits),
    );
  }

  /** RULES 1: own reserve, pots near to far, then what all others have, in proportion. What is taken of others is left out of what is told. */
  consume(id: string, amount: bigint): readonly Drawn[] {
    const { drawn, missing } = this.#fromNearToFar(this.path(id), amount);
    for (const one of drawn) this.node(one.node).own -= one.credits;
    this.use(id, amount);
    this.lose(missing);
    return drawn;
  }

  /** The largest amount that would be admitted now, by trying halves: what passes, passes in smaller amounts. */
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

  /** The first later tick at which so much passes if nobody spends, tried one by one. */
  earliest(id: string, amount: bigint): bigint | undefined {
    const later = this.copy();
    while (later.tick < later.ticks - 1n) {
      later.passTo(later.tick + 1n);
      if (later.ask(id, amount).kind === "admitted") return later.tick;
    }
    return undefined;
  }

  /** Credits of a call that return: pots get theirs, and the reserve what fits under its line (section 1.5). */
  giveBack(id: string, parts: readonly Drawn[], unused: bigint): void {
    this.use(id, -unused);
    const leaf = this.node(id);
    for (const { node, credits } of parts) {
      if (node !== id) {
        this.node(node).own += credits;
        continue;
      }
      const room = leaf.isPresent ? larger(this.keeps(leaf) - leaf.own, 0n) : 0n;
      const fits = smaller(credits, room);
      leaf.own += fits;
      (leaf.parent ?? this.root).own += credits - fits;
    }
    this.fade();
  }

  gain(amount: bigint): void {
    this.root.own += amount;
  }

  /** RULES 29: the pot, then all reserves in proportion (R3, ties by id); a group's pot gives before its members do. */
  lose(amount: bigint): void {
    this.#loseFrom(this.root, amount);
    this.fade();
  }

  #loseFrom(node: Node, amount: bigint): void {
    const fromPot = smaller(node.own, amount);
    node.own -= fromPot;
    const rest = amount - fromPot;
    if (rest === 0n) return;
    const children = inOrder(node.children.filter((child) => this.reserved(child) > 0n));
    const parts = proportional(
      rest,
      children.map((child) => this.reserved(child)),
    );
    for (const [index, child] of children.entries()) this.#loseFrom(child, parts[index] ?? 0n);
  }

  /** Section 1.5: each has its part of it, of which the reserve of the period is reserved now, and nothing at the end. */
  topUp(amount: bigint): void {
    this.root.own += amount;
    this.#topUpBelow(this.root, amount);
    this.fade();
  }

  #topUpBelow(node: Node, amount: bigint): void {
    const present = node.children.filter((child) => child.isPresent);
    const weights = sumOf(present, (child) => child.weight);
    for (const child of present) {
      const share = weights === 0n ? 0n : (amount * child.weight) / weights;
      const reserved = (this.knobs.reserve * share) / thousand;
      child.share += share;
      child.line += this.#lineFor(reserved);
      child.own += reserved;
      node.own -= reserved;
      this.#topUpBelow(child, share);
    }
  }

  /** Section 1.5: a part of the workspace's pot, by weight. */
  join(place: Place): void {
    const weights = sumOf(
      this.root.children.filter((child) => child.isPresent),
      (child) => child.weight,
    );
    const share = (this.root.own * place.weight) / (weights + place.weight);
    if (this.find(place.parent) === undefined)
      this.#put({ id: place.parent, parent: this.root.id, weight: 0n });
    const node = this.#put(place);
    node.share = share;
    node.line = this.#lineFor(share);
    node.own = share;
    this.root.own -= share;
    this.#count(node, 1n);
    this.fade();
  }

  /** RULES 32: the share and the use of before, and nothing reserved. */
  comeBack(id: string): void {
    const node = this.node(id);
    node.isPresent = true;
    node.line = 0n;
    this.#count(node, 1n);
  }

  /** What was reserved is in the pot above; weight and share leave, and what was used stays. */
  leave(id: string): void {
    const node = this.node(id);
    const freed = this.reserved(node);
    this.#count(node, -1n);
    for (const one of this.all(node)) {
      one.own = 0n;
      one.line = 0n;
    }
    node.isPresent = false;
    const above = node.parent ?? this.root;
    above.own += freed;
    // A group without anybody guarantees nothing, and keeps nothing.
    if (above.id.startsWith("group:") && above.weight === 0n) {
      above.guarantee = 0n;
      above.line = 0n;
    }
    this.fade();
  }

  /** Groups weigh and share what those in them do; a seat weighs the same whoever acts for it. */
  #count({ parent, weight, share, line }: Node, sign: bigint): void {
    for (let above = parent; above?.parent !== undefined; above = above.parent) {
      if (above.id.startsWith("member:")) return;
      above.weight += sign * weight;
      above.share += sign * share;
      above.line += sign * line;
    }
  }

  /** Reserved credits, and as much of the share, become another's. */
  gift(from: string, to: string, amount: bigint): void {
    const [givers, takers] = [this.path(from), this.path(to)];
    for (const node of givers.filter((one) => !takers.includes(one)))
      node.share = larger(node.share - amount, 0n);
    for (const node of takers.filter((one) => !givers.includes(one))) {
      node.share += amount;
      node.line += this.#lineFor(amount);
    }
    this.node(from).own -= amount;
    this.node(to).own += amount;
    // Above its line is who has a guarantee: what it was given is reserved all the same.
    for (const node of takers.filter((one) => !givers.includes(one))) {
      const reserved = this.reserved(node);
      if (node.guarantee > 0n && this.keeps(node) < reserved) node.line = this.#lineFor(reserved);
    }
    this.fade();
  }

  copy(): Shares {
    const other = new Shares({ budget: 0n, ticks: this.ticks, knobs: this.knobs });
    other.tick = this.tick;
    const put = (from: Node, to: Node): void => {
      const { id, weight, reach, guarantee, share, line, own, used, isPresent } = from;
      Object.assign(to, { weight, reach, guarantee, share, line, own, used, isPresent });
      for (const child of from.children)
        put(child, other.#put({ id: child.id, parent: id, weight: child.weight }));
    };
    put(this.root, other.root);
    return other;
  }

  #put(place: Place): Node {
    const parent = this.node(place.parent);
    const node = nodeOf(place, parent);
    parent.children.push(node);
    return node;
  }

  /** Use is counted all the way up, wherever its credits come from. */
  use(id: string, amount: bigint): void {
    for (const node of this.path(id)) node.used += amount;
  }

  /** The top of a line on which so much is reserved now. */
  #lineFor(reserved: bigint): bigint {
    return ceilingDivide(reserved * this.ticks, this.ticks - this.tick);
  }

  /**
   * E and P below a node (section 1.2). Guarantees of its children together fit what is reserved there, else they are scaled; a
   * node reserves no less than its children do, and the rest of that is its pot. Gives what the children reserve.
   */
  #divide(node: Node, guaranteedMost: bigint): bigint {
    const children = inOrder(node.children);
    const asked = children.map((child) => this.#guaranteeOf(child));
    const isTooMuch = sumOf(asked, (one) => one) > guaranteedMost;
    const guarantees = isTooMuch ? proportional(guaranteedMost, asked) : asked;
    const shared = node.share - sumOf(guarantees, (one) => one);
    const weights = sumOf(children, (child) => child.weight);
    for (const [index, child] of children.entries()) {
      child.guarantee = guarantees[index] ?? 0n;
      child.share = child.guarantee + (weights === 0n ? 0n : (shared * child.weight) / weights);
      const own = larger(child.guarantee, (this.knobs.reserve * child.share) / thousand);
      child.line = larger(own, this.#divide(child, own));
      const below = sumOf(child.children, (one) => one.line);
      child.own = child.line - below;
    }
    const lines = sumOf(children, (child) => child.line);
    if (node === this.root) node.own = node.share - lines;
    return lines;
  }

  #guaranteeOf(node: Node): bigint {
    if (node.children.length === 0) return node.guarantee;
    return larger(
      node.guarantee,
      sumOf(node.children, (child) => this.#guaranteeOf(child)),
    );
  }
}

function nodeOf(
  { id, weight, reach = thousand, guarantee = 0n }: Place,
  parent: Node | undefined,
): Node {
  return {
    id,
    parent,
    children: [],
    weight,
    reach,
    guarantee,
    share: 0n,
    line: 0n,
    own: 0n,
    used: 0n,
    isPresent: true,
  };
}

/** R3: floors, then one more to those with the largest remainders, the first among equals. */
export function proportional(whole: bigint, weights: readonly bigint[]): bigint[] {
  const total = sumOf(weights, (weight) => weight);
  if (total === 0n) return weights.map(() => 0n);
  const parts = weights.map((weight) => (whole * weight) / total);
  let left = whole - sumOf(parts, (part) => part);
  const taken = new Set<number>();
  while (left > 0n) {
    let best = -1;
    let most = -1n;
    for (const [index, weight] of weights.entries()) {
      const remainder = (whole * weight) % total;
      if (taken.has(index) || remainder <= most) continue;
      best = index;
      most = remainder;
    }
    taken.add(best);
    parts[best] = (parts[best] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts;
}

const inOrder = (nodes: readonly Node[]): Node[] =>
  nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const sumOf = <T>(list: readonly T[], of: (one: T) => bigint): bigint =>
  list.reduce((sum, one) => sum + of(one), 0n);

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n ? quotient - 1n : quotient;
}

const ceilingDivide = (a: bigint, b: bigint): bigint => -floorDivide(-a, b);
