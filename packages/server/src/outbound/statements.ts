/** Every SQL statement of the cursors, one named constant each. Those of webhooks stand beside them in `webhooks/`. */

/**
 * Workspaces after `$3`, `$4` at a time, of which consumer `$1` has not had all; `$2` the instant from which it reads where it has no place, `$5` these
 * workspaces alone, or null. A head that is another one counts also where it is short of the place: rows were lost. With each, when it is due, how
 * many rows are left and the instant of the oldest of them.
 */
export const behindSql = `
SELECT h.workspace_id,
  coalesce(c.next_at_ms, 0) AS next_at_ms,
  coalesce(c.claimed_until_ms, 0) AS claimed_until_ms,
  CASE WHEN c.workspace_id IS NULL AND $2::bigint > 0 THEN 1 ELSE greatest(1, h.seq - coalesce(c.seq, 0)) END AS rows_behind,
  coalesce((SELECT j.at_ms FROM journal j WHERE j.workspace_id = h.workspace_id AND j.seq = c.seq + 1), h.at_ms) AS oldest_at_ms
FROM heads h
LEFT JOIN outbound_cursors c ON c.workspace_id = h.workspace_id AND c.consumer = $1
WHERE h.workspace_id > $3
  AND ($5::text[] IS NULL OR h.workspace_id = ANY($5::text[]))
  AND CASE WHEN c.workspace_id IS NULL THEN h.at_ms >= $2::bigint
    ELSE c.from_ms >= 0 OR NOT c.is_row_done OR h.seq <> c.seq OR substr(encode(h.hash, 'hex'), 1, 8) <> c.hash END
ORDER BY h.workspace_id
LIMIT $4`;

/** Claims workspace `$1` for consumer `$2` and node `$3`, from `$4` (now) until `$5`; where there is no place yet, it begins at instant `$6`. Nothing where another has it, or it is not due. */
export const claimSql = `
INSERT INTO outbound_cursors AS c
  (workspace_id, consumer, seq, idx, hash, trail, is_row_done, from_ms, claimed_by, claimed_until_ms, next_at_ms, failures)
VALUES ($1, $2, 0, 0, '', '', FALSE, CASE WHEN $6::bigint > 0 THEN $6::bigint ELSE -1 END, $3, $5, 0, 0)
ON CONFLICT (workspace_id, consumer) DO UPDATE
  SET claimed_by = excluded.claimed_by, claimed_until_ms = excluded.claimed_until_ms
  WHERE c.claimed_until_ms <= $4::bigint AND c.next_at_ms <= $4::bigint
RETURNING c.seq, c.idx, c.hash, c.trail, c.from_ms, c.failures`;

/** Moves the place of `$1`, `$2` on under the claim of `$3`, which lasts until `$4`: `$5` seq, `$6` index, `$7` hash, `$8` trail. `$9` the `from_ms` that was read: nothing where somebody asked for a replay since. */
export const advanceSql = `
UPDATE outbound_cursors
SET seq = $5, idx = $6, hash = $7, trail = $8, is_row_done = FALSE, from_ms = -1, claimed_until_ms = $4, next_at_ms = 0, failures = 0
WHERE workspace_id = $1 AND consumer = $2 AND claimed_by = $3 AND claimed_until_ms > 0 AND from_ms = $9
RETURNING workspace_id`;

/** Ends the claim of `$3` on `$1`, `$2`; `$4`: its row has nothing more. Tells whether the journal has gone on meanwhile. */
export const releaseSql = `
UPDATE outbound_cursors c
SET claimed_until_ms = 0, is_row_done = $4
WHERE c.workspace_id = $1 AND c.consumer = $2 AND c.claimed_by = $3 AND c.claimed_until_ms > 0
RETURNING c.from_ms >= 0 OR EXISTS (SELECT 1 FROM heads h WHERE h.workspace_id = $1 AND h.seq > c.seq) AS is_behind`;

/** Ends the claim of `$3` on `$1`, `$2` after a failure; to be tried again at `$4`. */
export const failedSql = `
UPDATE outbound_cursors
SET claimed_until_ms = 0, next_at_ms = $4, failures = failures + 1
WHERE workspace_id = $1 AND consumer = $2 AND claimed_by = $3 AND claimed_until_ms > 0`;

/** The last row of workspace `$1` before instant `$2`. Read from the newest back: as many rows as are to be read again anyway. */
export const rowBeforeSql = `
SELECT seq, substr(encode(hash, 'hex'), 1, 8) AS hash
FROM journal
WHERE workspace_id = $1 AND at_ms < $2
ORDER BY seq DESC
LIMIT 1`;

/** Workspaces after `$2`, `$3` at a time, in which consumer `$1` has a place. */
export const placesSql = `
SELECT workspace_id
FROM outbound_cursors
WHERE workspace_id > $2 AND consumer = $1
ORDER BY workspace_id
LIMIT $3`;

/**
 * Has consumer `$1` read those of these workspaces (`$2`) that have something since instant `$3` from there again, or from where it stands if that is
 * earlier: one that stands at the beginning stays.
 */
export const replaySql = `
INSERT INTO outbound_cursors AS c
  (workspace_id, consumer, seq, idx, hash, trail, is_row_done, from_ms, claimed_by, claimed_until_ms, next_at_ms, failures)
SELECT h.workspace_id, $1, 0, 0, '', '', FALSE, $3::bigint, '', 0, 0, 0
FROM heads h
WHERE h.workspace_id = ANY($2::text[]) AND h.at_ms >= $3::bigint
ORDER BY h.workspace_id
ON CONFLICT (workspace_id, consumer) DO UPDATE
  SET from_ms = CASE WHEN c.from_ms >= 0 THEN least(c.from_ms, excluded.from_ms) WHEN c.seq = 0 THEN -1 ELSE excluded.from_ms END,
    next_at_ms = 0, failures = 0`;

/** Workspaces after `$1`, `$2` at a time. */
export const workspacesSql = `
SELECT workspace_id
FROM heads
WHERE workspace_id > $1
ORDER BY workspace_id
LIMIT $2`;

/** Has consumer `$1` try these workspaces (`$2`) at once. */
export const dueNowSql = `
UPDATE outbound_cursors
SET next_at_ms = 0, failures = 0
WHERE workspace_id = ANY($2::text[]) AND consumer = $1`;

/** Forgets the places of consumer `$1` in these workspaces (`$2`). */
export const forgetSql = `
DELETE FROM outbound_cursors
WHERE workspace_id = ANY($2::text[]) AND consumer = $1`;
