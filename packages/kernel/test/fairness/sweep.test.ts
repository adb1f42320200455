/** What stands at a tick, told at once, is what a plain sweep of the whole tree comes to, tick by tick (RULES 31). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fadingReserves } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";

const { Standing, rootId } = fadingReserves;
type ShareNode = fadingReserves.ShareNode;
const ticks = 24;

/** A tree of three levels: what each node has, as a plain table. */
interface Plain {
  readonly id: string;
  readonly parent: string;
  readonly isLeaf: boolean;
  readonly line: bigint;
  readonly guarantee: bigint;
  /** Of a leaf its reserve, of an inner node its pot. */
  has: bigint;
}

const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 60n }),
  fc.bigInt({ min: 0n, max: 10n ** 18n }),
  fc.constant(2n ** 52n),
);
const leaf = fc.record({
  line: amount,
  part: fc.nat(100),
  guarantee: fc.oneof(fc.constant(0n), amount),
});
const group = fc.record({
  line: amount,
  pot: amount,
  guarantee: fc.oneof(fc.constant(0n), amount),
  leaves: fc.array(leaf, { maxLength: 4 }),
});
const tree = fc.record({
  leaves: fc.array(leaf, { maxLength: 4 }),
  groups: fc.array(fc.record({ of: group, below: fc.array(group, { maxLength: 2 }) }), {
    maxLength: 3,
  }),
});

type Leaf = typeof leaf extends fc.Arbitrary<infer T> ? T : never;
type Group = typeof group extends fc.Arbitrary<infer T> ? T : never;

/** Children before their parents. */
function plainOf({
  leaves,
  groups,
}: {
  leaves: readonly Leaf[];
  groups: readonly { of: Group; below: readonly Group[] }[];
}): Plain[] {
  const nodes: Plain[] = [];
  const addLeaves = (parent: string, all: readonly Leaf[]): void => {
    for (const [index, { line, part, guarantee }] of all.entries())
      nodes.push({
        id: `${parent}.${index}`,
        parent,
        isLeaf: true,
        line,
        guarantee,
        has: (line * BigInt(part)) / 100n,
      });
  };
  const addGroup = (
    id: string,
    parent: string,
    { line, pot, guarantee, leaves: all }: Group,
  ): void => {
    addLeaves(id, all);
    nodes.push({ id, parent, isLeaf: false, line, guarantee, has: pot });
  };
  for (const [index, { of, below }] of groups.entries()) {
    for (const [inner, one] of below.entries()) addGroup(`g${index}i${inner}`, `g${index}`, one);
    addGroup(`g${index}`, rootId, of);
  }
  addLeaves(rootId, leaves);
  return nodes;
}

/** What a node and all below it have. */
const allOf = (nodes: readonly Plain[], id: string): bigint =>
  nodes.reduce(
    (sum, one) => (one.parent === id ? sum + allOf(nodes, one.id) : sum),
    nodes.find((one) => one.id === id)?.has ?? 0n,
  );

/** One step of FAIRNESS 1.3 and 1.6: what is above its line leaves for the pot above. */
function sweep(nodes: readonly Plain[], tick: number): void {
  for (const node of nodes) {
    const fading = (node.line * BigInt(ticks - tick) + BigInt(ticks - 1)) / BigInt(ticks);
    const keep = fading > node.guarantee ? fading : node.guarantee;
    const surplus = allOf(nodes, node.id) - keep;
    const out = surplus <= 0n ? 0n : surplus < node.has ? surplus : node.has;
    node.has -= out;
    const above = nodes.find((one) => one.id === node.parent);
    if (above !== undefined) above.has += out;
  }
}

const rowOf = (
  nodes: readonly Plain[],
  { id, parent, isLeaf, line, guarantee }: Plain,
): ShareNode => ({
  id,
  parent,
  isLeaf,
  line,
  guarantee,
  weight: 1_000n,
  reach: 1_000,
  share: line,
  reserved: allOf(nodes, id),
  used: 0n,
  given: 0n,
  spent: 0n,
  isPresent: true,
});

test("what fades is told at once as tick by tick, also where it leaves groups in groups", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  fc.assert(
    fc.property(tree, fc.nat(ticks - 1), fc.nat(ticks - 1), (grown, a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const nodes = plainOf(grown);
      const rows = new Map(nodes.map((node) => [node.id, rowOf(nodes, node)]));
      const standing = new Standing(rows);
      for (let tick = from; tick <= to; tick += 1) sweep(nodes, tick);
      standing.moveTo(to, ticks);
      for (const node of nodes) {
        const row = rows.get(node.id);
        assert(row !== undefined);
        assert.equal(standing.valueOf(row), allOf(nodes, node.id), node.id);
      }
    }),
    { seed, numRuns: runs(1_500) },
  );
});
