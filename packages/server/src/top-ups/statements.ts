/** Every SQL statement of this part, one named constant each. */

/** Has a workspace looked at. Parameters: workspace, when. */
export const watchSql = `
INSERT INTO top_up_watch (workspace_id, look_at_ms) VALUES ($1, $2)
ON CONFLICT (workspace_id) DO UPDATE SET look_at_ms = excluded.look_at_ms`;

/** Workspaces to be looked at, in order. Parameters: the last one seen, now, how many. */
export const toLookAtSql = `
SELECT workspace_id, look_at_ms
FROM top_up_watch
WHERE workspace_id > $1 AND look_at_ms <= $2
ORDER BY workspace_id
LIMIT $3`;

/** What was said meanwhile stands. Parameters: workspace, when it was to be looked at, when it is next. */
export const lookedAtSql = `
UPDATE top_up_watch SET look_at_ms = $3
WHERE workspace_id = $1 AND look_at_ms = $2`;

/** Parameters: workspace, when it was to be looked at. */
export const unwatchSql = `
DELETE FROM top_up_watch
WHERE workspace_id = $1 AND look_at_ms = $2`;

/**
 * Takes a top-up for one call to the provider: nothing where another node has it, or it is not its time. Parameters: workspace,
 * top-up, now, until when nobody else may take it.
 */
export const takeAttemptSql = `
INSERT INTO top_up_attempts AS a (workspace_id, top_up_id, tries, next_at_ms, is_unknown) VALUES ($1, $2, 1, $4, true)
ON CONFLICT (workspace_id, top_up_id) DO UPDATE
  SET tries = a.tries + 1, next_at_ms = excluded.next_at_ms
  WHERE a.next_at_ms <= $3
RETURNING tries, is_unknown`;

/** Parameters: workspace, top-up, its try, when it may be asked again, whether the provider may never have heard of it. */
export const endAttemptSql = `
UPDATE top_up_attempts SET next_at_ms = $4, is_unknown = $5
WHERE workspace_id = $1 AND top_up_id = $2 AND tries = $3`;

/** Parameters: workspace, top-up. */
export const dropAttemptSql = `
DELETE FROM top_up_attempts
WHERE workspace_id = $1 AND top_up_id = $2`;
