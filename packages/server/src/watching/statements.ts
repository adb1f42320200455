/** Every SQL statement of the watch, one named constant each. */

/** Has workspace `$1` watched from the beginning of its journal; one that is watched stays as it is. */
export const watchSql = `
INSERT INTO watch_cursors (workspace_id, seq, told_seq, form, state)
VALUES ($1, 0, 0, $2, '')
ON CONFLICT (workspace_id) DO NOTHING`;

/** Watched workspaces after `$1` whose journal has gone on, `$2` at a time. */
export const behindSql = `
SELECT w.workspace_id
FROM watch_cursors w
JOIN heads h ON h.workspace_id = w.workspace_id
WHERE w.workspace_id > $1 AND h.seq > w.seq
ORDER BY w.workspace_id
LIMIT $2`;

/** How far workspace `$1` was taken in, and what is kept of it. */
export const cursorSql = `
SELECT seq, told_seq, form, state
FROM watch_cursors
WHERE workspace_id = $1`;

/** Rows of one kind (`$2`) and form (`$4`) of workspace `$1`, by their ids `$3`. */
export const rowsSql = `
SELECT id, state
FROM watch_rows
WHERE workspace_id = $1 AND kind = $2 AND id = ANY($3::text[]) AND form = $4`;

/**
 * Moves the cursor of `$1` from `$2` to `$3` and writes what changed; where another node moved it, nothing. `$4` told up to, `$5` form,
 * `$6` the whole; rows: `$7` kind, `$8` id, `$9` state.
 */
export const advanceSql = `
WITH moved AS (
  UPDATE watch_cursors
  SET seq = $3, told_seq = $4, form = $5, state = $6
  WHERE workspace_id = $1 AND seq = $2
  RETURNING workspace_id
),
written AS (
  INSERT INTO watch_rows (workspace_id, kind, id, form, state)
  SELECT m.workspace_id, r.kind, r.id, $5, r.state
  FROM unnest($7::text[], $8::text[], $9::text[]) AS r (kind, id, state)
  CROSS JOIN moved m
  ON CONFLICT (workspace_id, kind, id) DO UPDATE SET form = excluded.form, state = excluded.state
)
SELECT workspace_id FROM moved`;
