import type { Pool } from "pg";

/** A page of workspaces in the order of their ids: $1 the last one seen, $2 how many. It stands apart from the journal's statements, since it asks for no workspace. */
const workspacesPageSql = `
SELECT workspace_id
FROM heads
WHERE workspace_id > $1
ORDER BY workspace_id
LIMIT $2`;

const pageSize = 1_000;

/** Every workspace that has a journal, in the order of their ids, after `last`; those that are made meanwhile may be left out. */
export async function* workspaceIds(pool: Pool, last = ""): AsyncGenerator<string> {
  let seen = last;
  for (;;) {
    const { rows } = await pool.query<{ workspace_id: string }>(workspacesPageSql, [
      seen,
      pageSize,
    ]);
    for (const { workspace_id: id } of rows) yield id;
    seen = rows.at(-1)?.workspace_id ?? seen;
    if (rows.length < pageSize) return;
  }
}
