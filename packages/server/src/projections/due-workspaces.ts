/** Owns the question which workspaces have something to happen by itself. */
import type { Pool } from "pg";
import { putDueSql, workspacesDueSql } from "./statements.ts";

/** Where nothing will. */
const never = Number.MAX_SAFE_INTEGER;

/** The form in which an instant, or none (infinite), is stored. */
export const storedDue = (atMs: number): number => Math.min(atMs, never);

/** Workspaces in which something is due at an instant, or may be, a page at a time after one of them. */
export async function workspacesDue(
  pool: Pool,
  { at, after, limit }: { at: number; after: string; limit: number },
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ workspace_id: string }>(workspacesDueSql, [at, after, limit]);
  return rows.map((row) => row.workspace_id);
}

/** Says when something is due next, as the state at a row has it. Does nothing where the tables are at another row. */
export async function putDue(
  pool: Pool,
  workspaceId: string,
  { seq, nextDueAtMs }: { seq: number; nextDueAtMs: number },
): Promise<void> {
  await pool.query(putDueSql, [workspaceId, seq, storedDue(nextDueAtMs)]);
}
