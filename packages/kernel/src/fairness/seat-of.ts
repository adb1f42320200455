import { type ShareNode, guestsId } from "./node.ts";
import { memberNode, ownNode } from "./places.ts";

/** The leaf that a member spends on: its own, else that of the nearest sponsor that has one, else the guests'; undefined where that is not there. */
export function seatOf(
  nodes: { get(id: string): ShareNode | undefined },
  { member, sponsors }: { readonly member: string; readonly sponsors: readonly string[] },
): ShareNode | undefined {
  const own = leafAt(nodes, member);
  if (own !== undefined) return own;
  for (const sponsor of sponsors) {
    const leaf = leafAt(nodes, sponsor);
    if (leaf !== undefined) return leaf;
  }
  return nodes.get(guestsId);
}

function leafAt(
  nodes: { get(id: string): ShareNode | undefined },
  member: string,
): ShareNode | undefined {
  const node = nodes.get(memberNode(member));
  if (node?.isPresent !== true) return undefined;
  return node.isLeaf ? node : nodes.get(ownNode(member));
}
