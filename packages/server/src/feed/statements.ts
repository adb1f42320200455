/** Every SQL statement of those who read all workspaces, one named constant each. */

/** `$1` consumer, `$2` since, `$3` now. Answers nothing where it is there already. */
export const addConsumerSql = `
INSERT INTO feed_consumers (consumer, since_ms, created_at_ms)
VALUES ($1, $2, $3)
ON CONFLICT (consumer) DO NOTHING`;

/** `$1` consumer. */
export const readConsumerSql = `
SELECT since_ms, created_at_ms
FROM feed_consumers
WHERE consumer = $1`;

/** `$1` consumer. */
export const removeConsumerSql = `
DELETE FROM feed_consumers
WHERE consumer = $1
RETURNING consumer`;

/** `$1` consumer, `$2` workspaces. */
export const removePlacesSql = `
DELETE FROM feed_places
WHERE workspace_id = ANY ($2::text[]) AND consumer = $1`;

/** Workspaces after `$2`, `$3` at a time, in which consumer `$1` has a place. */
export const placesSql = `
SELECT workspace_id
FROM feed_places
WHERE workspace_id > $2 AND consumer = $1
ORDER BY workspace_id
LIMIT $3`;

/**
 * Workspaces after `$2`, `$4` at a time, of which consumer `$1` has not had all, with its place; `$3` the instant from which it reads where it has none.
 * A head that is another one counts also where it is short of the place: rows were lost.
 */
export const behindSql = `
SELECT h.workspace_id, p.seq, p.idx, p.hash
FROM heads h
LEFT JOIN feed_places p ON p.workspace_id = h.workspace_id AND p.consumer = $1
WHERE h.workspace_id > $2
  AND CASE WHEN p.workspace_id IS NULL THEN h.at_ms >= $3::bigint
    ELSE NOT p.is_row_done OR h.seq <> p.seq OR substr(encode(h.hash, 'hex'), 1, 8) <> p.hash END
ORDER BY h.workspace_id
LIMIT $4`;

/** The last row of workspace `$1` before instant `$2`. */
export const rowBeforeSql = `
SELECT seq, substr(encode(hash, 'hex'), 1, 8) AS hash
FROM journal
WHERE workspace_id = $1 AND at_ms < $2
ORDER BY seq DESC
LIMIT 1`;

/** Place of consumer `$2` in workspace `$1`. */
export const placeSql = `
SELECT seq, idx, hash
FROM feed_places
WHERE workspace_id = $1 AND consumer = $2`;

/**
 * Moves the place of `$1`, `$2` on to `$3` seq, `$4` index, `$5` hash, `$6` whether its row is done; back only where `$7` says so.
 * Answers nothing where it moved nothing.
 */
export const moveSql = `
INSERT INTO feed_places AS p (workspace_id, consumer, seq, idx, hash, is_row_done)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, consumer) DO UPDATE
  SET seq = excluded.seq, idx = excluded.idx, hash = excluded.hash, is_row_done = excluded.is_row_done
  WHERE excluded.seq > p.seq OR (excluded.seq = p.seq AND excluded.idx >= p.idx) OR $7::boolean
RETURNING workspace_id`;
