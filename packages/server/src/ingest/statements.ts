/** Every SQL statement of the part, one named constant each. */

/**
 * Keeps observations of workspace `$1`, `$2`-`$14` by column. One that is kept stays as it is, but that it is told what becomes of it where
 * nothing was charged for it so far.
 */
export const keepSql = `
INSERT INTO observations AS o (workspace_id, trace_id, span_id, parent_span_id, ended_at_ms, operation, provider, model, member, run, response, usage, fate, told_by)
SELECT $1, r.trace_id, r.span_id, r.parent_span_id, r.ended_at_ms, r.operation, r.provider, r.model, r.member, r.run, r.response, r.usage, r.fate, r.told_by
FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
  AS r (trace_id, span_id, parent_span_id, ended_at_ms, operation, provider, model, member, run, response, usage, fate, told_by)
ORDER BY r.trace_id, r.span_id
ON CONFLICT (workspace_id, trace_id, span_id) DO UPDATE
  SET fate = excluded.fate, told_by = excluded.told_by
  WHERE excluded.fate IS NOT NULL AND (o.fate IS NULL OR o.fate = 'refused')`;

/** What was charged, or was not, of spans of workspace `$1` that are being told: `$2` traces, `$3` spans, `$4` debits. */
export const chargedSql = `
UPDATE observations o
SET debit = r.debit, fate = CASE WHEN r.debit IS NULL THEN 'refused' ELSE 'charged' END
FROM unnest($2::text[], $3::text[], $4::text[]) AS r (trace_id, span_id, debit)
WHERE o.workspace_id = $1 AND o.trace_id = r.trace_id AND o.span_id = r.span_id AND o.fate IN ('charging', 'refused')`;

/** Why a span of workspace `$1` is not charged after all: `$2` trace, `$3` span, `$4` fate, `$5` the settlement that tells it, `$6` debit, `$7` refund. */
export const givenBackSql = `
UPDATE observations
SET fate = $4, told_by = $5, debit = $6, refund = $7
WHERE workspace_id = $1 AND trace_id = $2 AND span_id = $3`;

/** Those of these spans of workspace `$1` (`$2` traces, `$3` spans) that are charged, or may be. */
export const chargeableSql = `
SELECT o.trace_id, o.span_id, o.member, o.debit
FROM unnest($2::text[], $3::text[]) AS a (trace_id, span_id)
JOIN observations o ON o.trace_id = a.trace_id AND o.span_id = a.span_id
WHERE o.workspace_id = $1 AND o.fate IN ('charging', 'charged')`;

/** Those of workspace `$1` that tell the answer `$2` and ended from `$3` to `$4`. */
export const chargeableOfSql = `
SELECT o.trace_id, o.span_id, o.member, o.debit
FROM observations o
WHERE o.workspace_id = $1 AND o.response = $2 AND o.ended_at_ms >= $3 AND o.ended_at_ms <= $4 AND o.fate IN ('charging', 'charged')`;

/** What was settled of the answers `$2` in workspace `$1` from `$3` to `$4`, but for what spans were charged with. */
export const settledNearSql = `
SELECT u.response, u.id, u.occurred_at_ms
FROM usage_rows u
WHERE u.workspace_id = $1 AND u.response = ANY($2::text[]) AND u.occurred_at_ms >= $3 AND u.occurred_at_ms <= $4
  AND NOT EXISTS (SELECT 1 FROM observations o WHERE o.workspace_id = u.workspace_id AND o.response = u.response AND o.debit = u.id)
ORDER BY u.seq, u.idx`;

/** Says of spans of workspace `$1` what they lie within: `$2` traces, `$3` spans, `$4` parents, `$5` instants. */
export const linkSql = `
INSERT INTO span_links AS l (workspace_id, trace_id, span_id, parent_span_id, is_around, at_ms)
SELECT $1, r.trace_id, r.span_id, r.parent_span_id, false, r.at_ms
FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS r (trace_id, span_id, parent_span_id, at_ms)
ORDER BY r.trace_id, r.span_id
ON CONFLICT (workspace_id, trace_id, span_id) DO UPDATE
  SET parent_span_id = excluded.parent_span_id
  WHERE l.parent_span_id IS NULL`;

/** Says of spans of workspace `$1` that a call lies within them: `$2` traces, `$3` spans, `$4` when it was. */
export const markAroundSql = `
INSERT INTO span_links AS l (workspace_id, trace_id, span_id, parent_span_id, is_around, at_ms)
SELECT $1, r.trace_id, r.span_id, NULL, true, $4::bigint
FROM unnest($2::text[], $3::text[]) AS r (trace_id, span_id)
ORDER BY r.trace_id, r.span_id
ON CONFLICT (workspace_id, trace_id, span_id) DO UPDATE
  SET is_around = true
  WHERE NOT l.is_around`;

/** Which of these spans of workspace `$1` (`$2` traces, `$3` spans) a call lies within. */
export const aroundSql = `
SELECT l.trace_id, l.span_id
FROM unnest($2::text[], $3::text[]) AS a (trace_id, span_id)
JOIN span_links l ON l.trace_id = a.trace_id AND l.span_id = a.span_id
WHERE l.workspace_id = $1 AND l.is_around`;

/** Who lies within whom, from these spans of workspace `$1` (`$2` traces, `$3` spans) outwards. */
export const outwardsSql = `
WITH RECURSIVE outwards AS (
  SELECT l.trace_id, l.span_id, l.parent_span_id
  FROM unnest($2::text[], $3::text[]) AS a (trace_id, span_id)
  JOIN span_links l ON l.trace_id = a.trace_id AND l.span_id = a.span_id
  WHERE l.workspace_id = $1
  UNION
  SELECT l.trace_id, l.span_id, l.parent_span_id
  FROM outwards o
  JOIN span_links l ON l.trace_id = o.trace_id AND l.span_id = o.parent_span_id
  WHERE l.workspace_id = $1
)
SELECT trace_id, span_id, parent_span_id FROM outwards WHERE parent_span_id IS NOT NULL`;

/** Workspaces after `$1` with something that is older than `$2`, `$3` at a time. */
export const withOldSql = `
SELECT h.workspace_id
FROM heads h
WHERE h.workspace_id > $1
  AND (EXISTS (SELECT 1 FROM observations o WHERE o.workspace_id = h.workspace_id AND o.ended_at_ms < $2)
    OR EXISTS (SELECT 1 FROM span_links l WHERE l.workspace_id = h.workspace_id AND l.at_ms < $2))
ORDER BY h.workspace_id
LIMIT $3`;

/** Forgets `$3` observations of workspace `$1` of before `$2`, the oldest first. */
export const forgetObservationsSql = `
DELETE FROM observations
WHERE workspace_id = $1 AND (trace_id, span_id) IN (
  SELECT o.trace_id, o.span_id FROM observations o WHERE o.workspace_id = $1 AND o.ended_at_ms < $2 ORDER BY o.ended_at_ms LIMIT $3
)
RETURNING span_id`;

/** The same of links. */
export const forgetLinksSql = `
DELETE FROM span_links
WHERE workspace_id = $1 AND (trace_id, span_id) IN (
  SELECT l.trace_id, l.span_id FROM span_links l WHERE l.workspace_id = $1 AND l.at_ms < $2 ORDER BY l.at_ms LIMIT $3
)
RETURNING span_id`;

/**
 * Observations of workspace `$1` that ended from `$2` to before `$3`, after the place `$4`, `$5`, `$6`, `$7` at a time. Those that another lies
 * within which tells usage are left out: what they say is said there.
 */
export const observedSql = `
SELECT o.trace_id, o.span_id, o.ended_at_ms, o.operation, o.model, o.member, o.response, o.usage,
  o.debit IS NOT NULL AND o.refund IS NULL AS is_debited
FROM observations o
WHERE o.workspace_id = $1 AND (o.fate IS NULL OR o.fate <> 'around') AND o.ended_at_ms >= $2 AND o.ended_at_ms < $3
  AND (o.ended_at_ms, o.trace_id, o.span_id) > ($4::bigint, $5::text, $6::text)
  AND NOT EXISTS (SELECT 1 FROM observations c WHERE c.workspace_id = o.workspace_id AND c.trace_id = o.trace_id AND c.parent_span_id = o.span_id AND c.usage IS NOT NULL)
ORDER BY o.ended_at_ms, o.trace_id, o.span_id
LIMIT $7`;

/** What was settled in workspace `$1` of the answers `$2`: all parts of a settlement, whichever of them says the answer. What spans were charged with and given back is left out. */
export const settledOfSql = `
SELECT s.response, u.id, u.credits, u.detail
FROM (SELECT DISTINCT r.workspace_id, r.id, r.response FROM usage_rows r WHERE r.workspace_id = $1 AND r.response = ANY($2::text[])) s
JOIN hold_mentions m ON m.workspace_id = s.workspace_id AND m.hold_id = s.id
JOIN usage_rows u ON u.workspace_id = m.workspace_id AND u.seq = m.seq AND u.id = s.id
WHERE m.workspace_id = $1 AND u.workspace_id = $1
  AND NOT EXISTS (SELECT 1 FROM observations o WHERE o.workspace_id = $1 AND o.response = s.response AND o.debit = u.id AND o.fate <> 'charged')
ORDER BY u.seq, u.idx`;

/** Settlements of workspace `$1` of a model from `$2` to before `$3`, after the place `$4`, `$5`, `$6`, `$7` at a time, each with whether somebody saw it. */
export const settledInSpanSql = `
SELECT u.seq, u.idx, u.id, u.occurred_at_ms, u.member, u.meter, u.model, u.response, u.credits, u.detail,
  EXISTS (SELECT 1 FROM observations o WHERE o.workspace_id = u.workspace_id AND o.response = u.response) AS is_observed
FROM usage_rows u
WHERE u.workspace_id = $1 AND u.occurred_at_ms >= $2 AND u.occurred_at_ms < $3 AND u.model IS NOT NULL
  AND (u.occurred_at_ms, u.seq, u.idx) > ($4::bigint, $5::bigint, $6::integer)
ORDER BY u.occurred_at_ms, u.seq, u.idx
LIMIT $7`;
