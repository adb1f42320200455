/**
 * Owns a node of the tree of shares (FAIRNESS 1.6): workspace > home group > person > the person itself and what acts for it.
 *
 * G1 what is reserved at a leaf later than when its row was written is the least of the row and of its line: a line only falls while
 * nothing happens to the leaf. G2 so it is at an inner node, whose line is not below what its children have: what is above the line
 * has left upward. Tick by tick gives the same (proof in the README), and so no row is written when time passes.
 */

/** A node. Credits in micro-credits. The root, `workspace`, has no row: all that is available is reserved there. */
export interface ShareNode {
  readonly id: string;
  readonly parent: string;
  readonly isLeaf: boolean;
  /** Thousandths of a seat. */
  readonly weight: bigint;
  /** Thousandths of the workspace's reach. */
  readonly reach: number;
  /** Never fades (G_i). */
  readonly guarantee: bigint;
  /** Fair share (E_i). */
  readonly share: bigint;
  /** Top of the fading line (P_i). */
  readonly line: bigint;
  /** When the row was written. Of a leaf: its reserve (R_i); of an inner node: its pot and all below it. */
  readonly reserved: bigint;
  /** Used, open holds included (u_i). */
  readonly used: bigint;
  /** Of a leaf: all that was ever reserved for it in the period, and what of it was used. */
  readonly given: bigint;
  readonly spent: bigint;
  /** Whether it is still there; what it used stays. */
  readonly isPresent: boolean;
}

/** The id of the root. */
export const rootId = "workspace";
/** The seat that all share who have none: unregistered ids, and agents without a sponsor. */
export const guestsId = "guests";
/** Whether a node is a member's, and not a group's. */
export const isSeat = (id: string): boolean => id.startsWith("member:");
/** Thousandths of one seat. */
export const seatWeight = 1_000n;

/** What a line allows `left` ticks before the end: ceil(P (N - k) / N), and the unused part of the guarantee. */
export function lineAt(
  { line, guarantee, used }: Pick<ShareNode, "line" | "guarantee" | "used">,
  left: bigint,
  ticks: bigint,
): bigint {
  const fading = (line * left + ticks - 1n) / ticks;
  if (guarantee === 0n) return fading;
  const kept = guarantee - used;
  return kept > fading ? kept : fading;
}

/** What is reserved at a leaf (G1). */
export function leafReserve(node: ShareNode, left: bigint, ticks: bigint): bigint {
  const line = lineAt(node, left, ticks);
  return line < node.reserved ? line : node.reserved;
}

/** What an inner node has, of which its children have `below` (G2). */
export function innerReserve(node: ShareNode, below: bigint, left: bigint, ticks: bigint): bigint {
  const line = lineAt(node, left, ticks);
  const most = line > below ? line : below;
  return most < node.reserved ? most : node.reserved;
}
