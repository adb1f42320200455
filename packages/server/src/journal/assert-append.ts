/** Owns what a caller of `append` must have got right before a store is asked; a breach is a bug, not a fault. */
import { genesisHash } from "./chain.ts";
import type { Append } from "./port.ts";

/** Throws unless the appends are of different workspaces, and each row and op follows from its expected head (J3). */
export function assertAppends(appends: readonly Append[]): void {
  const workspaces = new Set<string>();
  for (const { expected, row, ops } of appends) {
    if (row.seq !== expected.seq + 1 || row.prevHash !== expected.hash)
      throw new Error(`${placeOf(row)} does not follow the expected head ${expected.seq}.`);
    if (expected.seq === 0 && expected.hash !== genesisHash)
      throw new Error(`${placeOf(row)} follows a head that is not the genesis.`);
    for (const op of ops)
      if (op.seq !== row.seq) throw new Error(`An op of ${placeOf(row)} names another row.`);
    if (appends.length > 1) {
      if (workspaces.has(row.workspaceId))
        throw new Error(`${placeOf(row)} is appended twice in one call.`);
      workspaces.add(row.workspaceId);
    }
  }
}

/** Throws unless the keys of each append differ. Apart from `assertAppends`, since it costs as much as all of that. */
export function assertKeysDiffer(appends: readonly Append[]): void {
  for (const { row, ops } of appends)
    if (new Set(ops.map((op) => op.opId)).size < ops.length)
      throw new Error(`A key is accepted twice in ${placeOf(row)}.`);
}

function placeOf({ workspaceId, seq }: Append["row"]): string {
  return `${workspaceId}/${seq}`;
}
