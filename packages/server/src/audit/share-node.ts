/** Owns the words of the auditor's tree of shares (FAIRNESS 1.1, 1.2, 1.6), and how its nodes hang together. */
import { expectEqual } from "./fault.ts";
import { largest, smallest, sum } from "./splits.ts";

/** The rules' words for one node: E, P, u, G, w. Credits in micro-credits. */
export interface SeatNode {
  readonly id: string;
  readonly parent: SeatNode | undefined;
  readonly children: SeatNode[];
  /** Thousandths of a seat. */
  weight: bigint;
  /** Thousandths of the workspace's reach. */
  reach: bigint;
  /** What was asked for; what is in force may be less. */
  readonly guarantee: bigint;
  /** E. */
  share: bigint;
  /** P. */
  line: bigint;
  /** Of a leaf what is reserved for it (R), of an inner node what is in its pot (F). */
  own: bigint;
  /** Its own and all below it: a running sum, changed by `put` and `lift` alone, and added up again at each tick. */
  held: bigint;
  /** u. */
  used: bigint;
  isPresent: boolean;
}

/** Who is to have a seat, and where. */
export interface SeatPlan {
  readonly id: string;
  readonly parent: string;
  readonly weight: bigint;
  readonly guarantee: bigint;
  readonly reach: bigint;
}

/** A node of which nothing is reserved yet. */
export function nodeOf(plan: Omit<SeatPlan, "parent">, parent: SeatNode | undefined): SeatNode {
  const empty = { share: 0n, line: 0n, own: 0n, held: 0n, used: 0n, isPresent: true };
  return { ...plan, ...empty, parent, children: [] };
}

/** A node and all below it, parents first. */
export const withBelow = (node: SeatNode): SeatNode[] => [
  node,
  ...node.children.flatMap(withBelow),
];

/** What is reserved for a node, added up: its own, and all below it. */
export const reservedFor = (node: SeatNode): bigint =>
  node.children.reduce((total, child) => total + reservedFor(child), node.own);

/** Credits that come to a node from outside of the tree, or leave it. */
export function put(node: SeatNode, credits: bigint): void {
  node.own += credits;
  for (let at: SeatNode | undefined = node; at !== undefined; at = at.parent) at.held += credits;
}

/** Credits that go from a node into the pot above it. */
export function lift(node: SeatNode, credits: bigint): void {
  if (node.parent === undefined) return;
  node.own -= credits;
  node.held -= credits;
  node.parent.own += credits;
}

/** From a leaf to the workspace. */
export const pathOf = (node: SeatNode): readonly SeatNode[] =>
  node.parent === undefined ? [node] : [node, ...pathOf(node.parent)];

/** Groups that weigh by a node: a seat weighs the same whoever acts for it. */
export const groupsAbove = ({ parent }: SeatNode): readonly SeatNode[] =>
  parent?.id.startsWith("group:") === true ? [parent] : [];

/** What an amount takes of each node of a way, near to far, and what is missing. */
export function takenFrom(
  way: readonly SeatNode[],
  amount: bigint,
): { readonly taken: readonly bigint[]; readonly missing: bigint } {
  let missing = amount;
  const taken = way.map(({ own }) => {
    const part = smallest(own, missing);
    missing -= part;
    return part;
  });
  return { taken, missing };
}

/** The order in which nodes are laid out and cut. */
export const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : 1;

/** A node guarantees what is guaranteed below it. */
export const guaranteeOf = (node: SeatNode): bigint =>
  largest(node.guarantee, sum(node.children.map(guaranteeOf)));

/** Plans by what they hang below. */
export function childrenIn(plans: readonly SeatPlan[]): ReadonlyMap<string, readonly SeatPlan[]> {
  const below = new Map<string, SeatPlan[]>();
  for (const plan of plans) {
    const siblings = below.get(plan.parent);
    if (siblings === undefined) below.set(plan.parent, [plan]);
    else siblings.push(plan);
  }
  return below;
}

/** The running sums of a tree of which all own is known. */
export function addUp(node: SeatNode): bigint {
  node.held = node.children.reduce((total, child) => total + addUp(child), node.own);
  return node.held;
}

/** Nothing is lost between a node and what is below it. */
export function expectAddedUp(node: SeatNode): bigint {
  const all = node.children.reduce((total, child) => total + expectAddedUp(child), node.own);
  expectEqual(node.held, all, `Q3 what ${node.id} has is its own and all below it`);
  return all;
}
