/**
 * Every SQL statement of the journal, one named constant each. They run as prepared statements under their names.
 *
 * S1 each names `workspace_id` for every table that it touches. S2 each is written whole (no text is put in), so that the test
 * of portable SQL reads what the database reads. S3 tables are changed at most once a statement, as distributed engines ask.
 * S4 every table is reached through its key, whatever the statistics say.
 */

/**
 * Parameters: per row `$1` workspace, `$2` seq, `$3` batch, `$4` previous hashes and `$5` hashes (32 bytes a row, end to end),
 * `$6` at, `$7` writer, `$8` codec, `$9` events; per key `$10` its row (from 1), `$11` op id, `$12` fingerprints, `$13` index;
 * per watched key `$14` its row, `$15` op id; `$16` whether to look for accepted keys first.
 *
 * Answers only what is out of the ordinary: `fenced` and `duplicate` rows, and the watched keys that were `seen`. The
 * compare-and-set `ON CONFLICT ... WHERE` is J1, all else joins what it let through; the look at `heads` before it spares the
 * lock where the race is lost already, and lets only a first row make a head. Rows are taken in the order of their workspaces,
 * so that two nodes never wait for one another in a ring. `LIMIT 1` and the scalar subquery keep the planner from reading a
 * whole table for all keys at once, which on a small one looks cheaper and then stays.
 */
export const appendSql = `
WITH input AS (
  SELECT workspace_id, seq, batch_id, at_ms, writer, codec, events, n,
    substr($4::bytea, (32 * n - 31)::integer, 32) AS prev_hash,
    substr($5::bytea, (32 * n - 31)::integer, 32) AS hash
  FROM unnest($1::text[], $2::bigint[], $3::text[], $6::bigint[], $7::text[], $8::integer[], $9::text[])
    WITH ORDINALITY AS t (workspace_id, seq, batch_id, at_ms, writer, codec, events, n)
),
key AS (
  SELECT row_n, op_id, idx, substr($12::bytea, (32 * n - 31)::integer, 32) AS fingerprint
  FROM unnest($10::bigint[], $11::text[], $13::integer[]) WITH ORDINALITY AS t (row_n, op_id, idx, n)
),
duplicate AS (
  SELECT DISTINCT i.n
  FROM input i
  JOIN key k ON k.row_n = i.n
  CROSS JOIN LATERAL (
    SELECT 1 FROM ops o WHERE o.workspace_id = i.workspace_id AND o.op_id = k.op_id LIMIT 1
  ) AS accepted
  WHERE $16::boolean
),
advanced AS (
  INSERT INTO heads AS h (workspace_id, seq, hash, prev_hash, at_ms)
  SELECT i.workspace_id, i.seq, i.hash, i.prev_hash, i.at_ms
  FROM input i
  WHERE i.seq - 1 = coalesce((SELECT x.seq FROM heads x WHERE x.workspace_id = i.workspace_id), 0)
    AND NOT EXISTS (SELECT 1 FROM duplicate d WHERE d.n = i.n)
  ORDER BY i.workspace_id
  ON CONFLICT (workspace_id) DO UPDATE
    SET seq = excluded.seq, hash = excluded.hash, prev_hash = excluded.prev_hash, at_ms = excluded.at_ms
    WHERE h.seq = excluded.seq - 1 AND h.hash = excluded.prev_hash
  RETURNING h.workspace_id
),
written AS (
  INSERT INTO journal (workspace_id, seq, batch_id, prev_hash, hash, at_ms, writer, codec, events)
  SELECT i.workspace_id, i.seq, i.batch_id, i.prev_hash, i.hash, i.at_ms, i.writer, i.codec, i.events
  FROM advanced a
  JOIN input i ON i.workspace_id = a.workspace_id
),
keyed AS (
  INSERT INTO ops (workspace_id, op_id, fingerprint, seq, idx)
  SELECT i.workspace_id, k.op_id, k.fingerprint, i.seq, k.idx
  FROM advanced a
  JOIN input i ON i.workspace_id = a.workspace_id
  JOIN key k ON k.row_n = i.n
)
SELECT i.n, CASE WHEN EXISTS (SELECT 1 FROM duplicate d WHERE d.n = i.n) THEN 'duplicate' ELSE 'fenced' END AS kind,
  NULL AS op_id, NULL AS fingerprint, NULL AS seq, NULL AS idx
FROM input i
WHERE NOT EXISTS (SELECT 1 FROM advanced a WHERE a.workspace_id = i.workspace_id)
UNION ALL
SELECT i.n, 'seen', accepted.op_id, encode(accepted.fingerprint, 'hex'), accepted.seq, accepted.idx
FROM unnest($14::bigint[], $15::text[]) AS w (row_n, op_id)
JOIN input i ON i.n = w.row_n
CROSS JOIN LATERAL (
  SELECT op_id, fingerprint, seq, idx
  FROM ops o
  WHERE o.workspace_id = i.workspace_id AND o.op_id = w.op_id
  LIMIT 1
) AS accepted`;

/**
 * The append that is nearly all of them: one row, not the first, whose keys are new and of which none is watched. It keeps J1 and
 * J2 as `appendSql` does, at two thirds of the server's time. `$1` workspace, `$2` seq, `$3` batch, `$4` previous hash, `$5` hash,
 * `$6` at, `$7` writer, `$8` codec, `$9` events, `$10` op ids, `$11` their fingerprints (32 bytes each, end to end), `$12` their
 * indexes. Answers one row when it was written, none when it was fenced.
 */
export const appendOneSql = `
WITH advanced AS (
  UPDATE heads
  SET seq = $2::bigint, hash = $5::bytea, prev_hash = $4::bytea, at_ms = $6::bigint
  WHERE workspace_id = $1 AND seq = $2::bigint - 1 AND hash = $4::bytea
  RETURNING workspace_id
),
written AS (
  INSERT INTO journal (workspace_id, seq, batch_id, prev_hash, hash, at_ms, writer, codec, events)
  SELECT a.workspace_id, $2::bigint, $3::text, $4::bytea, $5::bytea, $6::bigint, $7::text, $8::integer, $9::text
  FROM advanced a
),
keyed AS (
  INSERT INTO ops (workspace_id, op_id, fingerprint, seq, idx)
  SELECT a.workspace_id, k.op_id, substr($11::bytea, (32 * k.n - 31)::integer, 32), $2::bigint, k.idx
  FROM advanced a
  CROSS JOIN unnest($10::text[], $12::integer[]) WITH ORDINALITY AS k (op_id, idx, n)
)
SELECT workspace_id FROM advanced`;

/** `$1` workspace, `$2` op ids. One row of kind `head`, if there is one, and one a key. */
export const readHeadSql = `
SELECT 'head' AS kind, NULL AS op_id, encode(hash, 'hex') AS digest, seq, NULL AS idx
FROM heads
WHERE workspace_id = $1
UNION ALL
SELECT 'op', op_id, encode(fingerprint, 'hex'), seq, idx
FROM ops
WHERE workspace_id = $1 AND op_id = ANY ($2::text[])`;

/** `$1` workspace, `$2` after this seq, `$3` rows at most, `$4` bytes of events at most (but always the first row). */
export const readRowsSql = `
WITH page AS (
  SELECT *, sum(octet_length(events)) OVER (ORDER BY seq) AS bytes
  FROM (
    SELECT * FROM journal WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
  ) AS candidate
)
SELECT seq, encode(hash, 'hex'), codec, events, batch_id, encode(prev_hash, 'hex'), at_ms, writer
FROM page
WHERE bytes <= $4 OR seq = $2::bigint + 1
ORDER BY seq`;

/**
 * `$1` workspace, `$2` rows at most, `$3` bytes of events at most. Rows of kind `head` and `manifest`, one each if there is
 * one, and `row`; all columns but the kind stand as in `readRowsSql`, with a manifest's pages in the place of events.
 */
export const readColdSql = `
WITH head AS (
  SELECT seq, hash FROM heads WHERE workspace_id = $1
),
manifest AS (
  SELECT seq, hash, codec, pages
  FROM snapshots
  WHERE workspace_id = $1 AND seq <= (SELECT seq FROM head)
  ORDER BY seq DESC
  LIMIT 1
),
base AS (
  SELECT coalesce((SELECT seq FROM manifest), 0) AS seq
),
page AS (
  SELECT *, sum(octet_length(events)) OVER (ORDER BY seq) AS bytes
  FROM (
    SELECT * FROM journal WHERE workspace_id = $1 AND seq > (SELECT seq FROM base) ORDER BY seq LIMIT $2
  ) AS candidate
)
SELECT 'head' AS kind, seq, encode(hash, 'hex'), NULL::integer AS codec, NULL AS body,
  NULL AS batch_id, NULL AS prev_hash, NULL::bigint AS at_ms, NULL AS writer
FROM head
UNION ALL
SELECT 'manifest', seq, encode(hash, 'hex'), codec, pages, NULL, NULL, NULL::bigint, NULL
FROM manifest
UNION ALL
SELECT 'row', seq, encode(hash, 'hex'), codec, events, batch_id, encode(prev_hash, 'hex'), at_ms, writer
FROM page
WHERE bytes <= $3 OR seq = (SELECT seq FROM base) + 1
ORDER BY kind, seq`;

/** `$1` workspace. Newest first. */
export const readManifestsSql = `
SELECT seq, encode(hash, 'hex'), codec, pages
FROM snapshots
WHERE workspace_id = $1
ORDER BY seq DESC`;

/** `$1` workspace, `$2` page names, `$3` the seq of each. */
export const readPagesSql = `
SELECT p.page, p.hash, p.body
FROM unnest($2::text[], $3::bigint[]) AS named (page, seq)
JOIN snapshot_pages p ON p.workspace_id = $1 AND p.page = named.page AND p.seq = named.seq`;

/**
 * `$1` workspace, `$2` seq, `$3` hash, `$4` codec, `$5` pages as JSON; `$6` names and `$7` seqs of the pages that must be there
 * already; `$8` names, `$9` hashes and `$10` bodies of the changed pages. Answers a page that is gone; then nothing was written.
 */
export const writeSnapshotSql = `
WITH missing AS (
  SELECT named.page
  FROM unnest($6::text[], $7::bigint[]) AS named (page, seq)
  WHERE NOT EXISTS (
    SELECT 1 FROM snapshot_pages p WHERE p.workspace_id = $1 AND p.page = named.page AND p.seq = named.seq
  )
),
manifest AS (
  INSERT INTO snapshots (workspace_id, seq, hash, codec, pages)
  SELECT $1, $2::bigint, $3::bytea, $4::integer, $5::text
  WHERE NOT EXISTS (SELECT 1 FROM missing)
  ON CONFLICT (workspace_id, seq) DO UPDATE
    SET hash = excluded.hash, codec = excluded.codec, pages = excluded.pages
  RETURNING workspace_id, seq
),
changed AS (
  INSERT INTO snapshot_pages (workspace_id, page, seq, hash, body)
  SELECT m.workspace_id, c.page, m.seq, c.hash, c.body
  FROM manifest m
  CROSS JOIN unnest($8::text[], $9::text[], $10::text[]) AS c (page, hash, body)
  ON CONFLICT (workspace_id, page, seq) DO UPDATE SET hash = excluded.hash, body = excluded.body
)
SELECT page FROM missing LIMIT 1`;

/** `$1` workspace. Keeps the two newest manifests. */
export const dropManifestsSql = `
DELETE FROM snapshots
WHERE workspace_id = $1
  AND seq NOT IN (SELECT seq FROM snapshots WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 2)`;

/** `$1` workspace. Drops page versions that no manifest names. */
export const dropPagesSql = `
DELETE FROM snapshot_pages
WHERE workspace_id = $1
  AND (page, seq) NOT IN (
    SELECT named.key, (named.value ->> 'seq')::bigint
    FROM snapshots s
    CROSS JOIN json_each(s.pages::json) AS named (key, value)
    WHERE s.workspace_id = $1
  )`;

/**
 * Plans are made once a connection. Without this the planner plans an append anew each time (150 microseconds), and may keep a
 * plan made for an empty table that reads all of `ops`.
 */
export const tuneSessionSql = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";
