/** Every SQL statement of recommending, one named constant each. */

/** Workspaces after `$2` that are to be looked at by `$1`, or never were, `$3` at a time. */
export const toLookAtSql = `
SELECT h.workspace_id
FROM heads h
LEFT JOIN replay_looks l ON l.workspace_id = h.workspace_id
WHERE h.workspace_id > $2 AND (l.look_at_ms IS NULL OR l.look_at_ms <= $1)
ORDER BY h.workspace_id
LIMIT $3`;

/** Takes `$1` for a while, up to `$3`, where it is to be looked at by `$2`; where another node has it, nothing. */
export const takeSql = `
INSERT INTO replay_looks AS l (workspace_id, look_at_ms, replayed_to_ms)
VALUES ($1, $3, 0)
ON CONFLICT (workspace_id) DO UPDATE SET look_at_ms = excluded.look_at_ms WHERE l.look_at_ms <= $2
RETURNING l.replayed_to_ms`;

/** `$1` is looked at next at `$2`; all before `$3` was replayed. */
export const lookedSql = `
UPDATE replay_looks
SET look_at_ms = $2, replayed_to_ms = greatest(replayed_to_ms, $3)
WHERE workspace_id = $1`;
