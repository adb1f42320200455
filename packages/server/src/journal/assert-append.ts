/** Owns what a caller of `append` must have got right before a store is asked; a breach is a bug, not a fault. */
import { genesisHash } from "./chain.ts";
import type { Append } from "./port.ts";

/** Throws unless the appends are of different workspaces and each row and op follows from its expected head (J3). */
export function assertAppends(appends: readonly Append[]): void {
  const workspaces = new Set<string>();
  for (const { expected, row, ops } of appends) {
    const place = `${row.workspaceId}/${row.seq}`;
    if (workspaces.has(row.workspaceId)) throw new Error(`${place} is appended twice in one call.`);
    workspaces.add(row.workspaceId);
    if (row.seq !== expected.seq + 1 || row.prevHash !== expected.hash)
      throw new Error(`${place} does not follow the expected head ${expected.seq}.`);
    if (expected.seq === 0 && expected.hash !== genesisHash)
      throw new Error(`${place} follows a head that is not the genesis.`);
    if (ops.some((op) => op.seq !== row.seq))
      throw new Error(`An op of ${place} names another row.`);
    if (new Set(ops.map((op) => op.opId)).size < ops.length)
      throw new Error(`A key is accepted twice in ${place}.`);
  }
}
