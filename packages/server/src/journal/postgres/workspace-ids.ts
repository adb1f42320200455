import type { Pool } from "pg";

/** A page of workspaces in the order of their ids: $1 the last one seen, $2 how many. It stands apart from the journal's statements, since it asks for no workspace. */
const workspacesPageSql = `
SELECT workspace_id
FROM heads
WHERE workspace_id > $1
ORDER BY workspace_id
LIMIT $2`;

const pageSize = 1_000;

/** So many workspaces that have a journal, in the order of their ids, after one of them. */
export async function workspacePage(
  pool: Pool,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ workspace_id: string }>(workspacesPageSql, [after, limit]);
  return rows.map((row) => row.workspace_id);
}

/** Every workspace that has a journal, in the order of their ids, after `last`; those that are made meanwhile may be left out. */
export async function* workspaceIds(pool: Pool, last = ""): AsyncGenerator<string> {
  for (let after = last; ;) {
    const page = await workspacePage(pool, after, pageSize);
    yield* page;
    after = page.at(-1) ?? after;
    if (page.length < pageSize) return;
  }
}
