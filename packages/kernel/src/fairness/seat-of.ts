import { type ShareNode, guestsId } from "./node.ts";
import { memberNode, ownNode } from "./places.ts";
import type { FairnessSlice } from "./slice.ts";

interface Nodes {
  get(id: string): ShareNode | undefined;
}

/** The leaf that a member spends on: its own, else that of the nearest sponsor that has one, else the guests'; undefined where that is not there. */
export function seatOf(
  nodes: Nodes,
  { member, sponsors }: { readonly member: string; readonly sponsors: readonly string[] },
  ids: FairnessSlice["nodeIds"],
): ShareNode | undefined {
  const own = leafAt(nodes, ids, member);
  if (own !== undefined) return own;
  for (const sponsor of sponsors) {
    const leaf = leafAt(nodes, ids, sponsor);
    if (leaf !== undefined) return leaf;
  }
  return nodes.get(guestsId);
}

function leafAt(
  nodes: Nodes,
  ids: FairnessSlice["nodeIds"],
  member: string,
): ShareNode | undefined {
  const known = ids.get(member);
  const node = nodes.get(known ?? memberNode(member));
  if (node === undefined) return undefined;
  if (known === undefined) ids.set(member, node.id);
  if (!node.isPresent) return undefined;
  return node.isLeaf ? node : nodes.get(ownNode(member));
}
