import type { Pool } from "pg";
import type { Head } from "../port.ts";

/** `$1` workspaces. */
const headsSql = `
SELECT workspace_id, seq, encode(hash, 'hex') AS hash
FROM heads
WHERE workspace_id = ANY ($1::text[])`;

/** The heads of these workspaces as of one moment; one without a journal is left out. */
export async function headsOf(
  pool: Pool,
  workspaceIds: readonly string[],
): Promise<ReadonlyMap<string, Head>> {
  const { rows } = await pool.query<HeadColumns>(headsSql, [workspaceIds]);
  return new Map(rows.map(({ workspace_id: id, seq, hash }) => [id, { seq: Number(seq), hash }]));
}

interface HeadColumns {
  readonly workspace_id: string;
  readonly seq: string;
  readonly hash: string;
}
